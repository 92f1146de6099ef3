package namecheaptest

import (
	"encoding/xml"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

type domainList struct {
	XMLName xml.Name `xml:"DomainGetListResult"`
	Domains []listed `xml:"Domain"`
}

type listed struct {
	ID         int    `xml:"ID,attr"`
	Name       string `xml:"Name,attr"`
	User       string `xml:"User,attr"`
	Created    string `xml:"Created,attr"`
	Expires    string `xml:"Expires,attr"`
	IsExpired  bool   `xml:"IsExpired,attr"`
	IsLocked   bool   `xml:"IsLocked,attr"`
	AutoRenew  bool   `xml:"AutoRenew,attr"`
	WhoisGuard string `xml:"WhoisGuard,attr"`
	IsPremium  bool   `xml:"IsPremium,attr"`
	IsOurDNS   bool   `xml:"IsOurDNS,attr"`
}

type paging struct {
	XMLName     xml.Name `xml:"Paging"`
	TotalItems  int      `xml:"TotalItems"`
	CurrentPage int      `xml:"CurrentPage"`
	PageSize    int      `xml:"PageSize"`
}

// list is namecheap.domains.getList: pages of 10 to 100 domains, 20 unless
// asked (https://www.namecheap.com/support/api/methods/domains/get-list/).
func (a *account) list(q url.Values) (any, *refusal) {
	number := func(name string, fallback int) (int, bool) {
		if q.Get(name) == "" {
			return fallback, true
		}
		n, err := strconv.Atoi(q.Get(name))
		return n, err == nil
	}
	page, ok := number("Page", 1)
	size, ok2 := number("PageSize", 20)
	if !ok || !ok2 || page < 1 || size < 10 || size > 100 {
		return nil, refuse("2011170", "Page or PageSize is invalid")
	}
	var names []zone.Name
	for _, n := range slices.Sorted(maps.Keys(a.zones)) {
		if strings.Contains(string(n), strings.ToLower(q.Get("SearchTerm"))) {
			names = append(names, n)
		}
	}
	var out domainList
	for i := (page - 1) * size; i < min(page*size, len(names)); i++ {
		out.Domains = append(out.Domains, listed{
			ID: 1000 + i, Name: string(names[i]), User: a.User, Created: "11/22/2025", Expires: "11/22/2027",
			AutoRenew: true, WhoisGuard: "ENABLED", IsOurDNS: !a.zones[names[i]].elsewhere,
		})
	}
	return []any{out, paging{TotalItems: len(names), CurrentPage: page, PageSize: size}}, nil
}

type tldList struct {
	XMLName xml.Name `xml:"Tlds"`
	TLDs    []tld    `xml:"Tld"`
}

type tld struct {
	Name string `xml:"Name,attr"`
}

// tlds is namecheap.domains.getTldList, in no order that means anything.
func (f *Fake) tlds() any {
	var out tldList
	for _, n := range f.sold() {
		out.TLDs = append(out.TLDs, tld{Name: n})
	}
	return out
}

// sold is the TLDs that the host sells.
func (f *Fake) sold() []string {
	if f.opts.TLDs == nil {
		return []string{"com", "net", "org", "io", "studio", "uk", "co.uk", "example", "test"}
	}
	return f.opts.TLDs
}

// cutsAt reports whether a TLD is the longest one that a domain ends in.
func (f *Fake) cutsAt(domain, tld string) bool {
	longest := ""
	for _, n := range f.sold() {
		if strings.HasSuffix(domain, "."+n) && len(n) > len(longest) {
			longest = n
		}
	}
	return tld == longest
}

type serverList struct {
	XMLName        xml.Name    `xml:"DomainDNSGetListResult"`
	Domain         string      `xml:"Domain,attr"`
	IsUsingOurDNS  bool        `xml:"IsUsingOurDNS,attr"`
	IsPremiumDNS   bool        `xml:"IsPremiumDNS,attr"`
	IsUsingFreeDNS bool        `xml:"IsUsingFreeDNS,attr"`
	Nameserver     []zone.Name `xml:"Nameserver"`
}

// servers is namecheap.domains.dns.getList
// (https://www.namecheap.com/support/api/methods/domains-dns/get-list/).
func (f *Fake) servers(d *domain, _ url.Values) (any, *refusal) {
	out := serverList{Domain: string(d.apex), IsUsingOurDNS: !d.elsewhere, Nameserver: nameServers[:]}
	if d.elsewhere {
		out.Nameserver = []zone.Name{"ns1.other.example", "ns2.other.example"}
	}
	return out, nil
}

package namecheaptest

import (
	"encoding/xml"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

type hostList struct {
	XMLName       xml.Name   `xml:"DomainDNSGetHostsResult"`
	Domain        string     `xml:"Domain,attr"`
	EmailType     string     `xml:"EmailType,attr"`
	IsUsingOurDNS bool       `xml:"IsUsingOurDNS,attr"`
	Hosts         []hostItem `xml:"host"`
}

type hostItem struct {
	HostID   int    `xml:"HostId,attr"`
	Name     string `xml:"Name,attr"`
	Type     string `xml:"Type,attr"`
	Address  string `xml:"Address,attr"`
	MXPref   string `xml:"MXPref,attr"`
	TTL      string `xml:"TTL,attr"`
	App      string `xml:"AssociatedAppTitle,attr"`
	Friendly string `xml:"FriendlyName,attr"`
	Active   bool   `xml:"IsActive,attr"`
	Dynamic  bool   `xml:"IsDDNSEnabled,attr"`
}

// getHosts is namecheap.domains.dns.getHosts, in the form that the API answers
// and not the documentation: host in lower case, with EmailType and four more
// attributes (https://github.com/namecheap/go-namecheap-sdk,
// domains_dns_get_hosts.go and its issue 162).
func (f *Fake) getHosts(d *domain, _ url.Values) (any, *refusal) {
	out := hostList{Domain: string(d.apex), EmailType: d.emailType, IsUsingOurDNS: true}
	for _, h := range d.hosts {
		out.Hosts = append(out.Hosts, hostItem{
			HostID: h.ID, Name: h.Name, Type: h.Type, Address: h.Address, MXPref: h.MXPref, TTL: h.TTL,
			Friendly: h.Type + " Record", Active: h.Active, Dynamic: h.Dynamic,
		})
	}
	return out, nil
}

type setResult struct {
	XMLName   xml.Name `xml:"DomainDNSSetHostsResult"`
	Domain    string   `xml:"Domain,attr"`
	IsSuccess bool     `xml:"IsSuccess,attr"`
}

// setHosts is namecheap.domains.dns.setHosts
// (https://www.namecheap.com/support/api/methods/domains-dns/set-hosts/): all
// records that are not in the request are deleted. The list ends at the first
// number without a HostName.
func (f *Fake) setHosts(d *domain, q url.Values) (any, *refusal) {
	var hosts []host
	emailType := strings.ToUpper(q.Get("EmailType"))
	// NONE and GMAIL are not documented, and taken: go-namecheap-sdk,
	// domains_dns_set_hosts.go.
	if !slices.Contains([]string{"", "NONE", "MX", "MXE", "FWD", "OX", "GMAIL"}, emailType) {
		return nil, refuse("2011170", "EmailType is invalid")
	}
	if emailType == "" {
		emailType = "NONE"
	}
	for i := 1; q.Get("HostName"+strconv.Itoa(i)) != ""; i++ {
		h, bad := parseHost(q, strconv.Itoa(i))
		if bad != nil {
			return nil, bad
		}
		f.hostID++
		h.ID = f.hostID
		if stays(h, emailType) && !f.twice(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	// https://www.namecheap.com/support/knowledgebase/article.aspx/10058/10/namecheap-dns-limits/
	if len(hosts)+len(d.services) > 150 && len(hosts) > len(d.hosts) {
		return nil, refuse("3013288", "Too many records")
	}
	if len(hosts) == 0 { // dnscontrol, GetZoneRecords of its provider
		hosts = []host{
			{ID: f.hostID + 1, Name: "www", Type: "CNAME", Address: "parkingpage.namecheap.com.", MXPref: "10", TTL: "1800", Active: true},
			{ID: f.hostID + 2, Name: "@", Type: "URL", Address: "http://www." + string(d.apex) + "/?from=@", MXPref: "10", TTL: "1800", Active: true},
		}
		f.hostID += 2
	}
	d.hosts, d.emailType = hosts, emailType
	if f.opts.DropSRV {
		d.services = nil
	}
	f.publish(d.apex)
	return setResult{Domain: string(d.apex), IsSuccess: true}, nil
}

// stays reports whether a host of the request is stored: MX records only with
// the EmailType MX (https://github.com/billputer/go-namecheap/pull/7) or with
// those whose zones list the MX records of the mail service
// (https://github.com/namecheap/go-namecheap-sdk/issues/162). The request is a
// success without them too.
func stays(h host, emailType string) bool {
	switch h.Type {
	case "MX":
		return slices.Contains([]string{"MX", "OX", "GMAIL"}, emailType)
	case "MXE":
		return emailType == "MXE"
	}
	return true
}

// twice reports whether the host would be there twice. The sandbox takes two MX
// records at a name for the same mail server for one
// (https://github.com/namecheap/terraform-provider-namecheap,
// namecheap_domain_host_record_live_test.go).
func (f *Fake) twice(hosts []host, h host) bool {
	return slices.ContainsFunc(hosts, func(o host) bool {
		return o.Name == h.Name && o.Type == h.Type && o.Address == h.Address && (o.MXPref == h.MXPref || f.opts.OneMX)
	})
}

// parseHost reads one host. It is stored in lower case, with a final dot at a
// target and quotes around the value of a CAA record; a preference is kept for
// MX records alone and is 10 for all others (the live tests of
// terraform-provider-namecheap, and its pull request 66).
func parseHost(q url.Values, n string) (host, *refusal) {
	h := host{
		Name: strings.ToLower(strings.TrimSpace(q.Get("HostName" + n))), Type: strings.ToUpper(q.Get("RecordType" + n)),
		Address: q.Get("Address" + n), MXPref: q.Get("MXPref" + n), TTL: q.Get("TTL" + n), Active: true,
	}
	if h.TTL == "" {
		h.TTL = "1800"
	}
	if ttl, err := strconv.Atoi(h.TTL); err != nil || ttl < 60 || ttl > 60000 {
		return h, refuse("2050900", "TTL"+n+" is invalid: "+h.TTL)
	}
	if h.MXPref == "" || h.Type != "MX" {
		h.MXPref = "10"
	}
	pref, err := strconv.ParseUint(h.MXPref, 10, 16)
	if err != nil {
		return h, refuse("2050900", "MXPref"+n+" is invalid")
	}
	h.MXPref = strconv.FormatUint(pref, 10)
	if !q.Has("Address" + n) {
		return h, refuse("2050900", "Address"+n+" is missing")
	}
	if bad := h.normalise(); bad != "" {
		return h, refuse("2050900", fmt.Sprintf("Invalid Address for %s record: %s", h.Type, bad))
	}
	return h, nil
}

// normalise stores an address as the host does, or says what is wrong with it.
func (h *host) normalise() (bad string) {
	switch h.Type {
	case "A", "AAAA":
		a, err := netip.ParseAddr(h.Address)
		if err != nil || a.Is4() != (h.Type == "A") {
			return h.Address
		}
		h.Address = a.String()
	case "CNAME", "ALIAS", "NS", "MX":
		if h.Address == "" || len(h.Address) > 255 || strings.ContainsAny(h.Address, " /:") || h.Address == "." {
			return h.Address
		}
		h.Address = strings.TrimSuffix(h.Address, ".") + "."
	case "MXE":
		if a, err := netip.ParseAddr(h.Address); err != nil || !a.Is4() {
			return h.Address
		}
	case "URL", "URL301", "FRAME": // go-namecheap-sdk: a protocol must be there
		if !strings.Contains(h.Address, "://") || len(h.Address) > 255 {
			return h.Address
		}
	case "TXT": // the page of the DNS limits
		if len(h.Address) > 2500 {
			return "too long"
		}
	case "CAA":
		return h.normaliseCAA()
	default: // the record types of the page of setHosts
		return "RecordType is invalid"
	}
	return ""
}

// normaliseCAA takes the three tags of the page of setHosts. The value gets
// quotes (terraform-provider-namecheap, pull request 66).
func (h *host) normaliseCAA() (bad string) {
	f := strings.SplitN(h.Address, " ", 3)
	if len(f) != 3 {
		return h.Address
	}
	flag, err := strconv.ParseUint(f[0], 10, 8)
	value := strings.Trim(f[2], `"`)
	iodef := f[1] == "iodef" && (strings.HasPrefix(value, "mailto:") || strings.Contains(value, "://"))
	if err != nil || f[1] != "issue" && f[1] != "issuewild" && !iodef {
		return h.Address
	}
	h.Address = fmt.Sprintf(`%d %s "%s"`, flag, f[1], value)
	return ""
}

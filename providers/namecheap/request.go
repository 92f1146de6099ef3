package namecheap

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// maxHosts is the most records of a zone
// (https://www.namecheap.com/support/knowledgebase/article.aspx/10058/10/namecheap-dns-limits/).
const maxHosts = 150

// request is the parameters of setHosts that make a zone hold these records. A
// record that was there goes back as the host spelled it.
func request(now reading, after []zone.Record) (url.Values, error) {
	emailType, list, err := mail(now.snap, after)
	if err != nil {
		return nil, err
	}
	var services []zone.Record
	var hosts []host
	for i, r := range list {
		if err := returnable(r); err != nil {
			return nil, err
		}
		_, isService := meta(r.Meta, metaSRV)
		there := now.of[r]
		switch {
		case isService:
			services = append(services, r)
		case there == nil:
			hosts = append(hosts, form(r, now.snap.Zone))
		case i == 0 || list[i-1] != r: // of records that are there twice, all have gone with the first
			hosts = append(hosts, there...)
		}
	}
	if !same(services, withServices(now.snap.Records)) {
		return nil, refuse(providers.Unsupported, "SRV records can be changed in Namecheap's web console only")
	}
	if err := storesAll(now, hosts); err != nil {
		return nil, err
	}
	params := url.Values{"EmailType": {emailType}}
	for i, h := range hosts {
		h.params(params, strconv.Itoa(i+1))
	}
	return params, onePerMailServer(list)
}

// returnable refuses a record that setHosts would make another one of.
func returnable(r zone.Record) error {
	if _, off := meta(r.Meta, metaInactive); off {
		return kept(r, "is switched off, and writing the zone would switch it on")
	}
	if _, dynamic := meta(r.Meta, metaDynamic); dynamic { // https://github.com/acmesh-official/acme.sh/issues/7178
		return kept(r, "is kept by dynamic DNS, and writing the zone would end that")
	}
	if r.Type == "TXT" && strings.ContainsAny(r.Text(), refusedText) {
		return kept(r, "holds a quote or a control character, which writing the zone may change")
	}
	return nil
}

// storesAll refuses what the host would not hold whole. It fills an empty zone
// itself (https://github.com/DNSControl/dnscontrol, GetZoneRecords of the
// provider). A zone with more records than it takes now may be written, if it
// does not grow.
func storesAll(now reading, hosts []host) error {
	n := len(hosts) + len(now.services)
	switch {
	case len(hosts) == 0:
		return refuse(providers.Unsupported, "the last record cannot be removed: the host would put its parking page there")
	case n > maxHosts && len(hosts) > len(now.hosts):
		return refuse(providers.Unsupported, "the zone would have %d records, and the host holds at most %d", n, maxHosts)
	}
	return nil
}

// onePerMailServer refuses two MX records of a name for the same mail server: the
// sandbox keeps one of them, and says nothing
// (https://github.com/namecheap/terraform-provider-namecheap,
// namecheap_domain_host_record_live_test.go).
func onePerMailServer(list []zone.Record) error {
	seen := map[[2]string]bool{}
	for _, r := range list {
		if r.Type != "MX" {
			continue
		}
		_, target, _ := strings.Cut(r.Data, " ")
		key := [2]string{string(r.Name), strings.TrimSuffix(strings.ToLower(target), ".")}
		if seen[key] {
			return refuse(providers.Unsupported, "two MX records at %s lead to %s, and Namecheap keeps one of them: make this change in Namecheap's web console", r.Name.FQDN(), target)
		}
		seen[key] = true
	}
	return nil
}

func (h host) params(to url.Values, n string) {
	to.Set("HostName"+n, h.Name)
	to.Set("RecordType"+n, h.Type)
	to.Set("Address"+n, h.Address)
	to.Set("MXPref"+n, h.MXPref)
	to.Set("TTL"+n, h.TTL)
}

func withServices(recs []zone.Record) []zone.Record {
	return slices.DeleteFunc(slices.Clone(recs), func(r zone.Record) bool { _, ok := meta(r.Meta, metaSRV); return !ok })
}

func kept(r zone.Record, why string) error {
	return refuse(providers.Unsupported, "the %s record at %s %s: make this change in Namecheap's web console", r.Type, r.Name.FQDN(), why)
}

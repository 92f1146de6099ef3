package namecheaptest

import (
	"encoding/xml"
	"net/url"
	"strconv"
)

type srvList struct {
	XMLName xml.Name  `xml:"DomainDNSGetSRVRecordsResult"`
	Result  []service `xml:"Result"`
}

// getSRV is namecheap.domains.dns.getsrvrecords, which is not documented. Its
// names and fields are from https://github.com/DNSControl/dnscontrol/issues/3680
// and https://github.com/billputer/go-namecheap/pull/34; the name of the element
// around them is not known.
func (f *Fake) getSRV(d *domain, _ url.Values) (any, *refusal) {
	return srvList{Result: d.services}, nil
}

type srvSet struct {
	XMLName  xml.Name `xml:"DomainDNSSetSRVRecordsResult"`
	Inserted int      `xml:"Result>Inserted"`
	Deleted  int      `xml:"Result>Deleted"`
	Updated  int      `xml:"Result>Updated"`
}

// setSRV is namecheap.domains.dns.setsrvrecords: the whole list.
func (f *Fake) setSRV(d *domain, q url.Values) (any, *refusal) {
	count, err := strconv.Atoi(q.Get("SRVCount"))
	if err != nil || count < 0 || count > 150 {
		return nil, refuse("2011170", "SRVCount is invalid")
	}
	var list []service
	for i := range count {
		n := strconv.Itoa(i + 1)
		v := service{
			Service: q.Get("Service" + n), Protocol: q.Get("Protocol" + n), Priority: q.Get("Priority" + n),
			Weight: q.Get("Weight" + n), Port: q.Get("Port" + n), Target: q.Get("Target" + n),
		}
		if v.Service == "" || v.Protocol == "" || v.Target == "" {
			return nil, refuse("2011170", "SRV record "+n+" is invalid")
		}
		list = append(list, v)
	}
	out := srvSet{Inserted: len(list), Deleted: len(d.services)}
	d.services = list
	f.publish(d.apex)
	return out, nil
}

package namecheaptest

import (
	"cmp"
	"encoding/xml"
	"net/url"
	"strconv"
)

type srvList struct {
	XMLName xml.Name    `xml:"Result"`
	Active  bool        `xml:"IsActive,attr"`
	Records []srvRecord `xml:"Records"`
}

type srvRecord struct {
	App      string `xml:"AssociatedAppTitle"`
	Friendly string `xml:"FriendlyName"`
	Active   bool   `xml:"IsActive"`
	HostID   int    `xml:"HostId"`
	Service  string `xml:"Service"`
	Protocol string `xml:"Protocol"`
	Priority string `xml:"Priority"`
	Port     string `xml:"Port"`
	Target   string `xml:"Target"`
	Weight   string `xml:"Weight"`
}

// getSRV is namecheap.domains.dns.getsrvrecords, which is not documented. Its
// parameters are from https://github.com/DNSControl/dnscontrol/issues/3680, and
// its answer has the form of the one that srv_test.txt of
// https://github.com/willpower232/go-namecheap has on record. That a domain
// without SRV records has a Result without Records is not on record.
func (f *Fake) getSRV(d *domain, _ url.Values) (any, *refusal) {
	var out srvList
	for i, v := range d.services {
		out.Records = append(out.Records, srvRecord{
			Active: !v.Off, HostID: 1352584 + i, Service: v.Service, Protocol: v.Protocol,
			Priority: v.Priority, Port: v.Port, Target: v.Target, Weight: v.Weight,
		})
	}
	return out, nil
}

type srvSet struct {
	XMLName  xml.Name `xml:"Result"`
	Inserted int      `xml:"Inserted"`
	Deleted  int      `xml:"Deleted"`
	Updated  int      `xml:"Updated"`
}

// setSRV is namecheap.domains.dns.setsrvrecords: the whole list. Its number is
// SrvCount in go-namecheap and SRVCount in the words of Namecheap's support: both
// are taken.
func (f *Fake) setSRV(d *domain, q url.Values) (any, *refusal) {
	count, err := strconv.Atoi(cmp.Or(q.Get("SrvCount"), q.Get("SRVCount")))
	if err != nil || count < 0 || count > 150 {
		return nil, refuse("2011170", "SrvCount is invalid")
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

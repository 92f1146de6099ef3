package namecheap

import (
	"context"
	"encoding/xml"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// serviceList is what getsrvrecords answers, as srv_test.txt of
// https://github.com/willpower232/go-namecheap has it on record: one Result that
// names no domain, with a Records for each record. What IsActive of the Result
// means is not known; it is false there, and the record's own is true.
type serviceList struct {
	Records []service `xml:",any"`
}

// service is one SRV record. It has no TTL. What of the owner follows the
// service stands in Protocol.
type service struct {
	XMLName  xml.Name
	Service  string `xml:"Service"`
	Protocol string `xml:"Protocol"`
	Priority string `xml:"Priority"`
	Weight   string `xml:"Weight"`
	Port     string `xml:"Port"`
	Target   string `xml:"Target"`
	Active   string `xml:"IsActive"`
}

// serviceTTL is shown for SRV records: the host's automatic TTL, in seconds.
const serviceTTL = 1799

// record is the SRV record, opaque where it is malformed.
func (v service) record(apex zone.Name) (zone.Record, error) {
	name, pairs, err := owner(strings.TrimSuffix(v.Service, ".")+"."+strings.Trim(v.Protocol, "."), apex)
	if err != nil {
		return zone.Record{}, err
	}
	if strings.EqualFold(v.Active, "false") {
		pairs = append(pairs, metaInactive)
	}
	r := zone.Record{
		Name: name, Type: "SRV", TTL: serviceTTL, Meta: strings.Join(sorted(append(pairs, metaSRV)), " "),
		Data: strings.Join([]string{v.Priority, v.Weight, v.Port, v.Target}, " "),
	}
	if data, err := zone.Canonical("SRV", r.Data); err == nil {
		r.Data = data
	} else {
		r.Opaque = true
	}
	return r, nil
}

// services is the SRV records of a domain. An API that does not know the
// command has none that it could tell. Any other answer without a list says
// nothing: what is not known to be there could not be put back.
func (s *session) services(ctx context.Context, d domain) ([]service, error) {
	res, a, err := s.call(ctx, getSRV, d.params(), false)
	if unknownCommand(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if res.Type != "" && !strings.EqualFold(res.Type, getSRV) {
		return nil, a.Fail(providers.Unavailable, "the answer is one to %s", res.Type)
	}
	list, err := only(a, res.Results, "the Result with the SRV records")
	if err != nil {
		return nil, err
	}
	for _, v := range list.Records {
		if v.XMLName.Local != "Records" {
			return nil, a.Fail(providers.Unavailable, "the list of SRV records holds a %q, which this driver does not know", v.XMLName.Local)
		}
		if v.Service == "" || v.Protocol == "" || v.Priority == "" || v.Weight == "" || v.Port == "" || v.Target == "" {
			return nil, a.Fail(providers.Unavailable, "an SRV record of the list is not whole: %q", []string{v.Service, v.Protocol, v.Priority, v.Weight, v.Port, v.Target})
		}
	}
	return list.Records, nil
}

// setServices replaces the SRV records of a domain. The number of them is
// SrvCount in go-namecheap, which dnscontrol has its tests of SRV records pass
// with, and SRVCount in what Namecheap's support wrote.
func (s *session) setServices(ctx context.Context, d domain, list []service) error {
	params := d.params()
	params.Set("SrvCount", strconv.Itoa(len(list)))
	for i, v := range list {
		v.params(params, strconv.Itoa(i+1))
	}
	_, _, err := s.call(ctx, setSRV, params, true)
	return err
}

func (v service) params(to url.Values, n string) {
	to.Set("Service"+n, v.Service)
	to.Set("Protocol"+n, v.Protocol)
	to.Set("Priority"+n, v.Priority)
	to.Set("Weight"+n, v.Weight)
	to.Set("Port"+n, v.Port)
	to.Set("Target"+n, v.Target)
}

func sorted(pairs []string) []string {
	slices.Sort(pairs)
	return pairs
}

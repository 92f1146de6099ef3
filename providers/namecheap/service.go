package namecheap

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// service is one SRV record as getsrvrecords answers it
// (https://github.com/billputer/go-namecheap/pull/34). It has no TTL. What of
// the owner follows the service stands in Protocol.
type service struct {
	Service  string `xml:"Service"`
	Protocol string `xml:"Protocol"`
	Priority string `xml:"Priority"`
	Weight   string `xml:"Weight"`
	Port     string `xml:"Port"`
	Target   string `xml:"Target"`
}

// serviceTTL is shown for SRV records: the host's automatic TTL, in seconds.
const serviceTTL = 1799

// record is the SRV record, opaque where it is malformed.
func (v service) record(apex zone.Name) (zone.Record, error) {
	name, pairs, err := owner(strings.TrimSuffix(v.Service, ".")+"."+strings.Trim(v.Protocol, "."), apex)
	if err != nil {
		return zone.Record{}, err
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
// command has none that it could tell.
func (s *session) services(ctx context.Context, d domain) ([]service, error) {
	res, a, err := s.call(ctx, getSRV, d.params(), false)
	if unknownCommand(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	dec := xml.NewDecoder(bytes.NewReader(res.Inner))
	var out []service
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, a.Fail(providers.Unavailable, "the list of SRV records cannot be read: %w", err)
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != "Result" {
			continue
		}
		var v service
		if err := dec.DecodeElement(&v, &start); err != nil {
			return nil, a.Fail(providers.Unavailable, "the list of SRV records cannot be read: %w", err)
		}
		if v != (service{}) {
			out = append(out, v)
		}
	}
}

// keepServices looks whether the SRV records outlived a setHosts, and puts those
// back that did not. Nobody documents what setHosts does to them.
func (s *session) keepServices(ctx context.Context, d domain, before []service) error {
	if len(before) == 0 {
		return nil
	}
	now, err := s.services(ctx, d)
	if err == nil && !slices.ContainsFunc(before, func(v service) bool { return !slices.Contains(now, v) }) {
		return nil
	}
	if err == nil {
		params := d.params()
		params.Set("SRVCount", strconv.Itoa(len(before)))
		for i, v := range before {
			v.params(params, strconv.Itoa(i+1))
		}
		_, _, err = s.call(ctx, setSRV, params, true)
	}
	if err == nil {
		return nil
	}
	e := &providers.Error{Code: providers.CodeOf(err), Wrote: providers.WroteYes}
	if pe, ok := errors.AsType[*providers.Error](err); ok {
		e.RetryAfter = pe.RetryAfter
	}
	e.Err = errors.Join(errors.New("the hosts are written, and the SRV records of the zone may be lost: look at "+access), err)
	return e
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

package libdnsdriver

import (
	"maps"
	"slices"

	"github.com/libdns/libdns"
)

// parses reports why libdns cannot parse a record that a module reads back.
// Most modules parse what they read (libdns/rfc2136 v1.0.1, desec v1.0.1 and
// hetzner v1.0.0 among them), and one record that does not parse fails the
// reading of the whole zone: an SVCB record at a name without a scheme is one.
func parses(raw libdns.Record) error {
	var err error
	if p := caught(func() { _, err = raw.RR().Parse() }); p != nil {
		return p
	}
	return err
}

// hand is a copy of a record in the shape that a module switches on, which it
// may change without changing ours.
func hand(raw libdns.Record, pointers bool) libdns.Record {
	v := value(raw)
	if b, ok := v.(libdns.ServiceBinding); ok {
		b.Params = maps.Clone(b.Params)
		for k := range b.Params {
			b.Params[k] = slices.Clone(b.Params[k])
		}
		v = b
	}
	if !pointers {
		return v
	}
	switch v := v.(type) {
	case libdns.Address:
		return &v
	case libdns.CAA:
		return &v
	case libdns.CNAME:
		return &v
	case libdns.MX:
		return &v
	case libdns.NS:
		return &v
	case libdns.SRV:
		return &v
	case libdns.ServiceBinding:
		return &v
	case libdns.TXT:
		return &v
	case libdns.RR:
		return &v
	}
	return v
}

package libdnsdriver

import (
	"maps"
	"reflect"
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
	// A module's own type, which only a module's own record can have, stays.
	if own := reflect.TypeOf(v).PkgPath() == reflect.TypeFor[libdns.RR]().PkgPath(); !pointers || !own {
		return v
	}
	return pointer(v)
}

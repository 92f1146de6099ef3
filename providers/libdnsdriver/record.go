package libdnsdriver

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// decode reads a record of a module. What cannot be read is Opaque, with the
// module's own text; the error is of an owner that cannot be placed in the
// zone.
//
// RR.Parse is never asked: in libdns v1.1.1 it panics on data such as
// `1 . k=\25` and refuses what RR has made. Records that RR itself would
// distort (it quotes CAA by the rules of Go, and gives parameters in the order
// of a map) are read field by field.
func decode(raw libdns.Record, apex zone.Name, text Text) (zone.Record, error) {
	rr, err := plain(raw)
	if err != nil {
		return zone.Record{}, err
	}
	owner, ok, err := readable(rr.Name, apex)
	if err == nil && !owner.Within(apex) {
		err = fmt.Errorf("it is outside %s", apex.FQDN())
	}
	if err != nil {
		return zone.Record{}, fmt.Errorf("a %s record with the owner %q: %w", rr.Type, rr.Name, err)
	}
	typ, ttl := zone.CanonicalType(strings.TrimSpace(rr.Type)), seconds(rr.TTL)
	if data, err := rdata(raw, rr, typ, apex, text); err == nil && ok {
		if r, err := zone.New(owner, typ, ttl, data); err == nil {
			return r, nil
		}
	}
	return zone.Record{Name: owner, Type: typ, TTL: ttl, Data: rr.Data, Opaque: true}, nil
}

// plain is raw.RR() of a value that may be anything.
func plain(raw libdns.Record) (rr libdns.RR, err error) {
	if raw == nil {
		return rr, errors.New("a record that is nil")
	}
	if p := caught(func() { rr = value(raw).RR() }); p != nil {
		return rr, fmt.Errorf("a %T that has no content: %w", raw, p)
	}
	return rr, nil
}

// seconds is a TTL as DNS has it: sub-second precision is cut off, as libdns
// documents it.
func seconds(ttl time.Duration) uint32 {
	return uint32(min(max(ttl/time.Second, 0), math.MaxInt32))
}

// rdata is the data of a record in the spelling of zone text.
func rdata(raw libdns.Record, rr libdns.RR, typ string, apex zone.Name, text Text) (string, error) {
	switch v := value(raw).(type) {
	case libdns.CAA:
		return fmt.Sprintf("%d %s %s", v.Flags, v.Tag, zone.QuoteStrings(v.Value)), nil
	case libdns.ServiceBinding:
		return binding(v), nil
	}
	switch typ {
	case "TXT":
		value, err := unspell(rr.Data, text)
		return zone.QuoteText(value), err
	case "CNAME", "NS", "PTR", "DNAME":
		// Some APIs give the apex itself as "@", which no name is.
		if strings.TrimSpace(rr.Data) == "@" {
			return apex.FQDN(), nil
		}
	}
	return rr.Data, nil
}

// unspell is the text that a module has spelled.
func unspell(data string, text Text) (string, error) {
	switch text {
	case TextEscaped:
		data = `"` + data + `"`
	case TextQuoted:
	case TextPlain:
		return data, nil
	}
	strs, err := zone.ParseStrings(data)
	return strings.Join(strs, ""), err
}

// binding is the data of an HTTPS or SVCB record, its parameters in the order
// of their names.
func binding(v libdns.ServiceBinding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s", v.Priority, v.Target)
	keys := make([]string, 0, len(v.Params))
	for k := range v.Params {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		b.WriteString(" " + k)
		list := make([]string, len(v.Params[k]))
		for i, p := range v.Params[k] {
			list[i] = listed(k, p)
		}
		if joined := strings.Join(list, ","); joined != "" {
			b.WriteString("=" + zone.QuoteStrings(joined))
		}
	}
	return b.String()
}

// listed is one value of a parameter. In alpn, the one list of free text, a
// comma and a backslash that belong to the value are escaped (RFC 9460
// appendix A.1).
func listed(key, value string) string {
	if key != "alpn" {
		return value
	}
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`).Replace(value)
}

// value is the struct behind a pointer to one of libdns's own types, and raw
// itself for any other. A nil pointer stays what it is.
func value(raw libdns.Record) libdns.Record {
	p := reflect.ValueOf(raw)
	if p.Kind() != reflect.Pointer || p.IsNil() || p.Elem().Type().PkgPath() != reflect.TypeFor[libdns.RR]().PkgPath() {
		return raw
	}
	if v, ok := reflect.TypeAssert[libdns.Record](p.Elem()); ok {
		return v
	}
	return raw
}

// pointer is a pointer to a copy of a struct of libdns.
func pointer(v libdns.Record) libdns.Record {
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	if out, ok := reflect.TypeAssert[libdns.Record](p); ok {
		return out
	}
	return v
}

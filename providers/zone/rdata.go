package zone

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// Host features that take the place of a record at an owner. They are no DNS
// types, so no rdata grammar holds for them but the one said here.
const (
	TypeAlias    = "ALIAS"    // data is one target name, answered with the target's addresses
	TypeRedirect = "REDIRECT" // data is the host's own text: an HTTP redirect the host serves
)

// CanonicalType is a record type in upper case, by its mnemonic where it has
// one: "cname" and "TYPE5" are "CNAME".
func CanonicalType(typ string) string {
	typ = strings.ToUpper(strings.TrimSpace(typ))
	if num, ok := strings.CutPrefix(typ, "TYPE"); ok {
		if v, err := strconv.ParseUint(num, 10, 16); err == nil {
			if s, known := dns.TypeToString[uint16(v)]; known {
				return s
			}
			return "TYPE" + strconv.FormatUint(v, 10)
		}
	}
	return typ
}

// Canonical is rdata in the one spelling that Mooring compares: names in lower
// case with a final dot, addresses as net/netip prints them, numbers without
// leading zeros, text quoted with its own string borders, everything else as
// its wire form reads back. typ must be canonical. Names inside data are
// absolute with or without a final dot. Text of more than 255 octets in one
// string is cut, and data in the form of RFC 3597 (\# 4 7f000001) is read for
// every type that DNS knows.
func Canonical(typ, data string) (string, error) {
	if generic(data) && typ != TypeRedirect {
		s, err := canonicalWire(typ, data)
		if err != nil || generic(s) {
			return s, err
		}
		data = s
	}
	switch typ {
	case "A", "AAAA":
		return canonicalAddr(typ, data)
	case "TXT", "SPF":
		return canonicalText(data)
	case "CNAME", "NS", "PTR", "DNAME", TypeAlias:
		return fields(typ, data, fieldName)
	case "MX":
		return fields(typ, data, field16, fieldName)
	case "SRV":
		return fields(typ, data, field16, field16, field16, fieldName)
	case "SOA":
		return fields(typ, data, fieldName, fieldName, field32, field32, field32, field32, field32)
	case "CAA":
		return canonicalCAA(data)
	case TypeRedirect:
		return data, nil
	}
	return canonicalWire(typ, data)
}

// generic reports whether data is in the form of RFC 3597 section 5.
func generic(data string) bool {
	first, _ := word(data)
	return first == `\#`
}

func canonicalAddr(typ, data string) (string, error) {
	a, err := netip.ParseAddr(strings.Trim(data, blank))
	if err != nil || a.Zone() != "" {
		return "", fmt.Errorf("%q is no IP address", data)
	}
	if a.Is4() != (typ == "A") {
		return "", fmt.Errorf("%q is no IPv%c address", data, map[string]byte{"A": '4', "AAAA": '6'}[typ])
	}
	var buf [64]byte
	if canon := a.AppendTo(buf[:0]); string(canon) != data {
		return string(canon), nil
	}
	return data, nil
}

type field int

const (
	fieldName field = iota
	field16
	field32
)

// blank is what stands between the parts of rdata.
const blank = " \t"

// split cuts rdata at its blanks; an escaped one is part of a name.
func split(data string) []string {
	var out []string
	for data = strings.TrimLeft(data, blank); data != ""; data = strings.TrimLeft(data, blank) {
		i := 0
		for i < len(data) && data[i] != ' ' && data[i] != '\t' {
			if data[i] == '\\' && i+1 < len(data) {
				i++
			}
			i++
		}
		out, data = append(out, data[:i]), data[i:]
	}
	return out
}

// fields writes rdata that is a fixed row of names and numbers.
func fields(typ, data string, want ...field) (string, error) {
	if bare, ok := strings.CutSuffix(data, "."); ok && len(want) == 1 && canonicalName(bare) {
		return data, nil
	}
	if err := oneLine(data); err != nil {
		return "", err
	}
	got := split(data)
	if len(got) != len(want) {
		return "", fmt.Errorf("%q has %d fields, %s wants %d", data, len(got), typ, len(want))
	}
	for i, w := range want {
		if w == fieldName {
			if rest, ok := strings.CutSuffix(got[i], "."); ok && canonicalName(rest) {
				continue
			}
			if strings.Contains(strings.NewReplacer(`\\`, "", `\"`, "").Replace(got[i]), `"`) {
				return "", fmt.Errorf("%q: a quote in a name", data)
			}
			n, err := ParseName(got[i])
			if err != nil {
				return "", err
			}
			got[i] = n.FQDN()
			continue
		}
		bits := 16
		if w == field32 {
			bits = 32
		}
		v, err := strconv.ParseUint(got[i], 10, bits)
		if err != nil {
			return "", fmt.Errorf("%q: %q is no number of %d bits", data, got[i], bits)
		}
		got[i] = strconv.FormatUint(v, 10)
	}
	return strings.Join(got, " "), nil
}

// canonicalCAA writes RFC 8659 section 4.1: flags, tag in lower case, value
// quoted.
func canonicalCAA(data string) (string, error) {
	flag, rest := word(data)
	tag, value := word(rest)
	if value == "" {
		return "", fmt.Errorf(`%q: want flags, tag and value, such as 0 issue "ca.example"`, data)
	}
	v, err := strconv.ParseUint(flag, 10, 8)
	if err != nil {
		return "", fmt.Errorf("%q: flags %q is no number up to 255", data, flag)
	}
	for _, c := range []byte(tag) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			return "", fmt.Errorf("%q: tag %q: letters and digits only", data, tag)
		}
	}
	if n := len(tag); n > maxString {
		return "", fmt.Errorf("a CAA tag of %d octets: at most %d", n, maxString)
	}
	strs, err := ParseStrings(value)
	if err != nil {
		return "", fmt.Errorf("%q: %w", data, err)
	}
	if len(strs) != 1 {
		return "", fmt.Errorf("%q: one value wanted, %d given", data, len(strs))
	}
	if n := len(strs[0]); n > maxString {
		// RFC 8659 allows more; miekg/dns reads no more, and no authority's is
		// near it. The record is kept as it is.
		return "", fmt.Errorf("a CAA value of %d octets: at most %d", n, maxString)
	}
	return strconv.FormatUint(v, 10) + " " + strings.ToLower(tag) + " " + quote(strs[0]), nil
}

// word cuts the first part off rdata.
func word(data string) (first, rest string) {
	data = strings.TrimLeft(data, blank)
	i := strings.IndexAny(data, blank)
	if i < 0 {
		return data, ""
	}
	return data[:i], strings.TrimLeft(data[i:], blank)
}

// canonicalWire takes the way over the wire, which sorts what the wire sorts
// (SVCB keys) and drops every freedom of spelling. Data whose print does not
// read back as the same octets has no canonical form.
func canonicalWire(typ, data string) (string, error) {
	if !isType(typ) {
		return "", fmt.Errorf("unknown type %q", typ)
	}
	wire, err := wireOf(typ, data)
	if err != nil {
		return "", err
	}
	back, _, err := dns.UnpackRR(wire, 0)
	if err != nil {
		return "", fmt.Errorf("%q: %w", data, err)
	}
	canon := rdataOf(back)
	if again, err := wireOf(typ, canon); err != nil || !bytes.Equal(again, wire) {
		return "", fmt.Errorf("%q: its print %q reads as something else", data, canon)
	}
	return canon, nil
}

// wireOf is data as a record of the root on the wire.
func wireOf(typ, data string) ([]byte, error) {
	rr, err := parseRR(Root, typ, 0, data)
	if err != nil {
		return nil, err
	}
	buf := make([]byte, dns.Len(rr)+1)
	n, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", data, err)
	}
	return buf[:n], nil
}

// isType reports whether DNS knows the type, by name or by number.
func isType(typ string) bool {
	if v, ok := dns.StringToType[typ]; ok {
		return v != dns.TypeNone
	}
	num, ok := strings.CutPrefix(typ, "TYPE")
	v, err := strconv.ParseUint(num, 10, 16)
	return ok && err == nil && v != 0
}

var errTooMany = errors.New("more than one record")

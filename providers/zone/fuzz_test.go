package zone_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// ownCode is the types that Canonical reads by itself.
var ownCode = []string{"A", "AAAA", "TXT", "SPF", "CNAME", "NS", "PTR", "DNAME", "MX", "SRV", "SOA", "CAA"}

// throughWire is types that Canonical leaves to miekg/dns.
var throughWire = []string{
	"HTTPS", "SVCB", "TLSA", "SMIMEA", "SSHFP", "NAPTR", "DS", "DNSKEY", "CDS", "LOC", "URI", "HINFO", "RP", "AFSDB",
	"NSEC", "NSEC3", "CERT", "OPENPGPKEY", "APL", "HIP", "CSYNC", "EUI48", "L32", "X25", "NULL", "TYPE65400",
}

// oracle is what miekg/dns reads from the same rdata, in wire form with its
// names in lower case.
func oracle(typ, data string) ([]byte, bool) {
	zp := dns.NewZoneParser(strings.NewReader(". 0 IN "+typ+" "+data+"\n"), ".", "")
	rr, ok := zp.Next()
	if !ok || zp.Err() != nil {
		return nil, false
	}
	if _, more := zp.Next(); more || zp.Err() != nil {
		return nil, false
	}
	lower := dns.CanonicalName
	switch r := rr.(type) {
	case *dns.CNAME:
		r.Target = lower(r.Target)
	case *dns.NS:
		r.Ns = lower(r.Ns)
	case *dns.PTR:
		r.Ptr = lower(r.Ptr)
	case *dns.DNAME:
		r.Target = lower(r.Target)
	case *dns.MX:
		r.Mx = lower(r.Mx)
	case *dns.SRV:
		r.Target = lower(r.Target)
	case *dns.SOA:
		r.Ns, r.Mbox = lower(r.Ns), lower(r.Mbox)
	case *dns.CAA:
		r.Tag = strings.ToLower(r.Tag)
	}
	buf := make([]byte, dns.Len(rr)+1)
	n, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return nil, false
	}
	if _, _, err := dns.UnpackRR(buf[:n], 0); err != nil {
		return nil, false
	}
	return buf[:n], true
}

// stricter is what Canonical refuses and miekg/dns accepts. The record is kept
// as it is all the same, as an opaque one.
var stricter = []struct{ refusal, why string }{
	{"no string", "TXT rdata is one or more strings (RFC 1035 section 3.3.14)"},
	{"three digits wanted", `\D without two more digits is no escape (RFC 1035 section 5.1)`},
	{"above 255", "nor is one of no octet; miekg/dns takes it modulo 256"},
	{"a lone", "nor is one of nothing"},
	{"not ASCII", "a U-label in UTF-8 is no host name that anybody asks for"},
	{"a quote inside", "a bare string with a quote inside is read in several ways"},
	{"letters and digits only", "the tags of CAA (RFC 8659 section 4.1)"},
	{"longer than 255 octets", "miekg/dns counts one less"},
	{"stands for an apex", "rdata has no origin"},
	{"reads as something else", "rdata of no octets, for types that have some"},
	{"fields, SOA wants", "miekg/dns fills a short SOA with zeros"},
	{"a CAA tag of", "one octet holds its length (RFC 8659 section 4.1)"},
	{"a CAA value of", "miekg/dns reads a longer value than it writes"},
	{"is no number of 32 bits", "times with units belong to zone files"},
}

func isStricter(err error) bool {
	for _, s := range stricter {
		if strings.Contains(err.Error(), s.refusal) {
			return true
		}
	}
	return false
}

// textual reports whether data holds what zone text reads as more than rdata,
// or less: comments, groups and line breaks. In the text of a record, as a
// host's interface gives it, these are octets like any other.
func textual(data string) bool { return strings.ContainsAny(data, "\n\r\x00();") }

// murky reports whether data is spelled so that readers disagree: with escapes
// or quotes where rdata is names and numbers, or with quotes inside the fields of
// CAA. What is read of it must still be stable and be one wire form.
func murky(typ, data string) bool {
	switch typ {
	case "TXT", "SPF":
		return false
	case "CAA":
		data = strings.TrimRight(data, " \t")
		first := strings.IndexByte(data, '"')
		whole := first > 0 && strings.ContainsRune(" \t", rune(data[first-1])) && strings.HasSuffix(data, `"`)
		return first >= 0 && (strings.Count(data, `"`) != 2 || !whole)
	}
	return strings.ContainsAny(data, "\\\"")
}

func FuzzCanonical(f *testing.F) {
	for _, c := range canonicalCases {
		f.Add(c.typ, c.data)
	}
	known := map[string]bool{}
	for _, t := range append(ownCode, throughWire...) {
		known[t] = true
	}
	common := map[string]bool{}
	for _, t := range ownCode {
		common[t] = true
	}
	f.Fuzz(func(t *testing.T, typ, data string) {
		if !known[typ] {
			return
		}
		theirs, accepted := oracle(typ, data)
		canon, err := zone.Canonical(typ, data)
		if err != nil {
			if accepted && common[typ] && !murky(typ, data) && !textual(data) && !isStricter(err) {
				t.Fatalf("Canonical(%q, %q): %v; miekg/dns reads %x", typ, data, err, theirs)
			}
			return
		}
		if again, err := zone.Canonical(typ, canon); err != nil || again != canon {
			t.Fatalf("Canonical(%q, %q) = %q, and of that %q, %v", typ, data, canon, again, err)
		}
		ours, ok := oracle(typ, canon)
		if !ok {
			t.Fatalf("Canonical(%q, %q) = %q, which miekg/dns does not read", typ, data, canon)
		}
		for _, c := range []byte(canon) {
			if c < ' ' || c > '~' {
				t.Fatalf("Canonical(%q, %q) = %q: octet %d", typ, data, canon, c)
			}
		}
		if textual(data) || murky(typ, data) {
			return
		}
		if !accepted {
			t.Fatalf("Canonical(%q, %q) = %q, and miekg/dns refuses it", typ, data, canon)
		}
		if !bytes.Equal(ours, theirs) {
			t.Fatalf("Canonical(%q, %q) = %q: wire form %x, miekg/dns %x", typ, data, canon, ours, theirs)
		}
	})
}

func FuzzName(f *testing.F) {
	for _, c := range nameCases {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := zone.ParseName(s)
		wire, ok := nameOnWire(s)
		if err != nil {
			if ok && !isStricter(err) {
				t.Fatalf("ParseName(%q): %v; miekg/dns packs %x", s, err, wire)
			}
			return
		}
		if again, err := zone.ParseName(string(n)); err != nil || again != n {
			t.Fatalf("ParseName(%q) = %q, and of that %q, %v", s, n, again, err)
		}
		if again, err := zone.ParseName(n.FQDN()); err != nil || again != n {
			t.Fatalf("ParseName(%q) = %q, and of its FQDN %q, %v", s, n, again, err)
		}
		ours, ok2 := nameOnWire(string(n))
		if !ok || !ok2 || !bytes.Equal(ours, lower(wire)) {
			t.Fatalf("ParseName(%q) = %q: wire form %x, miekg/dns %x", s, n, ours, wire)
		}
		if n != zone.Root && (!n.Below(n.Parent()) || zone.Compare(n.Parent(), n) != -1) {
			t.Fatalf("%q is not below its parent %q", n, n.Parent())
		}
	})
}

// lower is for ASCII; the length octets of labels are below it.
func lower(wire []byte) []byte {
	out := bytes.Clone(wire)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}

func nameOnWire(s string) ([]byte, bool) {
	buf := make([]byte, 1024)
	n, err := dns.PackDomainName(dns.Fqdn(s), buf, 0, nil, false)
	if err != nil || s == "" {
		return nil, false
	}
	return buf[:n], true
}

func FuzzReadText(f *testing.F) {
	f.Add(exampleZone)
	for _, s := range readErrors {
		f.Add(s.text)
	}
	f.Add("$TTL 60\n$GENERATE 1-3 h$ A 192.0.2.$\n")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ToUpper(text), "$GENERATE") && len(text) > 200 {
			return // one line of it makes up to 65535 records
		}
		s, err := zone.ReadText(strings.NewReader(text), "customer.example")
		if err != nil {
			return
		}
		for _, r := range s.Records {
			if r.Opaque {
				t.Fatalf("%v is opaque", r)
			}
			if canon, err := zone.Canonical(r.Type, r.Data); err != nil || canon != r.Data {
				t.Fatalf("%v: canonical data is %q, %v", r, canon, err)
			}
		}
		checkRoundTrip(t, s)
	})
}

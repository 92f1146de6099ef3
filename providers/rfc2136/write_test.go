package rfc2136_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
)

// servers runs a test on every server there is.
func servers(t *testing.T, text string, f func(t *testing.T, s providers.Session, z providers.Zone)) {
	for name, start := range map[string]func(t *testing.T) providers.Credentials{
		"verifytest": func(t *testing.T) providers.Credentials { _, c := world(t, text); return c },
		"knot":       func(t *testing.T) providers.Credentials { return rfc2136test.StartKnot(t, text).Credentials() },
		"bind":       func(t *testing.T) providers.Credentials { return rfc2136test.StartBIND(t, text).Credentials() },
	} {
		t.Run(name, func(t *testing.T) {
			s, z := session(t, start(t))
			f(t, s, z)
		})
	}
}

func read(t *testing.T, s providers.Session, z providers.Zone) zone.Snapshot {
	t.Helper()
	snap, err := s.Read(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

const capitals = `$ORIGIN Customer.EXAMPLE.
$TTL 3600
@ SOA NS1 Host 1 3600 600 86400 300
@ NS NS1.Customer.Example.
NS1 A 127.0.0.1
Mx MX 10 Mail.Example.NET.
Cn CNAME Target.Example.NET.
_SIP._Tcp SRV 1 2 3 Sip.Example.NET.
Na NAPTR 100 10 "U" "E2U+sip" "!^.*$!sip:Me@Y.example!" Rep.Example.NET.
Rp RP Foo.Example. Bar.Example.
Ht HTTPS 1 Foo.Example. alpn=h2 port=8443
Sv SVCB 1 Foo.Example. ipv6hint=2001:DB8::1
Dn DNAME Other.Example.NET.
Pt PTR Some.Example.NET.
Ca CAA 0 ISSUE "Ca.Example; Account=ABC"
Un TYPE65400 \# 4 ABCDEF01
Tx TXT "MiXed" "two" ""
Tl TLSA 3 1 1 AABBCC
Ss SSHFP 1 1 0123456789ABCDEF0123456789ABCDEF01234567
Lo LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
Si A 192.0.2.1
Si AAAA 2001:DB8::1
`

// TestSpelling: whatever way the server spells what it holds, a prerequisite
// on it holds, and exactly it can be removed.
func TestSpelling(t *testing.T) {
	servers(t, capitals, func(t *testing.T, s providers.Session, z providers.Zone) {
		for _, r := range read(t, s, z).Records {
			if r.Type == "SOA" || r.Name == apex || r.Name == "ns1."+apex {
				continue // SOA and NS are the server's; BIND wants the addresses of its NS
			}
			if r.Opaque {
				t.Errorf("%s could not be read", r)
				continue
			}
			set := []zone.Record{r}
			slower := r
			slower.TTL = 60
			if err := s.Write(t.Context(), z, zone.Edit{Before: set, After: []zone.Record{slower}}); err != nil {
				t.Errorf("%s: another TTL: %v", r, err)
				continue
			}
			if got := read(t, s, z).Set(r.Name, r.Type); len(got) != 1 || got[0] != slower {
				t.Errorf("%s: after another TTL: %v", r, got)
			}
			if err := s.Write(t.Context(), z, zone.Edit{Before: []zone.Record{slower}}); err != nil {
				t.Errorf("%s: removal: %v", r, err)
			}
			if got := read(t, s, z).Set(r.Name, r.Type); len(got) != 0 {
				t.Errorf("%s: after removal: %v", r, got)
			}
		}
	})
}

// TestApexNS: the set is replaced, and never empty.
func TestApexNS(t *testing.T) {
	servers(t, zoneText, func(t *testing.T, s providers.Session, z providers.Zone) {
		before := read(t, s, z)
		old := before.Set(apex, "NS")
		other := []zone.Record{rec(t, "@", "NS", "ns1.other.example"), rec(t, "@", "NS", "ns2.other.example")}
		if err := s.Write(t.Context(), z, zone.Edit{Before: old, After: other}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(other, read(t, s, z).Set(apex, "NS")); d != "" {
			t.Errorf("after the change of hosts (-want +got):\n%s", d)
		}
		slower := slices.Clone(other)
		for i := range slower {
			slower[i].TTL = 600
		}
		if err := s.Write(t.Context(), z, zone.Edit{Before: other, After: slower}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(slower, read(t, s, z).Set(apex, "NS")); d != "" {
			t.Errorf("after the change of TTL (-want +got):\n%s", d)
		}
		wants(t, s.Write(t.Context(), z, zone.Edit{Before: slower}), providers.Invalid, providers.WroteNo, "would lose its NS records")
	})
}

// TestWhole: one UPDATE for many owners, with a swap among them.
func TestWhole(t *testing.T) {
	servers(t, zoneText+"www CNAME old.example.\nalias A 192.0.2.1\nalias A 192.0.2.2\nkeep TXT \"a\" \"b\"\n", func(t *testing.T, s providers.Session, z providers.Zone) {
		before := read(t, s, z)
		changes := []zone.Change{
			{Owner: "www." + apex, Remove: before.Set("www."+apex, "CNAME"), Add: []zone.Record{rec(t, "www", "A", "192.0.2.9")}},
			{Owner: "alias." + apex, Remove: before.Set("alias."+apex, "A"), Add: []zone.Record{rec(t, "alias", "CNAME", "new.example")}},
		}
		ed := zone.Edit{Absent: []zone.Key{{Name: "alias." + apex, Type: zone.AnyType}, {Name: "www." + apex, Type: zone.AnyType}, {Name: "fresh." + apex, Type: zone.AnyType}}}
		for i := range 200 {
			r := rec(t, fmt.Sprintf("h%d", i), "A", fmt.Sprintf("192.0.2.%d", i))
			changes = append(changes, zone.Change{Owner: r.Name, Add: []zone.Record{r}})
		}
		for _, c := range changes {
			ed.Before, ed.After = append(ed.Before, c.Remove...), append(ed.After, c.Add...)
		}
		if err := s.Write(t.Context(), z, ed); err != nil {
			t.Fatal(err)
		}
		got, want := read(t, s, z), before.With(changes...)
		soaOut := func(s zone.Snapshot) []zone.Record {
			return slices.DeleteFunc(slices.Clone(s.Records), func(r zone.Record) bool { return r.Type == "SOA" })
		}
		if d := cmp.Diff(soaOut(want), soaOut(got)); d != "" {
			t.Errorf("zone (-want +got):\n%s", d)
		}
		if got.Tag == before.Tag {
			t.Errorf("the tag is %s still", got.Tag)
		}
	})
}

// TestTooLarge and TestUnsendable are refused before the server is spoken to:
// there is none.
func TestTooLarge(t *testing.T) {
	s, z := session(t, providers.Credentials{"server": "127.0.0.1:1", "key_name": "k.", "key": testKey.Secret})
	var many []zone.Record
	for i := range 300 {
		many = append(many, zone.NewTXT(apex, 300, strings.Repeat("x", 250)+fmt.Sprint(i)))
	}
	wants(t, s.Write(t.Context(), z, add(many...)), providers.Invalid, providers.WroteNo, "one message holds 65535")
}

func TestUnsendable(t *testing.T) {
	s, z := session(t, providers.Credentials{"server": "127.0.0.1:1", "key_name": "k.", "key": testKey.Secret})
	odd := zone.Record{Name: apex, Type: "A", TTL: 300, Data: "not an address", Opaque: true}
	for name, tt := range map[string]struct {
		e    zone.Edit
		code providers.Code
	}{
		"opaque comes":            {add(odd), providers.Invalid},
		"opaque stands beside":    {zone.Edit{Before: []zone.Record{odd}, After: []zone.Record{odd, rec(t, "@", "A", "192.0.2.1")}}, providers.Invalid},
		"alias":                   {add(zone.Record{Name: apex, Type: zone.TypeAlias, Data: "a.example."}), providers.Unsupported},
		"redirect":                {add(zone.Record{Name: apex, Type: zone.TypeRedirect, Data: "https://a.example"}), providers.Unsupported},
		"soa":                     {add(rec(t, "@", "SOA", "a. b. 1 2 3 4 5")), providers.Unsupported},
		"outside":                 {add(zone.Record{Name: "other.example", Type: "A", TTL: 300, Data: "192.0.2.1"}), providers.Invalid},
		"absent of no type known": {zone.Edit{After: []zone.Record{rec(t, "x", "A", "192.0.2.1")}, Absent: []zone.Key{{Name: apex, Type: "NONSENSE"}}}, providers.Unsupported},
	} {
		t.Run(name, func(t *testing.T) { wants(t, s.Write(t.Context(), z, tt.e), tt.code, providers.WroteNo, "") })
	}
	if err := s.Write(t.Context(), z, zone.Edit{}); err != nil {
		t.Errorf("an edit of nothing: %v", err)
	}
}

// TestManyMessages: a transfer that takes many messages is read to its end.
func TestManyMessages(t *testing.T) {
	var b strings.Builder
	b.WriteString(zoneText)
	const n = 20000
	for i := range n {
		fmt.Fprintf(&b, "h%d A 192.0.2.%d\n", i, i%256)
	}
	servers(t, b.String(), func(t *testing.T, s providers.Session, z providers.Zone) {
		if got := len(read(t, s, z).Records); got != n+5 {
			t.Errorf("%d records, want %d", got, n+5)
		}
	})
}

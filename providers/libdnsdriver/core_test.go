package libdnsdriver_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// panics is what f panics with, "" where it does not.
func panics(f func()) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprint(v)
		}
	}()
	f()
	return ""
}

// readOne is how the driver reads one record of a module.
func readOne(t *testing.T, raw libdns.Record) zone.Record {
	t.Helper()
	snap := readAll(t, raw)
	for _, r := range snap.Records {
		if r.Name != apex || r.Type != "SOA" && r.Type != "NS" {
			return r
		}
	}
	t.Fatalf("the record is not there: %+v", raw)
	return zone.Record{}
}

func readAll(t *testing.T, raw ...libdns.Record) zone.Snapshot {
	t.Helper()
	s, z := open(t, driver(newModule(raw...)))
	snap, err := s.Read(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// write adds a record through the driver, and gives the module's record of it.
func written(t *testing.T, r zone.Record) (libdns.Record, error) {
	t.Helper()
	m := newModule()
	s, z := open(t, driver(m))
	if err := s.Write(t.Context(), z, zone.Edit{After: []zone.Record{r}}); err != nil {
		return nil, err
	}
	all, err := m.GetRecords(t.Context(), string(apex))
	if err != nil {
		t.Fatal(err)
	}
	return all[len(all)-1], nil
}

// The defects of libdns v1.1.1 itself: each test shows the core's behaviour,
// and that ours is another.

// TestCoreRelativeNameBoundary: libdns.RelativeName cuts the zone off in the
// middle of a label.
func TestCoreRelativeNameBoundary(t *testing.T) {
	if got := libdns.RelativeName("notcustomer.example.", "customer.example."); got != "not" {
		t.Errorf("libdns says %q now; is the defect mended?", got)
	}
	r := zone.NewTXT("notcustomer.example", 60, "mine")
	if _, err := written(t, r); providers.CodeOf(err) != providers.Invalid {
		t.Errorf("writing %s: %v, want Invalid", r.Name, err)
	}
	got := readOne(t, libdns.TXT{Name: "notcustomer.example", TTL: time.Minute, Text: "theirs"})
	if want := "notcustomer.example." + apex; got.Name != want {
		t.Errorf("owner %s, want %s", got.Name, want)
	}
}

// TestCoreRelativeNameCase: libdns.RelativeName leaves a name absolute that
// spells the zone in another case.
func TestCoreRelativeNameCase(t *testing.T) {
	name := libdns.RelativeName("www.Customer.Example", "customer.example.")
	if name != "www.Customer.Example" {
		t.Errorf("libdns says %q now; is the defect mended?", name)
	}
	for given, want := range map[string]zone.Name{
		name:                   "www." + apex,
		"Customer.Example":     apex,
		"WWW":                  "www." + apex,
		"www.customer.example": "www.customer.example." + apex, // documented: relative
		"@":                    apex,
		"":                     apex,
		"x.customer.example.":  "x." + apex,
	} {
		if got := readOne(t, libdns.TXT{Name: given, TTL: time.Minute, Text: "a"}); got.Name != want {
			t.Errorf("%q is %s, want %s", given, got.Name, want)
		}
	}
}

// TestCoreAbsoluteNameDoubles: libdns.AbsoluteName adds the zone to a name that
// has it already, so a module is only handed relative names.
func TestCoreAbsoluteNameDoubles(t *testing.T) {
	if got := libdns.AbsoluteName("www.customer.example", "customer.example."); got != "www.customer.example.customer.example." {
		t.Errorf("libdns says %q now; is the defect mended?", got)
	}
	for owner, want := range map[zone.Name]string{apex: "@", "www." + apex: "www", "*.a." + apex: "*.a"} {
		raw, err := written(t, zone.NewTXT(owner, 60, "mine"))
		if err != nil {
			t.Fatal(err)
		}
		if got := raw.RR().Name; got != want {
			t.Errorf("%s is handed over as %q, want %q", owner, got, want)
		}
	}
}

// TestCoreParamsOrder: libdns.SvcParams prints in the order of a map, and with a
// space at the end where there is none, so one record has many texts.
func TestCoreParamsOrder(t *testing.T) {
	b := libdns.ServiceBinding{Scheme: "https", Name: "h", TTL: time.Minute, Priority: 1, Target: ".", Params: libdns.SvcParams{
		"alpn": {"h2", "h3"}, "port": {"8443"}, "ipv4hint": {"192.0.2.1"}, "ipv6hint": {"2001:db8::1"},
	}}
	texts, records := map[string]bool{}, map[zone.Record]bool{}
	for range 200 {
		texts[b.RR().Data] = true
		records[readOne(t, b)] = true
	}
	if len(texts) < 2 {
		t.Error("libdns gives one text now; is the defect mended?")
	}
	if len(records) != 1 {
		t.Errorf("%d records from one, want 1", len(records))
	}
	b.Params = nil
	if got := b.RR().Data; got != "1 . " {
		t.Errorf("libdns says %q now; is the defect mended?", got)
	}
	if got := readOne(t, b).Data; got != "1 ." {
		t.Errorf("data %q, want %q", got, "1 .")
	}
}

// TestCoreParsePanics: libdns's RR.Parse panics on the data of a provider.
func TestCoreParsePanics(t *testing.T) {
	rr := libdns.RR{Name: "h", TTL: time.Minute, Type: "HTTPS", Data: `1 . k=\25`}
	if panics(func() { _, _ = rr.Parse() }) == "" {
		t.Error("libdns does not panic now; is the defect mended?")
	}
	if got := readOne(t, rr); !got.Opaque || got.Data != rr.Data {
		t.Errorf("read as %+v, want the module's own text, opaque", got)
	}
}

// TestCoreParseRefusesItsOwn: libdns's RR.Parse refuses what RR has made. A
// record that it refuses is not written, for most modules could not read the
// zone again; one that stands is read.
func TestCoreParseRefusesItsOwn(t *testing.T) {
	for _, raw := range []libdns.Record{
		libdns.SRV{Name: "plain", TTL: time.Minute, Priority: 1, Weight: 2, Port: 3, Target: "a.example."},
		libdns.ServiceBinding{Scheme: "https", URLSchemePort: 8443, Name: "@", TTL: time.Minute, Priority: 1, Target: "."},
		libdns.RR{Name: "rare", TTL: time.Minute, Type: "SVCB", Data: "1 a.example."},
	} {
		rr := raw.RR()
		if _, err := rr.Parse(); err == nil {
			t.Errorf("libdns parses %+v now; is the defect mended?", rr)
			continue
		}
		r := readOne(t, raw)
		if r.Opaque || r.Type != rr.Type {
			t.Errorf("read as %+v, want a record", r)
		}
		if _, err := written(t, r); providers.CodeOf(err) != providers.Unsupported || !strings.Contains(err.Error(), "cannot parse") {
			t.Errorf("writing %s: %v, want Unsupported", r, err)
		}
	}
}

// TestCoreZeroAddress: the zero address has empty data, which deletes any.
func TestCoreZeroAddress(t *testing.T) {
	raw := libdns.Address{Name: "a", TTL: time.Minute}
	if got := raw.RR().Data; got != "" {
		t.Errorf("libdns says %q now; is the defect mended?", got)
	}
	if r := readOne(t, raw); !r.Opaque {
		t.Errorf("read as %+v, want opaque", r)
	}
}

// TestCoreSubsecondTTL: RR keeps a TTL that DNS cannot have, and two equal
// records compare different.
func TestCoreSubsecondTTL(t *testing.T) {
	raw := libdns.Address{Name: "a", TTL: 1500 * time.Millisecond, IP: netip.MustParseAddr("192.0.2.1")}
	if got := raw.RR().TTL; got != 1500*time.Millisecond {
		t.Errorf("libdns says %s now; is the defect mended?", got)
	}
	for ttl, want := range map[time.Duration]uint32{1500 * time.Millisecond: 1, -time.Second: 0, 1 << 62: 1<<31 - 1} {
		raw.TTL = ttl
		if got := readOne(t, raw).TTL; got != want {
			t.Errorf("%s is %d s, want %d", ttl, got, want)
		}
	}
}

// TestCoreQuoting: RR quotes CAA by the rules of Go, which DNS does not read.
func TestCoreQuoting(t *testing.T) {
	raw := libdns.CAA{Name: "c", TTL: time.Minute, Tag: "issue", Value: "ca.example; x=\u00e9\t"}
	if got := raw.RR().Data; !strings.Contains(got, `\t`) {
		t.Errorf("libdns says %q now; is the defect mended?", got)
	}
	if got, want := readOne(t, raw).Data, `0 issue "ca.example; x=\195\169\009"`; got != want {
		t.Errorf("data %s, want %s", got, want)
	}
}

// TestSameRecord: whatever shape a module gives a record in, it is the same one.
func TestSameRecord(t *testing.T) {
	mx := libdns.MX{Name: "M", TTL: time.Minute, Preference: 10, Target: "MX1.Mail.Example"}
	srv := libdns.SRV{Service: "sip", Transport: "tcp", Name: "@", TTL: time.Minute, Priority: 1, Weight: 2, Port: 3, Target: "a.example"}
	caa := libdns.CAA{Name: "c", TTL: time.Minute, Tag: "issue", Value: "ca.example"}
	six := libdns.Address{Name: "six", TTL: time.Minute, IP: netip.MustParseAddr("2001:db8::1")}
	text := libdns.TXT{Name: "t", TTL: time.Minute, Text: strings.Repeat("a", 300)}
	for _, shapes := range [][]libdns.Record{
		{mx, &mx, mx.RR(), libdns.RR{Name: "m", TTL: time.Minute, Type: "mx", Data: "010  mx1.mail.example."}},
		{srv, &srv, srv.RR(), libdns.SRV{Name: "_SIP._tcp", TTL: time.Minute, Priority: 1, Weight: 2, Port: 3, Target: "A.example."}},
		{caa, &caa, caa.RR(), libdns.RR{Name: "c", TTL: time.Minute, Type: "CAA", Data: `0 issue ca.example`}},
		{six, &six, six.RR(), libdns.RR{Name: "six", TTL: time.Minute, Type: "AAAA", Data: "2001:0db8:0:0::1"}},
		{text, &text, text.RR()},
		{libdns.CNAME{Name: "w", TTL: time.Minute, Target: string(apex)}, libdns.RR{Name: "w", TTL: time.Minute, Type: "CNAME", Data: "@"}},
	} {
		var got []zone.Record
		for _, raw := range shapes {
			got = append(got, readOne(t, raw))
		}
		if c := slices.Compact(slices.Clone(got)); len(c) != 1 || c[0].Opaque {
			t.Errorf("one record in %d shapes is read as %+v", len(shapes), got)
		}
	}
}

// TestStrangeOwners: an owner that no name can be is kept where it can be
// written down, and otherwise refuses the reading: a zone is never read in part.
func TestStrangeOwners(t *testing.T) {
	if r := readOne(t, libdns.TXT{Name: "g\u00fcn (x)", TTL: time.Minute, Text: "a"}); !r.Opaque || !r.Name.Below(apex) {
		t.Errorf("read as %+v, want it opaque and below %s", r, apex)
	}
	for _, raw := range []libdns.Record{
		libdns.TXT{Name: "a..b"}, libdns.TXT{Name: "www.other.example."}, nil, (*libdns.MX)(nil),
	} {
		m := newModule()
		s, z := open(t, driver(m))
		m.zones[string(apex)] = append(m.zones[string(apex)], raw)
		if snap, err := s.Read(t.Context(), z); providers.CodeOf(err) != providers.Internal {
			t.Errorf("%+v: read %d records, error %v, want Internal", raw, len(snap.Records), err)
		}
	}
}

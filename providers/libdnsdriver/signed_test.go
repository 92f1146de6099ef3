package libdnsdriver_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/zone"
)

// signed is a module whose host signs the zone anew at each write, and shows
// its signatures.
type signed struct {
	*module
	serial int
}

func newSigned() *signed {
	s := &signed{module: newModule(
		libdns.CNAME{Name: "www", TTL: time.Hour, Target: "a.example."},
		libdns.TXT{Name: "text", TTL: time.Hour, Text: "theirs"},
	)}
	s.sign()
	return s
}

func (s *signed) sign() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	now := slices.DeleteFunc(s.zones[string(apex)], func(r libdns.Record) bool { return r.RR().Type == "RRSIG" || r.RR().Type == "NSEC" })
	for _, rel := range []string{"www", "text"} {
		now = append(now,
			libdns.RR{Name: rel, Type: "RRSIG", TTL: time.Hour, Data: fmt.Sprintf("CNAME 13 3 3600 20300101000000 202001010000%02d 1 customer.example. AAAA", s.serial)},
			libdns.RR{Name: rel, Type: "NSEC", TTL: time.Hour, Data: "x.customer.example. CNAME RRSIG NSEC"},
		)
	}
	s.zones[string(apex)] = now
}

func (s *signed) AppendRecords(ctx context.Context, name string, recs []libdns.Record) ([]libdns.Record, error) {
	defer s.sign()
	return s.module.AppendRecords(ctx, name, recs)
}

func (s *signed) DeleteRecords(ctx context.Context, name string, recs []libdns.Record) ([]libdns.Record, error) {
	defer s.sign()
	return s.module.DeleteRecords(ctx, name, recs)
}

// TestSignedZone: what signs a zone stands beside a CNAME, is made anew by the
// host at each write, which is no loss, and is not deleted with what it signs.
func TestSignedZone(t *testing.T) {
	for _, grain := range []providers.Grain{providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone} {
		t.Run(string(grain), func(t *testing.T) {
			m := newSigned()
			p := &libdnsdriver.Provider{
				Driver:      driver(m, func(d *libdnsdriver.Driver) { d.Host.Caps.Grain = grain }),
				Credentials: providers.Credentials{"token": secret}, Options: providers.Options{Lost: time.Millisecond},
			}
			in := []libdns.Record{libdns.CNAME{Name: "www", TTL: time.Hour, Target: "b.example."}}
			if _, err := p.SetRecords(t.Context(), apex.FQDN(), in); err != nil {
				t.Errorf("another CNAME: %v", err)
			}
			if _, err := p.AppendRecords(t.Context(), apex.FQDN(), []libdns.Record{libdns.CNAME{Name: "new", TTL: time.Hour, Target: "b.example."}}); err != nil {
				t.Errorf("a new CNAME: %v", err)
			}
			if _, err := p.AppendRecords(t.Context(), apex.FQDN(), []libdns.Record{libdns.CNAME{Name: "text", TTL: time.Hour, Target: "b.example."}}); providers.CodeOf(err) != providers.Invalid {
				t.Errorf("a CNAME beside a signed TXT record: %v, want Invalid", err)
			}
			out, err := p.DeleteRecords(t.Context(), apex.FQDN(), []libdns.Record{libdns.RR{Name: "text"}})
			if want := []string{"text 3600 TXT theirs"}; err != nil || !slices.Equal(lines(out), want) {
				t.Errorf("deleted %q, error %v, want %q", lines(out), err, want)
			}
			all, err := p.GetRecords(t.Context(), apex.FQDN())
			if err != nil {
				t.Fatal(err)
			}
			got := slices.DeleteFunc(all, func(r libdns.Record) bool { return r.RR().Type == "SOA" || r.RR().Type == "NS" })
			want := []string{
				"new 3600 CNAME b.example.",
				"text 3600 NSEC x.customer.example. CNAME RRSIG NSEC", "text 3600 RRSIG",
				"www 3600 CNAME b.example.",
				"www 3600 NSEC x.customer.example. CNAME RRSIG NSEC", "www 3600 RRSIG",
			}
			if got := lines(got); !slices.EqualFunc(got, want, func(a, b string) bool { return a == b || len(b) < len(a) && a[:len(b)] == b }) {
				t.Errorf("the zone holds %q, want %q", got, want)
			}
		})
	}
}

// TestSignedEdit: so in an edit that a session is handed.
func TestSignedEdit(t *testing.T) {
	m := newSigned()
	s, z := open(t, driver(m))
	c, err := zone.New("www."+apex, "CNAME", 3600, "b.example.")
	if err != nil {
		t.Fatal(err)
	}
	snap, err := s.Read(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), z, zone.Edit{Before: snap.Set(c.Name, "CNAME"), After: []zone.Record{c}}); err != nil {
		t.Error(err)
	}
	if got := m.count("append") + m.count("delete") + m.count("set"); got != 2 {
		t.Errorf("%d writes, want the removal and the addition alone", got)
	}
}

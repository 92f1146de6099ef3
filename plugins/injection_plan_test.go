package plugins_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// site is a host that can be injected: its fake lives in this process, and plugin
// processes are led to it through a tap.
type site struct {
	driver  providers.Driver
	fixture providertest.Harness
	creds   providers.Credentials
	tap     *tap
	most    int           // requests of a usual edit
	theirs  []zone.Record // what only this host holds
	long    int           // octets in a text that fills its zone
	many    int           // of them, so that a reading comes in several parts
}

// sites is the drivers that are injected, each with its host.
func sites(t *testing.T) []*site {
	t.Helper()
	own := func(rel, typ, data, meta string, opaque bool) zone.Record {
		return zone.Record{Name: zone.Name(rel) + "." + apex, Type: typ, TTL: 600, Data: data, Meta: meta, Opaque: opaque}
	}
	service := own("_sip._tcp", "SRV", "10 60 5060 sip.theirs.example.", "", false)
	all := []*site{
		{most: 7, long: 1000, many: 300, theirs: []zone.Record{service, own("shop", "A", "192.0.2.80", "comment=theirs proxied=true ttl=auto", false)}},
		{most: 14, long: 400, many: 700, theirs: []zone.Record{service, own("old", "A", "Parked", "", true)}},
		{most: 7, long: 2500, many: 105, theirs: []zone.Record{own("go", zone.TypeRedirect, "frame http://old.theirs.example/a?b=c&d", "", false)}},
		{most: 4, long: 1000, many: 300, theirs: []zone.Record{service}},
	}
	for i, d := range transcribed()[:len(all)] {
		s := all[i]
		s.driver, s.fixture, s.tap = d, harness(t, d), &tap{}
		_, creds, _ := s.fixture.New(t)
		if server, ok := creds["server"]; ok {
			s.creds = led(creds, "none")
			s.creds["server"] = dnsTap(t, s.tap, server)
		} else {
			s.creds = led(creds, httpTap(t, s.tap, creds["endpoint"])("customer"))
		}
	}
	return all
}

// plan is a zone and what is to become different in it. long fills the zone.
func (s *site) plan(t *testing.T, rng *rand.Rand, long bool) (before zone.Snapshot, changes []zone.Change) {
	t.Helper()
	kept := slices.Concat(s.theirs, []zone.Record{
		{Name: apex, Type: "MX", TTL: 3600, Data: "10 mx1.theirs.example."},
		zone.NewTXT(apex, 3600, "theirs, at the apex"),
		{Name: "ca." + apex, Type: "CAA", TTL: 3600, Data: `0 issue "ca.example"`},
	})
	if long {
		for n := range s.many {
			kept = append(kept, zone.NewTXT(zone.Name(fmt.Sprintf("n%d.%s", n, apex)), 3600, strings.Repeat("0123456789", s.long/10)))
		}
	}
	owners := []zone.Name{apex, "www." + apex, "mail." + apex, "_dmarc." + apex, "a.b." + apex}
	if long {
		owners = owners[:3] // a host may hold no more
	}
	var was, will []zone.Record
	for len(changes) == 0 {
		was, will = nil, nil
		for _, owner := range owners {
			at := drawOwner(rng, owner)
			was = append(was, at...)
			if rng.IntN(2) == 0 {
				at = changed(rng, at, drawOwner(rng, owner))
			}
			will = append(will, at...)
		}
		changes = zone.Diff(zone.NewSnapshot(apex, was), zone.NewSnapshot(apex, will))
	}
	s.fixture.Seed(t, slices.Concat(kept, was))
	for i, c := range changes {
		if slices.ContainsFunc(slices.Concat(c.Add, c.Remove), isAlias) {
			changes[i].Absent = []string{zone.AnyType}
		}
	}
	rng.Shuffle(len(changes), func(i, k int) { changes[i], changes[k] = changes[k], changes[i] })
	return s.fixture.Zone(t), changes
}

func isAlias(r zone.Record) bool { return r.Type == "CNAME" }

// drawOwner is the records of one name, which every host holds as they are.
func drawOwner(rng *rand.Rand, owner zone.Name) (out []zone.Record) {
	if owner == "www."+apex && rng.IntN(3) == 0 {
		return []zone.Record{{Name: owner, Type: "CNAME", TTL: 3600, Data: fmt.Sprintf("t%d.example.", rng.IntN(3))}}
	}
	add := func(typ, data string) {
		for _, n := range rng.Perm(4)[:rng.IntN(3)] {
			out = append(out, zone.Record{Name: owner, Type: typ, TTL: 3600, Data: fmt.Sprintf(data, n+1)})
		}
	}
	add("A", "192.0.2.%d")
	add("AAAA", "2001:db8::%d")
	add("TXT", `"text number %d"`)
	if owner != apex {
		add("MX", "%d0 mx.example.")
		out = uniqueMX(out)
	}
	return out
}

// uniqueMX keeps one record for a mail server, as some hosts do.
func uniqueMX(recs []zone.Record) []zone.Record {
	had := false
	return slices.DeleteFunc(recs, func(r zone.Record) bool {
		again := had && r.Type == "MX"
		had = had || r.Type == "MX"
		return again
	})
}

// changed keeps some records of an owner, and gives whole RRsets another TTL.
func changed(rng *rand.Rand, at, come []zone.Record) []zone.Record {
	if !slices.ContainsFunc(slices.Concat(at, come), isAlias) {
		for _, r := range at {
			if !zone.Contains(come, r) && rng.IntN(2) == 0 {
				come = append(come, r)
			}
		}
		come = uniqueMX(come)
	}
	if len(come) > 0 && come[0].Name != apex && rng.IntN(4) == 0 {
		for i := range come {
			come[i].TTL = 1800
		}
	}
	return come
}

// hosted is a host with processes of one driver.
func (s *site) hosted(t *testing.T, state string, o plugins.Options) (*plugins.Host, providers.Driver) {
	t.Helper()
	o.State, o.Carried, o.Crashes = state, []providers.Driver{s.driver}, 1000
	h, err := plugins.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	return h, h.Drivers()[0]
}

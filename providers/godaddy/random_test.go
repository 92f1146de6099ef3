package godaddy_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// draw makes random zones and plans, the same of the same seed.
type draw struct{ *rand.Rand }

func newDraw(seed uint64, i int) draw { return draw{rand.New(rand.NewPCG(seed, uint64(i)))} }

func (d draw) ttl() uint32 { return []uint32{600, 1800, 3600, 3600, 86400}[d.IntN(5)] }

// some is up to most different numbers below n.
func (d draw) some(n, most int) []int { return d.Perm(n)[:d.IntN(most+1)] }

// owner is the records of one name. Every RRset has one TTL, but for some that
// the host has with several. planned leaves out what only the host's web page
// can make.
func (d draw) owner(rel string, planned bool) []zone.Record {
	var out []zone.Record
	if rel != "@" && !strings.HasPrefix(rel, "_") && d.IntN(5) == 0 {
		return []zone.Record{d.value(rel, "CNAME", d.IntN(4), d.ttl())}
	}
	types := []string{"A", "AAAA", "MX", "TXT"}
	switch {
	case rel == "_dmarc":
		types = []string{"TXT"}
	case strings.HasPrefix(rel, "_"):
		types = []string{"SRV", "TXT"}
	case rel == "sub":
		types = append(types, "NS")
	}
	for _, typ := range types {
		ttl, several := d.ttl(), !planned && d.IntN(10) == 0
		for _, n := range d.some(6, 3) {
			if several {
				ttl = d.ttl()
			}
			out = append(out, d.value(rel, typ, n, ttl))
		}
	}
	if planned {
		return out
	}
	if d.IntN(6) == 0 {
		out = append(out, zone.Record{Name: name(rel), Type: "CAA", TTL: 604800, Data: `0 issue "ca.example"`})
	}
	if d.IntN(8) == 0 {
		out = append(out, zone.Record{Name: name(rel), Type: "TXT", TTL: d.ttl(), Data: `"own " "borders ` + strconv.Itoa(d.IntN(3)) + `"`, Meta: "quoted=true"})
	}
	if d.IntN(8) == 0 {
		r := txt(rel, `say "hi" \`+strconv.Itoa(d.IntN(3)))
		r.Meta = "raw=true"
		out = append(out, r)
	}
	if d.IntN(8) == 0 && !slices.ContainsFunc(out, func(r zone.Record) bool { return r.Type == "CNAME" }) {
		out = append(out, zone.Record{Name: name(rel), Type: "A", TTL: 600, Data: []string{"Parked", "Forwarded"}[d.IntN(2)], Opaque: true})
	}
	return out
}

func (d draw) value(rel, typ string, n int, ttl uint32) zone.Record {
	r := rec(rel, typ, map[string]string{
		"A":     fmt.Sprintf("192.0.2.%d", n),
		"AAAA":  fmt.Sprintf("2001:db8::%x", n+1),
		"CNAME": []string{"pages.host.example", string(apex), "www." + string(apex), "deep.name.of.host.example"}[n%4],
		"MX":    fmt.Sprintf("%d mx%d.mail.example", n*5, n/2),
		"NS":    fmt.Sprintf("ns%d.other.example", n),
		"SRV":   fmt.Sprintf("%d %d %d sip%d.host.example", n, n*7, 443+n, n%3),
		"TXT":   zone.QuoteText(fmt.Sprintf("value %d; of=%s %s", n, rel, strings.Repeat("long ", n*n*7))),
	}[typ])
	r.TTL = ttl
	return r
}

// names are those of a random zone. Two services stand below one name, and one
// service below two.
func names() []string {
	return []string{"@", "www", "*", "sub", "a.b.c", "_dmarc", "_sip._tcp", "_sip._tls", "_sip._tcp.sub", "_x._udp.sub", "mail"}
}

// plan is a random zone, and a random change of some of its names.
func (d draw) plan() (zone.Snapshot, []zone.Change) {
	var before, after []zone.Record
	for _, rel := range names() {
		at := d.owner(rel, false)
		if d.IntN(2) == 0 {
			at = nil
		}
		before = append(before, at...)
		if d.IntN(3) == 0 {
			at = d.changed(rel, at)
		}
		after = append(after, at...)
	}
	start := zone.NewSnapshot(apex, before)
	changes := zone.Diff(start, zone.NewSnapshot(apex, after))
	for i, c := range changes {
		if slices.ContainsFunc(slices.Concat(c.Add, c.Remove), func(r zone.Record) bool { return r.Type == "CNAME" }) {
			changes[i].Absent = []string{zone.AnyType}
		}
	}
	d.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
	return start, changes
}

// changed is the records of a name with some gone, some new, and some with
// another TTL. What the API does not write stays, and with an address that is
// Parked all other addresses, unless it goes: the API does not take it back.
func (d draw) changed(rel string, at []zone.Record) []zone.Record {
	parked := slices.ContainsFunc(at, func(r zone.Record) bool { return r.Opaque })
	stays := parked && d.IntN(2) == 0
	fixed := func(r zone.Record) bool { return r.Type == "CAA" || stays && r.Type == "A" }
	next := slices.DeleteFunc(d.owner(rel, true), func(r zone.Record) bool { return stays && r.Type == "A" })
	if slices.ContainsFunc(at, fixed) && slices.ContainsFunc(next, func(r zone.Record) bool { return r.Type == "CNAME" }) {
		return at
	}
	alone := slices.ContainsFunc(slices.Concat(at, next), func(r zone.Record) bool { return r.Type == "CNAME" })
	for _, r := range at {
		if fixed(r) || !alone && !r.Opaque && !zone.Contains(next, r) && d.IntN(2) == 0 {
			next = append(next, r)
		}
	}
	return next
}

// outside is a hash of every record that no change touches, Meta included.
func outside(snap zone.Snapshot, changes []zone.Change) string {
	touched := func(r zone.Record) bool {
		return slices.ContainsFunc(changes, func(c zone.Change) bool { return zone.Contains(c.Remove, r) || zone.Contains(c.Add, r) })
	}
	h := sha256.New()
	for _, r := range snap.Records {
		if !touched(r) {
			fmt.Fprintf(h, "%q %t\n", []string{r.String(), r.Meta}, r.Opaque)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// less is the lines of a that b does not have, each as often as it is missing.
func less(a, b []string) []string {
	left := map[string]int{}
	for _, l := range b {
		left[l]++
	}
	return slices.DeleteFunc(slices.Clone(a), func(l string) bool { left[l]--; return left[l] >= 0 })
}

func home() providers.Zone {
	return providers.Zone{ID: string(apex), Apex: apex, Caps: godaddy.Driver{}.Info().Caps}
}

// TestRandomPlans: after each plan the zone is what the plan makes of it, and
// what is outside of the plan is the same to the letter, in the API's own
// spelling too.
func TestRandomPlans(t *testing.T) {
	seed := drawtest.Seed(t)
	fake := start(t, godaddytest.Options{})
	changed, records := 0, 0
	for i := range drawtest.Times(10000, 1000) {
		snap, changes := newDraw(seed, i).plan()
		fake.Set(snap)
		before, lines := fake.Zone(apex), fake.Lines(apex)
		outcomes := open(t, fake, fake.Credentials(), providers.Options{}).Apply(t.Context(), home(), changes, &providers.Run{})
		if !providers.Done(outcomes) {
			t.Fatalf("plan %d: %+v\n%v", i, outcomes, changes)
		}
		after := fake.Zone(apex)
		if wrong := differ(after, before.With(changes...)); wrong != "" {
			t.Fatalf("plan %d:%s", i, wrong)
		}
		if outside(before, changes) != outside(after, changes) {
			t.Fatalf("plan %d: what is outside of it has changed", i)
		}
		gone, come := less(lines, fake.Lines(apex)), less(fake.Lines(apex), lines)
		var remove, add []zone.Record
		for _, c := range changes {
			remove, add = append(remove, c.Remove...), append(add, c.Add...)
		}
		if len(gone) > len(remove) || len(come) > len(add) {
			t.Fatalf("plan %d: %d records were respelled\ngone %q\ncome %q", i, len(gone)-len(remove), gone, come)
		}
		changed, records = changed+len(remove)+len(add), records+len(before.Records)
	}
	t.Logf("%d plans on zones of %d records in all changed %d records and nothing else; %d requests, %d of them writes",
		drawtest.Times(10000, 1000), records, changed, fake.Requests(), fake.Writes())
}

// TestRandomPlansBare makes the same plans with the upstream module: what is to
// be removed is deleted, what is to be added appended.
func TestRandomPlansBare(t *testing.T) {
	seed := drawtest.Seed(t)
	fake := start(t, godaddytest.Options{})
	module, _ := bare(t, fake)
	plans, spoiled, lost, refused := 0, 0, 0, 0
	for i := range drawtest.Times(10000, 300) {
		snap, changes := newDraw(seed, i).plan()
		if len(changes) == 0 {
			continue
		}
		plans++
		fake.Set(snap)
		before := fake.Zone(apex)
		for _, c := range changes {
			var errs [2]error
			if len(c.Remove) > 0 {
				_, errs[0] = module.DeleteRecords(t.Context(), apex.FQDN(), plain(c.Remove...))
			}
			if len(c.Add) > 0 {
				_, errs[1] = module.AppendRecords(t.Context(), apex.FQDN(), plain(c.Add...))
			}
			if errs[0] != nil || errs[1] != nil {
				refused++
			}
		}
		after := fake.Zone(apex)
		if outside(before, changes) != outside(after, changes) {
			spoiled++
		}
		for _, r := range before.With(changes...).Records {
			stays := slices.Contains(before.Records, r)
			if stays && !slices.Contains(after.Records, r) {
				lost++
			}
		}
	}
	t.Logf("bare libdns/godaddy v1.1.0: of %d plans %d lost or changed records that they had nothing to do with, %d records in all; %d changes ended in an error",
		plans, spoiled, lost, refused)
	if spoiled == 0 || lost == 0 {
		t.Error("the bare module loses nothing any more")
	}
}

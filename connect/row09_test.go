package connect_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// Between the plan and its run somebody changes one record, whichever: the plan
// is stale exactly where a plan made now would show something else. Then
// nothing is written; otherwise the plan is carried out and what somebody did
// stays.
func TestRow09Stale(t *testing.T) {
	for _, tt := range []struct {
		name      string
		zone      string
		caps      providers.Caps
		want      []plan.Intent
		decisions []plan.Decision
	}{
		{"an alias and a text", "www A 192.0.2.10\nwww AAAA 2001:db8::10\n@ TXT \"theirs\"\n", providers.Caps{}, []plan.Intent{
			plan.CNAME("www", "edge.app.example"), plan.TXT("@", "app-verify=1"),
		}, nil},
		{"an alias over everything", "www TXT \"theirs\"\nwww MX 10 mail\n", providers.Caps{Grain: providers.GrainBatch, CAS: true}, []plan.Intent{
			plan.CNAME("www", "edge.app.example"),
		}, []plan.Decision{{Code: plan.CNAMEOccupied, Option: "remove"}}},
		{"SPF, mail and CAA", "@ TXT \"v=spf1 mx -all\"\n@ MX 10 mail\n@ CAA 0 issue \"letsencrypt.org\"\nmail A 192.0.2.25\n", providers.Caps{Grain: providers.GrainZone}, []plan.Intent{
			plan.SPF("@", "ip4:198.51.100.7"), plan.MX("@", 20, "edge.app.example"), plan.CAA("www", "issue", "pki.app.example"),
		}, []plan.Decision{{Code: plan.MXSet, Option: "append"}}},
		{"a name below a wildcard", "* A 192.0.2.99\n* MX 10 mail\nshop TXT \"theirs\"\n", providers.Caps{Grain: providers.GrainRecord}, []plan.Intent{
			plan.TXT("_verify.new", "1"), plan.A("shop", "198.51.100.7"),
		}, nil},
		{"a delegation", "sub A 192.0.2.1\na.sub TXT \"theirs\"\n", providers.Caps{}, []plan.Intent{
			plan.NS("sub", "ns1.app.example"),
		}, []plan.Decision{{Code: plan.NSOccludes, Option: "delegate"}}},
		{"a question without answer", "@ MX 10 mail\n", providers.Caps{}, []plan.Intent{plan.MX("@", 20, "edge.app.example")}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStaleness(t, tt.zone, tt.caps)
			stale, kept := 0, 0
			for _, m := range mutations(s.before) {
				if s.try(t, m, tt.want, append(tt.decisions, plan.TakeDefaults(), plan.Decision{Code: plan.SafetyGate, Option: "proceed"})) {
					stale++
				} else {
					kept++
				}
			}
			t.Logf("%d mutations make the plan stale, %d do not", stale, kept)
			if stale == 0 || kept == 0 {
				t.Error("this case holds nothing")
			}
		})
	}
}

const head = "$ORIGIN customer.example.\n$TTL 300\n@ SOA ns1 hostmaster 1 3600 600 86400 300\n@ NS ns1\nns1 A 127.0.0.1\n"

// staleness is a zone in memory that DNS shows as it was.
type staleness struct {
	before zone.Snapshot
	host   *memory.Host
	world  *verifytest.World
}

func newStaleness(t *testing.T, text string, caps providers.Caps) staleness {
	w := verifytest.New(t, verifytest.Options{Text: []string{head + text, read(t, "app.example.txt")}})
	before := zoneOf(t, head+text)
	return staleness{before, memory.New(memory.Options{Caps: caps, Zones: []zone.Snapshot{before}, NameServers: []string{"ns?.customer.example"}}), w}
}

// try makes a plan, lets somebody change the zone, and carries the plan out. It
// reports whether the plan was stale.
func (s staleness) try(t *testing.T, m mutation, want []plan.Intent, decisions []plan.Decision) (stale bool) {
	t.Helper()
	s.host.Set(s.before)
	e, _ := engine(t, s.host.Driver(), providers.JournalMemory(), verify.Options{Start: s.world.Start(), Map: s.world.Map, MinDelay: 10 * time.Millisecond, Timeout: patience})
	site, err := e.Detect(t.Context(), string(customer))
	if err != nil {
		t.Fatal(err)
	}
	prepare := func() connect.Plan {
		p, err := e.Prepare(t.Context(), site, nil, want, decisions...)
		if err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		return p
	}
	p := prepare()
	s.host.Change(customer, m.Change)
	mutated, writes := s.host.Zone(customer), s.host.Writes()
	now := prepare()

	_, err = e.Apply(t.Context(), nil, p)
	after := s.host.Zone(customer)
	if shown(t, now) != shown(t, p) {
		refused, ok := errors.AsType[*connect.Stale](err)
		if !ok {
			t.Errorf("%s: got %v, want *Stale: the plan was\n%s\nand is\n%s", m.name, err, p.Text(), now.Text())
			return true
		}
		if d := cmp.Diff(shown(t, refused.Plan), shown(t, now)); d != "" || refused.Plan.ID != now.ID {
			t.Errorf("%s: the plan to show again (-got +want):\n%s", m.name, d)
		}
		if d := cmp.Diff(after.Records, mutated.Records); d != "" || s.host.Writes() != writes {
			t.Errorf("%s: %d writes for a stale plan (-got +want):\n%s", m.name, s.host.Writes()-writes, d)
		}
		return true
	}
	if _, open := errors.AsType[*connect.Undecided](err); open && len(p.Open()) > 0 {
		return false
	}
	if err != nil {
		t.Errorf("%s: got %v, and the plan is still the same:\n%s", m.name, err, p.Text())
		return false
	}
	if d := cmp.Diff(unnumbered(after), unnumbered(mutated.With(p.ZoneChanges()...))); d != "" {
		t.Errorf("%s: the zone after (-got +want):\n%s", m.name, d)
	}
	return false
}

// unnumbered is the records of a zone without the SOA record, whose serial its
// host counts.
func unnumbered(z zone.Snapshot) []zone.Record {
	return slices.DeleteFunc(slices.Clone(z.Records), func(r zone.Record) bool { return r.Type == "SOA" })
}

// shown is what a person approves of a plan: what is done, what was asked and
// answered, and what can go wrong.
func shown(t *testing.T, p connect.Plan) string {
	t.Helper()
	var asked []plan.Conflict
	for _, c := range p.Conflicts {
		asked = append(asked, plan.Conflict{Code: c.Code, Owner: c.Owner, Existing: c.Existing, Wanted: c.Wanted, Answer: c.Answer})
	}
	data, err := json.MarshalIndent([]any{p.ZoneChanges(), asked, p.Hazards}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// mutation is one record that somebody writes, changes or removes.
type mutation struct {
	name string
	zone.Change
}

// mutations is every change of one record of a zone, and a record of each kind
// at every name that counts.
func mutations(z zone.Snapshot) []mutation {
	out := []mutation{}
	for _, r := range z.Records {
		if r.Type == "SOA" {
			continue
		}
		if r.Type != "NS" || r.Name != customer { // a zone needs one
			out = append(out, mutation{fmt.Sprintf("without %v", r), zone.Change{Owner: r.Name, Remove: []zone.Record{r}}})
		}
		for what, change := range map[string]func(*zone.Record){
			"TTL":  func(r *zone.Record) { r.TTL++ },
			"Meta": func(r *zone.Record) { r.Meta = "proxied=true" },
			"data": func(r *zone.Record) { r.Data = other[r.Type] },
		} {
			if changed := r; other[r.Type] != "" {
				change(&changed)
				out = append(out, mutation{fmt.Sprintf("another %s in %v", what, r), zone.Change{Owner: r.Name, Remove: []zone.Record{r}, Add: []zone.Record{changed}}})
			}
		}
	}
	for _, owner := range []zone.Name{customer, "www." + customer, "shop." + customer, "new." + customer, "_verify.new." + customer, "a.sub." + customer, "far.away." + customer, "*." + customer} {
		for typ, data := range other {
			r := zone.Record{Name: owner, Type: typ, TTL: 300, Data: data}
			beside := slices.ContainsFunc(z.At(owner), func(o zone.Record) bool { return o.Type == "CNAME" || o.SameData(r) })
			if beside || typ == "CNAME" && len(z.At(owner)) > 0 || typ == "NS" && owner == customer {
				continue // nobody's host takes it
			}
			out = append(out, mutation{fmt.Sprintf("with %v", r), zone.Change{Owner: owner, Add: []zone.Record{r}}})
		}
	}
	slices.SortFunc(out, func(a, b mutation) int { return strings.Compare(a.name, b.name) })
	return out
}

// other is a value of each type that nothing else has.
var other = map[string]string{
	"A": "203.0.113.77", "AAAA": "2001:db8::77", "CNAME": "elsewhere.example.net.", "MX": "77 mx.example.net.",
	"TXT": `"somebody's"`, "CAA": `0 issue "ca.example.net"`, "NS": "ns.example.net.", "SRV": "7 7 7 sip.example.net.",
}

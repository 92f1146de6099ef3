package plan_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

const domain = zone.Name("customer.example")

// scenario is a zone, what somebody wants of it, and how a person decides.
type scenario struct {
	Zone     zone.Snapshot
	Above    []zone.Record // what DNS holds above the zone
	Servers  []zone.Name   // that the host assigned
	Intents  []plan.Intent
	Caps     providers.Caps
	Policies plan.Policies
	Defaults bool          // the default is taken where there is one
	Picks    []int         // an option of each conflict in turn
	Dice     []int         // for what happens besides: an order, an edit
	Next     []plan.Intent // of a second run
}

func (sc scenario) String() string {
	var b strings.Builder
	_ = sc.Zone.WriteText(&b)
	asked, err := json.Marshal(sc.Intents)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("zone:\n%s\nabove: %v\nservers: %v\nintents: %s\ncaps: %+v\npolicies: %v\n", b.String(), sc.Above, sc.Servers, asked, sc.Caps, sc.Policies)
}

var scenarios = rapid.Custom(func(t *rapid.T) scenario { return drawScenario(t, 10, 5) })

// small is scenarios of which every subset can be looked at.
var small = rapid.Custom(func(t *rapid.T) scenario {
	sc := drawScenario(t, 6, 2)
	sc.Next = nil
	return sc
})

func drawScenario(t *rapid.T, records, intents int) scenario {
	var recs []zone.Record
	caps := rapid.SampledFrom(capabilities).Draw(t, "caps")
	put := func(owner zone.Name, from []zone.Record) {
		r := rapid.SampledFrom(from).Draw(t, "record")
		r.Name, r.TTL = owner, caps.ClampTTL(rapid.SampledFrom([]uint32{300, 3600}).Draw(t, "ttl"))
		if !zone.Contains(recs, r) {
			recs = append(recs, r)
		}
	}
	for range rapid.IntRange(0, records).Draw(t, "records") {
		switch place := rapid.SampledFrom(places).Draw(t, "place"); place {
		case "any":
			owner := at(t, rapid.SampledFrom(hosts).Draw(t, "owner"))
			if n := len(recs); n > 0 && rapid.IntRange(0, 2).Draw(t, "beside") == 0 {
				owner = recs[rapid.IntRange(0, n-1).Draw(t, "neighbour")].Name
			}
			put(owner, data["any"])
		case "cut":
			put("sub."+domain, data["cut"])
		default:
			put(zone.Name(place)+"."+domain, data[place])
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "illegal") > 0 { // most zones are as they should be
		recs = legalise(recs)
	}
	recs = append(
		recs,
		zone.Record{Name: domain, Type: "SOA", TTL: 3600, Data: "ns1.host.example. hostmaster.host.example. 1 3600 600 86400 300"},
		zone.Record{Name: domain, Type: "NS", TTL: 3600, Data: "ns1.host.example."},
	)
	sc := scenario{
		Zone:     zone.NewSnapshot(domain, recs),
		Caps:     caps,
		Defaults: rapid.Bool().Draw(t, "defaults"),
		Picks:    rapid.SliceOfN(rapid.IntRange(0, 5), 12, 12).Draw(t, "picks"),
		Dice:     rapid.SliceOfN(rapid.IntRange(0, 1000), 12, 12).Draw(t, "dice"),
	}
	sc.Intents = drawIntents(t, sc.Zone, 1, intents)
	sc.Next = drawIntents(t, sc.Zone, 0, 3)
	switch rapid.IntRange(0, 11).Draw(t, "besides") {
	case 0:
		sc.Above = []zone.Record{rapid.SampledFrom(above).Draw(t, "above")}
	case 1:
		sc.Servers = []zone.Name{rapid.SampledFrom([]zone.Name{"ns1.host.example", "ns1.other.example"}).Draw(t, "server")}
	case 2, 3:
		class := rapid.SampledFrom(plan.Classes()).Draw(t, "class")
		sc.Policies = plan.Policies{class: rapid.SampledFrom([]plan.Policy{plan.Ask, plan.Fail, plan.Replace, plan.Keep}).Draw(t, "policy")}
	}
	return sc
}

// drawIntents asks for things at names that the zone has as often as not.
func drawIntents(t *rapid.T, z zone.Snapshot, least, most int) (out []plan.Intent) {
	for range rapid.IntRange(least, most).Draw(t, "intents") {
		host := rapid.SampledFrom(hosts).Draw(t, "host")
		if n := len(z.Records); rapid.Bool().Draw(t, "there") {
			host = z.Records[rapid.IntRange(0, n-1).Draw(t, "where")].Name.FQDN()
		}
		in := rapid.SampledFrom(wants).Draw(t, "want")(host)
		switch rapid.IntRange(0, 11).Draw(t, "extra") {
		case 0:
			in.Optional = true
		case 1:
			in.TTL = rapid.SampledFrom([]uint32{1, 60, 300, 86400}).Draw(t, "asked")
		case 2:
			in.TTL, in.EnforceTTL = rapid.SampledFrom([]uint32{60, 300, 86400}).Draw(t, "enforced"), true
		}
		out = append(out, in)
	}
	return out
}

func at(t rapid.TB, host string) zone.Name {
	n, err := zone.Abs(host, domain)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// legalise leaves out what makes a zone break the laws below.
func legalise(recs []zone.Record) []zone.Record {
	var out []zone.Record
	for _, r := range recs {
		if len(violations(append(slices.Clone(out), r))) == 0 {
			out = append(out, r)
		}
	}
	return out
}

package connect

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

var update = flag.Bool("update", false, "rewrite the hosts' files in testdata/steps")

const stepsZone = zone.Name("customer.example")

func planned(changes ...zone.Change) plan.Plan {
	p := plan.Plan{Zone: stepsZone}
	for _, c := range changes {
		p.Changes = append(p.Changes, plan.Change{Change: c})
	}
	return p
}

// TestSteps words one plan for hosts whose forms differ.
func TestSteps(t *testing.T) {
	read := func(file string) zone.Snapshot {
		t.Helper()
		data, err := os.ReadFile("testdata/steps/" + file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := zone.ReadText(strings.NewReader(string(data)), zone.Root)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	p := planned(zone.Diff(read("before.txt"), read("after.txt"))...)
	e, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "cloudflare", "dreamhost", "godaddy", "googleclouddns", "hostgator", "namecheap", "ovh", "porkbun", "route53"} {
		name := id
		if id == "" {
			name = unknown
		}
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, s := range steps(p, e.host(Site{Host: id})) {
				b.WriteString(s.Text + "\n")
			}
			file := "testdata/steps/" + name + ".txt"
			if *update {
				if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
				t.Errorf("(-want +got), -update rewrites %s:\n%s", file, diff)
			}
		})
	}
}

func TestStepsOneByOne(t *testing.T) {
	rec := func(name zone.Name, typ string, ttl uint32, data string) zone.Record {
		t.Helper()
		if typ == zone.TypeRedirect {
			return zone.Record{Name: name, Type: typ, TTL: ttl, Data: data, Opaque: true}
		}
		r, err := zone.New(name, typ, ttl, data)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const www = "www." + stepsZone
	cloudflare := providers.Info{ID: "cloudflare", Caps: providers.Caps{ApexAlias: "CNAME"}}
	tests := []struct {
		name        string
		host        providers.Info
		remove, add []zone.Record
		want        []string
	}{
		{
			"an alias",
			providers.Info{},
			[]zone.Record{rec(stepsZone, "A", 300, "192.0.2.1")},
			[]zone.Record{rec(stepsZone, zone.TypeAlias, 300, "edge.app.example")},
			[]string{"Remove the record: Type A, Name @, Value: 192.0.2.1", "Add the record: Type ALIAS (or ANAME), Name @, TTL 300, Value: edge.app.example"},
		},
		{
			"an alias that the host calls CNAME", cloudflare,
			nil,
			[]zone.Record{rec(stepsZone, zone.TypeAlias, 300, "edge.app.example")},
			[]string{"Add the record: Type CNAME, Name @, TTL 300, Value: edge.app.example"},
		},
		{
			"a redirect",
			providers.Info{},
			[]zone.Record{rec(www, "A", 300, "192.0.2.1"), rec(www, "TXT", 300, `"a"`)},
			[]zone.Record{rec(www, zone.TypeRedirect, 300, "301 https://app.example/")},
			[]string{
				"Remove the record: Type A, Name www, Value: 192.0.2.1", "Add the redirect: Name www, TTL 300, To: 301 https://app.example/",
				"Remove the record: Type TXT, Name www, Value: a",
			},
		},
		{
			"a redirect's text with control characters",
			providers.Info{},
			[]zone.Record{rec(www, zone.TypeRedirect, 300, "\x1b[2J")},
			nil,
			[]string{`Remove the redirect: Name www, To: "\x1b[2J"`},
		},
		{
			"a priority alone",
			providers.Info{},
			[]zone.Record{rec(stepsZone, "MX", 300, "10 mx.app.example")},
			[]zone.Record{rec(stepsZone, "MX", 300, "20 mx.app.example")},
			[]string{"Change the record: Type MX, Name @, Priority 10 → 20, Value: mx.app.example"},
		},
		{
			"a null MX goes first",
			providers.Info{},
			[]zone.Record{rec(stepsZone, "MX", 300, "0 .")},
			[]zone.Record{rec(stepsZone, "MX", 300, "10 mx1.app.example"), rec(stepsZone, "MX", 300, "20 mx2.app.example")},
			[]string{
				"Remove the record: Type MX, Name @, Priority 0, Value: .",
				"Add the record: Type MX, Name @, Priority 10, TTL 300, Value: mx1.app.example", "Add the record: Type MX, Name @, Priority 20, TTL 300, Value: mx2.app.example",
			},
		},
		{
			"two SPF records become one",
			providers.Info{},
			[]zone.Record{rec(stepsZone, "TXT", 300, `"v=spf1 a -all"`), rec(stepsZone, "TXT", 300, `"v=spf1 mx -all"`)},
			[]zone.Record{rec(stepsZone, "TXT", 300, `"v=spf1 a mx -all"`), rec(stepsZone, "TXT", 300, `"token"`)},
			[]string{
				"Add the record: Type TXT, Name @, TTL 300, Value: token",
				"Change the record: Type TXT, Name @, Value: v=spf1 a -all → v=spf1 a mx -all",
				"Remove the record: Type TXT, Name @, Value: v=spf1 mx -all",
			},
		},
		{
			"a TTL of 0",
			providers.Info{},
			[]zone.Record{rec(www, "A", 0, "192.0.2.1")},
			[]zone.Record{rec(www, "A", 300, "192.0.2.1")},
			[]string{"Change the record: Type A, Name www, TTL 0 → 300, Value: 192.0.2.1"},
		},
		{
			"a value beside others in one entry",
			providers.Info{Form: providers.Form{Sets: true}},
			[]zone.Record{rec(stepsZone, "TXT", 300, `"ours"`)},
			nil,
			[]string{"Remove this value alone from its record set: Type TXT, Name @, Value: ours"},
		},
		{
			"a TTL that the host cannot store",
			providers.Info{Caps: providers.Caps{MinTTL: 600}},
			[]zone.Record{rec(www, "A", 600, "192.0.2.1")},
			[]zone.Record{rec(www, "A", 300, "192.0.2.1")},
			nil,
		},
		{"nothing to do", providers.Info{Panel: "https://host.example/"}, nil, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range steps(planned(zone.Change{Remove: tt.remove, Add: tt.add}), tt.host) {
				got = append(got, s.Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestStepsOnTheWay takes random plans step by step. The end is the plan's, and
// on the way there no CNAME stands beside anything, and a domain that keeps its
// SPF record or its mail is never without.
func TestStepsOnTheWay(t *testing.T) {
	plain := providers.Info{Form: providers.Form{Full: true, Dot: true, Quotes: true, Inline: true}} // values as the zone has them
	rapid.Check(t, func(t *rapid.T) {
		before, after := someZone(t, "before"), someZone(t, "after")
		now := slices.Clone(before.Records)
		check := func(when string) {
			for _, r := range now {
				at := slices.DeleteFunc(slices.Clone(now), func(o zone.Record) bool { return o.Name != r.Name })
				if r.Type == "CNAME" && len(at) > 1 {
					t.Fatalf("%s: the CNAME is not alone: %v", when, at)
				}
			}
			for what, has := range map[string]func(zone.Record) bool{
				"SPF": func(r zone.Record) bool { return strings.HasPrefix(r.Text(), "v=spf1") },
				"MX":  func(r zone.Record) bool { return r.Type == "MX" && !nullMX(r) },
			} {
				if slices.ContainsFunc(before.Records, has) && slices.ContainsFunc(after.Records, has) && !slices.ContainsFunc(now, has) {
					t.Fatalf("%s: without %s: %v", when, what, now)
				}
			}
		}
		drop := func(s Step, data string) {
			i := slices.IndexFunc(now, func(r zone.Record) bool { return r.Name.FQDN() == s.Host && r.Type == s.Type && r.Data == data })
			if i < 0 {
				t.Fatalf("%s: no such record in %v", s.Text, now)
			}
			now = slices.Delete(now, i, i+1)
		}
		for _, s := range steps(planned(zone.Diff(before, after)...), plain) {
			switch s.Action {
			case "remove":
				drop(s, s.Value)
			case "change":
				drop(s, s.Old)
			}
			if s.Action != "remove" {
				name, err := zone.ParseName(s.Host)
				if err != nil {
					t.Fatal(err)
				}
				now = append(now, zone.Record{Name: name, Type: s.Type, TTL: s.TTL, Data: s.Value})
			}
			check(s.Text)
		}
		if diff := cmp.Diff(after.Records, zone.NewSnapshot(stepsZone, now).Records); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// someZone is a valid zone of few owners and values.
func someZone(t *rapid.T, label string) zone.Snapshot {
	var recs []zone.Record
	some := func(name zone.Name, typ string, values ...string) {
		for _, v := range values {
			r, err := zone.New(name, typ, rapid.SampledFrom([]uint32{300, 600}).Draw(t, label+" TTL"), v)
			if err != nil {
				t.Fatal(err)
			}
			recs = append(recs, r)
		}
	}
	subset := func(what string, values ...string) []string {
		return slices.DeleteFunc(values, func(v string) bool { return rapid.Bool().Draw(t, fmt.Sprintf("%s without %s %s", label, what, v)) })
	}
	some(stepsZone, "A", subset("A", "192.0.2.1", "192.0.2.2", "192.0.2.3")...)
	some(stepsZone, "TXT", subset("TXT", `"token=1"`, `"token=2"`, `"other"`)...)
	some(stepsZone, "TXT", rapid.SampledFrom([]string{`"v=spf1 -all"`, `"v=spf1 mx -all"`, `"x"`}).Draw(t, label+" SPF"))
	if rapid.Bool().Draw(t, label+" null MX") {
		some(stepsZone, "MX", "0 .")
	} else {
		some(stepsZone, "MX", subset("MX", "10 a.example.", "10 b.example.", "20 c.example.")...)
	}
	if rapid.Bool().Draw(t, label+" CNAME") {
		some("www."+stepsZone, "CNAME", rapid.SampledFrom([]string{"a.example.", "b.example."}).Draw(t, label+" target"))
	} else {
		some("www."+stepsZone, "A", subset("www A", "192.0.2.1", "192.0.2.2")...)
		some("www."+stepsZone, "TXT", subset("www TXT", `"a"`, `"b"`)...)
	}
	return zone.NewSnapshot(stepsZone, recs)
}

package spf

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func prefixes(texts ...string) []netip.Prefix {
	out := []netip.Prefix{}
	for _, s := range texts {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// flattenZone has the shapes on which other tools change what a record means.
func flattenZone() *zone {
	z := newZone(map[string][]string{
		"child-amx.example":  {"v=spf1 a mx -all"},
		"neutral.example":    {"v=spf1 ip4:192.0.2.0/24 -all"},
		"negative.example":   {"v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 ~all"},
		"tail.example":       {"v=spf1 ip4:192.0.2.0/24 ?ip4:198.51.100.0/24 -all"},
		"open.example":       {"v=spf1 ip4:192.0.2.1 +all"},
		"no-all.example":     {"v=spf1 ip4:192.0.2.1 ip4:192.0.2.9"},
		"redirect.example":   {"v=spf1 ip4:192.0.2.1 redirect=no-all.example"},
		"barred.example":     {"v=spf1 -ip4:192.0.2.1 redirect=no-all.example"},
		"chain.example":      {"v=spf1 include:child-amx.example ?include:neutral.example -all"},
		"wide.example":       {"v=spf1 ip4:192.0.2.4/31 ip4:192.0.2.6/31 ip4:192.0.2.5 ip6:2001:db8::/32 -all"},
		"ptr.example":        {"v=spf1 ptr -all"},
		"macro.example":      {"v=spf1 include:%{i}.x.example -all"},
		"exists.example":     {"v=spf1 exists:x.example -all"},
		"loop.example":       {"v=spf1 include:loop.example -all"},
		"broken.example":     {"v=spf1 ipv4:192.0.2.1 -all"},
		"nobody.example":     {"v=spf1 -all"},
		"domain.example":     {"v=spf1 a:%{d} -all"},
		"many-mx.example":    {"v=spf1 mx -all"},
		"down.example":       {"v=spf1 a:silent.example -all"},
		"odd-answer.example": {"v=spf1 a -all"},
		"gone.example":       {"not SPF"},
	})
	set := func(name, kind string, ttl uint32, values ...string) {
		z.answers[Question{Name: name, Type: kind}] = Answer{Status: Found, Values: values, TTL: ttl}
	}
	set("child-amx.example", "A", 300, "198.51.100.1")
	set("child-amx.example", "MX", 3600, "MX1.child-amx.example.", "mx2.child-amx.example")
	set("mx1.child-amx.example", "A", 3600, "198.51.100.3")
	set("mx2.child-amx.example", "AAAA", 60, "2001:db8::25")
	set("cust.example", "A", 0, "203.0.113.80")
	set("domain.example", "A", 0, "198.51.100.9")
	set("many-mx.example", "MX", 0, strings.Fields(strings.Repeat("x.example ", 11))...)
	set("odd-answer.example", "A", 0, "not an address")
	z.answers[Question{Name: "silent.example", Type: "A"}] = Answer{}
	return z
}

func flattened(t testing.TB, z *zone, record string, terms ...string) Flattened {
	t.Helper()
	known := Answers{}
	for range 10 {
		f, questions := Flatten("Cust.Example.", mustParse(t, record), terms, known)
		if len(questions) == 0 {
			return f
		}
		if f.Record.Raw != record {
			t.Errorf("flattened before all was known: %q", f.Record.Raw)
		}
		for _, q := range questions {
			known[q] = z.Lookup(t.Context(), q)
		}
	}
	t.Fatal("questions without end")
	return Flattened{}
}

func TestFlatten(t *testing.T) {
	for _, c := range []struct{ name, record, term, want, refused string }{
		{"a and mx of a child are the child's", "mx include:child-amx.example a -all", "include:child-amx.example", "mx ip4:198.51.100.1 ip4:198.51.100.3 ip6:2001:db8::25 a -all", ""},
		{"a neutral include stays neutral", "?include:neutral.example ip4:192.0.2.1 -all", "?include:neutral.example", "?ip4:192.0.2.0/24 ip4:192.0.2.1 -all", ""},
		{"a failing include stays failing", "-include:neutral.example mx -all", "-include:neutral.example", "-ip4:192.0.2.0/24 mx -all", ""},
		{"a child that excludes first is refused", "include:negative.example -all", "include:negative.example", "", `"negative.example": -ip4:192.0.2.7 takes senders away from ip4:192.0.2.0/24`},
		{"a child that excludes last has its pass set", "include:tail.example -all", "include:tail.example", "ip4:192.0.2.0/24 -all", ""},
		{"a child that passes all is refused", "include:open.example -all", "include:open.example", "", `"open.example": +all lets everybody send`},
		{"a child without all keeps its last term", "include:no-all.example -all", "include:no-all.example", "ip4:192.0.2.1 ip4:192.0.2.9 -all", ""},
		{"a child's redirect is followed", "include:redirect.example -all", "include:redirect.example", "ip4:192.0.2.1 ip4:192.0.2.9 -all", ""},
		{"a child's redirect behind an exclusion is refused", "include:barred.example -all", "include:barred.example", "", `"barred.example": -ip4:192.0.2.1 takes senders away from redirect=no-all.example`},
		{"a chain", "include:chain.example -all", "INCLUDE:Chain.Example.", "ip4:198.51.100.1 ip4:198.51.100.3 ip6:2001:db8::25 -all", ""},
		{"networks are joined", "include:wide.example -all", "include:wide.example", "ip4:192.0.2.4/30 ip6:2001:db8::/32 -all", ""},
		{"a of the record itself", "a/24 -all", "a:cust.example/24", "ip4:203.0.113.0/24 -all", ""},
		{"the domain macro", "include:domain.example -all", "include:domain.example", "ip4:198.51.100.9 -all", ""},
		{"a child that passes nobody vanishes", "mx include:nobody.example -all", "include:nobody.example", "mx -all", ""},
		{"ptr", "include:ptr.example -all", "include:ptr.example", "", "ptr is not a set of networks"},
		{"ptr itself", "ptr -all", "ptr", "", "ptr is not a set of networks"},
		{"macros", "include:macro.example -all", "include:macro.example", "", "include:%{i}.x.example depends on the message"},
		{"exists", "include:exists.example -all", "include:exists.example", "", "exists:x.example is not a set of networks"},
		{"a loop", "include:loop.example -all", "include:loop.example", "", `"loop.example" leads back to itself`},
		{"a child of one label", "include:%{d1} -all", "include:%{d1}", "", `"example": not a name of several labels`},
		{"a broken child", "include:broken.example -all", "include:broken.example", "", `"broken.example": "ipv4:192.0.2.1" at octet 7: unknown mechanism; perhaps "ip4:192.0.2.1"`},
		{"no record", "include:gone.example -all", "include:gone.example", "", `"gone.example": no record`},
		{"too many mail exchangers", "include:many-mx.example -all", "include:many-mx.example", "", `mx "many-mx.example": 11 names, 10 allowed`},
		{"no answer", "include:down.example -all", "include:down.example", "", `A "silent.example": no answer`},
		{"an answer that is no address", "include:odd-answer.example -all", "include:odd-answer.example", "", `A "odd-answer.example": the answer is no address`},
		{"not in the record", "mx -all", "include:x.example", "", "is no directive that the record reaches"},
		{"behind all", "-all include:neutral.example", "include:neutral.example", "", "is no directive that the record reaches"},
		{"a redirect", "redirect=neutral.example", "redirect=neutral.example", "", "is no directive that the record reaches"},
		{"not a term", "mx -all", "x y", "", "is no directive that the record reaches"},
	} {
		t.Run(c.name, func(t *testing.T) {
			record := "v=spf1 " + c.record
			f := flattened(t, flattenZone(), record, c.term)
			want := "v=spf1 " + c.want
			if c.refused != "" {
				want = record
				code := ErrCannotFlatten
				if strings.HasSuffix(c.refused, Failed.String()) {
					code = ErrNoAnswer
				}
				if len(f.Refused) != 1 || f.Refused[0].Reason != c.refused || !errors.Is(f.Refused[0], code) || f.Refused[0].Record != record {
					t.Errorf("refused %v, want %s, %q", f.Refused, code, c.refused)
				}
			} else if len(f.Refused) > 0 || len(f.Snapshots) != 1 {
				t.Errorf("refused %v, %d snapshots", f.Refused, len(f.Snapshots))
			}
			if f.Record.Raw != want {
				t.Errorf("got  %q\nwant %q", f.Record.Raw, want)
			}
		})
	}
}

func TestFlattenOnlyWhatWasNamed(t *testing.T) {
	record := "v=spf1 include:neutral.example include:wide.example -all"
	if f := flattened(t, flattenZone(), record); f.Record.Raw != record || f.Snapshots != nil {
		t.Errorf("%+v", f)
	}
	f := flattened(t, flattenZone(), record, "include:wide.example", "include:ptr.example")
	if want := "v=spf1 include:neutral.example ip4:192.0.2.4/30 ip6:2001:db8::/32 -all"; f.Record.Raw != want || len(f.Refused) != 1 {
		t.Errorf("%q, %v", f.Record.Raw, f.Refused)
	}
}

func TestFlattenIsBounded(t *testing.T) {
	hosts := lookup(func(q Question) Answer { // a hundred mx, each with ten hosts
		values := []string{"v=spf1"}
		switch q.Type {
		case "TXT":
			for i := range 98 {
				values[0] += fmt.Sprintf(" mx:m%d.example", i)
			}
		case "MX":
			values = nil
			for i := range maxMX {
				values = append(values, fmt.Sprintf("h%d.%s", i, q.Name))
			}
		default:
			return Answer{Status: NXDomain}
		}
		return Answer{Status: Found, Values: values}
	})
	for _, r := range []Resolver{&bush{}, &heavy{}, hosts} {
		known := Answers{}
		rec := mustParse(t, "v=spf1 include:a.example -all")
		for rounds := 0; ; rounds++ {
			f, questions := Flatten("cust.example", rec, []string{"include:a.example"}, known)
			if len(questions) == 0 {
				if len(f.Refused) != 1 {
					t.Errorf("%T: %+v", r, f)
				}
				break
			}
			if rounds > depthBudget+2 || len(known) > countBudget {
				t.Fatalf("%T: %d questions and no end", r, len(known))
			}
			for _, q := range questions {
				known[q] = r.Lookup(t.Context(), q)
			}
		}
	}
}

func TestSnapshotAndDrift(t *testing.T) {
	z := flattenZone()
	f := flattened(t, z, "v=spf1 include:chain.example -all", "include:chain.example")
	snap := f.Snapshots[0]
	want := `{"domain":"cust.example","term":"include:chain.example","networks":["198.51.100.1/32","198.51.100.3/32","2001:db8::25/128"],` +
		`"asked":[{"name":"chain.example","type":"TXT"},{"name":"child-amx.example","type":"TXT"},{"name":"child-amx.example","type":"A"},` +
		`{"name":"child-amx.example","type":"AAAA"},{"name":"child-amx.example","type":"MX"},{"name":"mx1.child-amx.example","type":"A"},` +
		`{"name":"mx1.child-amx.example","type":"AAAA"},{"name":"mx2.child-amx.example","type":"A"},{"name":"mx2.child-amx.example","type":"AAAA"}],"ttl":60}`
	text, err := json.Marshal(snap)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	var back Snapshot
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	drift := func() Drift {
		t.Helper()
		known := Answers{}
		for range 10 {
			d, questions := back.Drift(known)
			if len(questions) == 0 {
				return d
			}
			if d.Changed() {
				t.Errorf("drift before all is known: %+v", d)
			}
			for _, q := range questions {
				known[q] = z.Lookup(t.Context(), q)
			}
		}
		t.Fatal("questions without end")
		return Drift{}
	}
	if d := drift(); d.Changed() {
		t.Errorf("drift where nothing changed: %+v", d)
	}
	z.answers[Question{Name: "chain.example", Type: "TXT"}] = Answer{Status: Found, Values: []string{"v=spf1 include:child-amx.example ip4:198.51.100.0/30 -all"}}
	z.answers[Question{Name: "mx2.child-amx.example", Type: "AAAA"}] = Answer{Status: NXDomain}
	d := drift()
	if diff := cmp.Diff(prefixes("198.51.100.0/32", "198.51.100.2/32"), d.Added, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("added (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(prefixes("2001:db8::25/128"), d.Gone, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("gone (-want +got):\n%s", diff)
	}
	z.answers[Question{Name: "chain.example", Type: "TXT"}] = Answer{}
	if d := drift(); d.Changed() || !errors.Is(d.Refused, ErrNoAnswer) || d.Added != nil || d.Gone != nil || d.Now.Term != back.Term {
		t.Errorf("DNS did not answer: %+v", d)
	}
	z.answers[Question{Name: "chain.example", Type: "TXT"}] = Answer{Status: Found, Values: []string{"v=spf1 ptr -all"}}
	if d := drift(); !d.Changed() || !errors.Is(d.Refused, ErrCannotFlatten) || d.Added != nil || d.Gone != nil {
		t.Errorf("%+v", d)
	}
	back.Term = "x y"
	if d, _ := back.Drift(nil); d.Refused == nil {
		t.Errorf("a snapshot that was damaged: %+v", d)
	}
}

func TestSnapshotAgain(t *testing.T) {
	for ttl, want := range map[uint32]time.Duration{0: time.Hour, 60: time.Hour, 7200: 2 * time.Hour, 604800: 24 * time.Hour} {
		if got := (Snapshot{TTL: ttl}).Again(); got != want {
			t.Errorf("TTL %d: %v, want %v", ttl, got, want)
		}
	}
}

func TestNetworkSets(t *testing.T) {
	same := cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })
	all4 := prefixes("0.0.0.0/1", "128.0.0.0/1")
	if diff := cmp.Diff(prefixes("0.0.0.0/0"), aggregate(all4), same); diff != "" {
		t.Error(diff)
	}
	got := aggregate(prefixes("192.0.2.3/32", "2001:db8::/33", "192.0.2.0/31", "2001:db8:8000::/33", "192.0.2.2/32", "192.0.2.1/32", "192.0.2.8/30"))
	if diff := cmp.Diff(prefixes("192.0.2.0/30", "192.0.2.8/30", "2001:db8::/32"), got, same); diff != "" {
		t.Error(diff)
	}
	got = without(prefixes("192.0.2.0/29", "2001:db8::/127"), prefixes("192.0.2.5/32", "2001:db8::/32", "203.0.113.0/24"))
	if diff := cmp.Diff(prefixes("192.0.2.0/30", "192.0.2.4/32", "192.0.2.6/31"), got, same); diff != "" {
		t.Error(diff)
	}
	if got := without(prefixes("0.0.0.0/0"), prefixes("255.255.255.255/32")); len(got) != 32 {
		t.Errorf("%d networks, want 32", len(got))
	}
}

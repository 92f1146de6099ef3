package namecheap_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// plan is a zone and what must become different in it.
type plan struct {
	start   zone.Snapshot
	changes []zone.Change
}

// mailSetting is the EmailType of a random zone, by its MX records: "MX" without
// any is none that a zone can have. own is whether it may get MX records.
func mailSetting(rt *rapid.T, own bool, recs []zone.Record) string {
	switch {
	case slices.ContainsFunc(recs, isMX):
		return "MX"
	case own:
		return "NONE"
	}
	return rapid.SampledFrom([]string{"NONE", "FWD", "OX", "GMAIL", "FWD"}).Draw(rt, "mail")
}

// drawPlan is a random zone with a random plan. What a zone serves for its mail
// setting, SRV records and records of types that nobody knows are never touched.
func drawPlan(rt *rapid.T) plan {
	mx := rapid.Bool().Draw(rt, "own mail")
	var before, after []zone.Record
	for _, rel := range []string{"@", "www", "*", "n1", "_dmarc", "deep.er.n2", "s1._domainkey"} {
		name := apex
		if rel != "@" {
			name = zone.Name(rel + "." + string(apex))
		}
		at := drawOwner(rt, name, mx)
		if rel == "@" {
			at = append(at, zone.NewTXT(apex, 1800, "kept=always")) // the host fills an empty zone itself
		}
		before = append(before, at...)
		if rapid.Bool().Draw(rt, "change") {
			at = drawChange(rt, name, at, mx)
		}
		after = append(after, at...)
	}
	kept := drawKept(rt)
	start := zone.NewSnapshot(apex, slices.Concat(before, kept))
	start.Meta = "email_type=" + mailSetting(rt, mx, before)
	p := plan{start: start, changes: zone.Diff(start, zone.NewSnapshot(apex, slices.Concat(after, kept)))}
	for i, c := range p.changes {
		if slices.ContainsFunc(slices.Concat(c.Add, c.Remove), isCNAME) {
			p.changes[i].Absent = []string{zone.AnyType}
		}
	}
	p.changes = rapid.Permutation(p.changes).Draw(rt, "order")
	return p
}

// drawKept is records that a plan has no business with.
func drawKept(rt *rapid.T) []zone.Record {
	all := []zone.Record{
		{Name: "_sip._tcp." + apex, Type: "SRV", TTL: 1799, Data: "10 60 5060 sip.host.example.", Meta: "list=srv"},
		{Name: "strange." + apex, Type: "TXT", TTL: 300, Data: `"with 'quotes' and \\ in it"`},
		{Name: "big." + apex, Type: "TXT", TTL: 60, Data: zone.QuoteText(strings.Repeat("0123456789abcdef", 120))},
		{Name: "go." + apex, Type: zone.TypeRedirect, TTL: 600, Data: "frame http://old.host.example/a?b=c&d"},
	}
	return slices.DeleteFunc(all, func(zone.Record) bool { return !rapid.Bool().Draw(rt, "kept") })
}

func isCNAME(r zone.Record) bool { return r.Type == "CNAME" }

func isMX(r zone.Record) bool { return r.Type == "MX" }

// drawChange keeps some records of an owner, or none.
func drawChange(rt *rapid.T, name zone.Name, at []zone.Record, mx bool) []zone.Record {
	others := drawOwner(rt, name, mx)
	if name == apex {
		others = append(others, zone.NewTXT(apex, 1800, "kept=always"))
	}
	if slices.ContainsFunc(at, isCNAME) || slices.ContainsFunc(others, isCNAME) {
		return others
	}
	for _, r := range at {
		if beside := func(o zone.Record) bool { return leads(o) && leads(r) && (alone(o) || alone(r)) }; slices.ContainsFunc(others, beside) {
			continue
		}
		if !zone.Contains(others, r) && rapid.Bool().Draw(rt, "keep") {
			others = append(others, r)
		}
	}
	return others
}

// alone reports whether a record takes the place of addresses.
func alone(r zone.Record) bool { return r.Type == "ALIAS" || r.Type == zone.TypeRedirect }

// leads reports whether a record says which web server a name leads to.
func leads(r zone.Record) bool { return alone(r) || r.Type == "A" || r.Type == "AAAA" }

// drawOwner is random records of all types that the host stores.
func drawOwner(rt *rapid.T, name zone.Name, mx bool) []zone.Record {
	ttl := rapid.SampledFrom([]uint32{60, 300, 1799, 1800, 60000}).Draw(rt, "ttl")
	if name != apex && rapid.IntRange(0, 3).Draw(rt, "kind") == 0 {
		return []zone.Record{{Name: name, Type: "CNAME", TTL: ttl, Data: fmt.Sprintf("t%d.example.", rapid.IntRange(0, 3).Draw(rt, "target"))}}
	}
	var out []zone.Record
	add := func(typ string, most int, data func(int) string) {
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, most, rapid.ID[int]).Draw(rt, typ) {
			out = append(out, zone.Record{Name: name, Type: typ, TTL: ttl, Data: data(n)})
		}
	}
	switch rapid.IntRange(0, 5).Draw(rt, "address") {
	case 0:
		add(zone.TypeRedirect, 1, func(n int) string { return fmt.Sprintf("%d https://target.example/%d?q=a+b", 301+n%2, n) })
	case 1:
		add("ALIAS", 1, func(n int) string { return fmt.Sprintf("alias%d.example.", n) })
	default:
		add("A", 3, func(n int) string { return fmt.Sprintf("192.0.2.%d", n) })
		add("AAAA", 2, func(n int) string { return fmt.Sprintf("2001:db8::%d", n+1) })
	}
	add("TXT", 3, func(n int) string {
		if n == 0 && !mx { // the host's own SPF record is the plan's business then: see TestMail
			n = len(texts) - 1
		}
		return zone.QuoteText(texts[n])
	})
	if mx {
		add("MX", 3, func(n int) string { return fmt.Sprintf("%d mx%d.example.", n*10, n) })
	}
	add("CAA", 2, func(n int) string { return fmt.Sprintf(`%d issue "ca%d.example; account=%d"`, n%2*128, n, n) })
	if name != apex {
		add("NS", 2, func(n int) string { return fmt.Sprintf("ns%d.example.", n) })
	}
	return out
}

// texts is what texts may look like.
var texts = [...]string{
	"v=spf1 include:mail.example ~all", "token=AbC+d/e==", "  blanks  at the ends ", `back\slash; semi; 100% & <b>`,
	"grüße ✓", "v=DKIM1; k=rsa; p=" + strings.Repeat("0123456789+/ABCDEF", 25), "in place of SPF",
}

// outside is the hash of all that a plan does not name, what the host keeps
// beside records included.
func outside(s zone.Snapshot, changes []zone.Change) [32]byte {
	named := map[zone.Name][]zone.Record{}
	for _, c := range changes {
		named[c.Owner] = slices.Concat(named[c.Owner], c.Remove, c.Add)
	}
	var b strings.Builder
	for _, r := range s.Records {
		if !zone.Contains(named[r.Name], r) {
			fmt.Fprintf(&b, "%s|%s|%t\n", r, r.Meta, r.Opaque)
		}
	}
	return sha256.Sum256([]byte(b.String()))
}

// mailAfter is the mail setting that a zone must have after a plan.
func mailAfter(start zone.Snapshot, after zone.Snapshot) string {
	switch {
	case start.Meta != "email_type=MX" && start.Meta != "email_type=NONE":
		return start.Meta
	case slices.ContainsFunc(after.Records, isMX):
		return "email_type=MX"
	}
	return "email_type=NONE"
}

// TestRandomPlans writes random plans to random zones. All that a plan does not
// name stays as it is, each time.
func TestRandomPlans(t *testing.T) {
	f := start(t, namecheaptest.Options{})
	acct := account(t, f, providers.Options{})
	plans, changes := drawtest.Times(10000, 1000), 0
	seed := drawtest.Checks(t, plans)
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlan(rt)
		f.Set(p.start)
		before := f.Zone(apex)
		for _, o := range apply(t, acct, p.changes...) {
			if o.State != providers.Applied {
				rt.Fatalf("%s: %s %s %s", o.Owner, o.State, o.Code, o.Detail)
			}
			changes++
		}
		got, want := f.Zone(apex), before.With(p.changes...)
		want.Meta = mailAfter(before, want)
		if err := same(got, want); err != nil {
			rt.Fatal(err)
		}
		if outside(got, p.changes) != outside(want, p.changes) {
			rt.Fatal("the hash of what the plan does not name has changed")
		}
	})
	t.Logf("seed %d: %d plans of %d changes, nothing outside them changed", seed, plans, changes)
}

// TestRandomPlansBare does the same with the bare module.
func TestRandomPlansBare(t *testing.T) {
	f := start(t, namecheaptest.Options{})
	acct, err := providers.Open(bareDriver(f), f.Credentials(0), providers.Options{Rates: []providers.Rate{}, Lost: 1})
	if err != nil {
		t.Fatal(err)
	}
	plans := drawtest.Times(10000, 1000)
	seed := drawtest.Checks(t, plans)
	harmed, lost, claimed := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlan(rt)
		f.Set(p.start)
		before := f.Zone(apex)
		outcomes := apply(t, acct, p.changes...)
		got, want := f.Zone(apex), before.With(p.changes...)
		gone := 0
		for _, r := range want.Records {
			named := slices.ContainsFunc(p.changes, func(c zone.Change) bool { return zone.Contains(c.Add, r) })
			if !named && !slices.Contains(got.Records, r) {
				gone++
			}
		}
		if outside(got, p.changes) == outside(want, p.changes) {
			return
		}
		harmed++
		lost += gone
		if providers.Done(outcomes) {
			claimed++
		}
	})
	if harmed == 0 || lost == 0 {
		t.Errorf("no plan of %d harmed anything", plans)
	}
	t.Logf("seed %d: %d of %d plans harmed what they do not name, %d records lost or changed, and %d of them are reported as done", seed, harmed, plans, lost, claimed)
}

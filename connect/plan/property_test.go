package plan_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

const domain = zone.Name("customer.example")

// scenario is a zone, what somebody wants of it, and how a person decides.
type scenario struct {
	Zone    zone.Snapshot
	Intents []plan.Intent
	Caps    providers.Caps
	Picks   []int // an option of each conflict in turn
}

var hosts = []string{"@", "@", "www", "shop", "a.shop", "x.y.shop", "sub", "ns.sub", "*", "*.shop", "new", "mail"}

// data is what stands in zones, by the names where it does.
var data = map[string][]zone.Record{
	"any": {
		{Type: "A", Data: "192.0.2.1"},
		{Type: "A", Data: "192.0.2.2", Meta: "proxied=true"},
		{Type: "AAAA", Data: "2001:db8::1"},
		{Type: "CNAME", Data: "hosting.example.net."},
		{Type: "CNAME", Data: "edge.app.example."},
		{Type: "CNAME", Data: "bücher.example", Opaque: true},
		{Type: "ALIAS", Data: "hosting.example.net."},
		{Type: "REDIRECT", Data: "301 https://other.example/"},
		{Type: "MX", Data: "10 mail.customer.example."},
		{Type: "MX", Data: "20 mx.app.example."},
		{Type: "MX", Data: "0 ."},
		{Type: "MX", Data: "ask at the desk", Opaque: true},
		{Type: "TXT", Data: `"google-site-verification=abc"`},
		{Type: "TXT", Data: `"app-verify=" "1"`},
		{Type: "TXT", Data: `"v=verify1 x"`},
		{Type: "TXT", Data: `"v=spf1 mx -all"`},
		{Type: "TXT", Data: `"v=spf1 include:_spf.app.example" " ~all"`},
		{Type: "TXT", Data: `"v=spf1 ip4:192.0.2.300 -all"`},
		{Type: "TXT", Data: `"v=spf1 redirect=_spf.app.example"`},
		{Type: "TXT", Data: `"\"v=spf1 a -all\""`},
		{Type: "TXT", Data: `"v=spf1 a -all`, Opaque: true},
		{Type: "CAA", Data: `0 issue "letsencrypt.org"`},
		{Type: "CAA", Data: `0 issuewild ";"`},
		{Type: "CAA", Data: `0 iodef "mailto:a@customer.example"`},
		{Type: "HTTPS", Data: `1 . alpn="h2"`},
		{Type: "SRV", Data: "1 2 5060 sip.customer.example."},
		{Type: "WORKER", Data: "script", Opaque: true},
	},
	"_dmarc": {
		{Type: "TXT", Data: `"v=DMARC1; p=none"`},
		{Type: "TXT", Data: `"v=DMARC1; p=reject"`},
		{Type: "TXT", Data: `"v=DMARC1; p=none`, Opaque: true},
		{Type: "CNAME", Data: "dmarc.example.net."},
	},
	"s1._domainkey": {
		{Type: "TXT", Data: `"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="`},
		{Type: "TXT", Data: `"k=ed25519; p=" "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="`},
		{Type: "TXT", Data: `"v=DKIM1; k=ed25519; p=IBBQYtXKJQCj3ehVQ2OZnOKSoLkLTxGVTbiQLNKzLO4="`},
		{Type: "CNAME", Data: "s1.dkim.app.example."},
	},
	"cut": {{Type: "NS", Data: "ns.sub.customer.example."}, {Type: "NS", Data: "ns1.other.example."}},
}

var wants = []func(host string) plan.Intent{
	func(h string) plan.Intent { return plan.A(h, "192.0.2.2") },
	func(h string) plan.Intent { return plan.A(h, "198.51.100.7") },
	func(h string) plan.Intent { return plan.AAAA(h, "2001:db8::7") },
	func(h string) plan.Intent { return plan.CNAME(h, "edge.app.example") },
	func(h string) plan.Intent { return plan.CNAME(h, "edge.app.example") },
	func(h string) plan.Intent { return plan.TXT(h, "app-verify=1") },
	func(h string) plan.Intent { return plan.TXT(h, "app-verify=2") },
	func(h string) plan.Intent { return plan.TXT(h, "v=verify1 y") },
	func(h string) plan.Intent { return plan.SPF(h, "include:_spf.app.example") },
	func(h string) plan.Intent { return plan.SPF(h, "v=spf1 include:_spf2.app.example ~all") },
	func(h string) plan.Intent { return plan.SPF(h, "v=spf1 -ip4:203.0.113.1 ip4:203.0.113.0/24 -all") },
	func(h string) plan.Intent { return plan.SPF(h, "include:nowhere.app.example") },
	func(h string) plan.Intent { return plan.MX(h, 10, "mx.app.example") },
	func(h string) plan.Intent { return plan.MX(h, 20, "mx.app.example") },
	func(h string) plan.Intent { return plan.MX(h, 0, ".") },
	func(h string) plan.Intent { return plan.CAA(h, "issue", "pki.app.example") },
	func(h string) plan.Intent { return plan.CAA(h, "issuewild", "pki.app.example") },
	func(h string) plan.Intent { return plan.CAA(h, "iodef", "mailto:x@app.example") },
	func(string) plan.Intent { return plan.NS("sub", "ns.sub.customer.example") },
	func(string) plan.Intent { return plan.A("ns.sub", "192.0.2.53") },
	func(string) plan.Intent { return plan.NS("sub", "ns1.app.example") },
	func(string) plan.Intent { return plan.NS("@", "ns1.app.example") },
	func(string) plan.Intent { return plan.TXT("_dmarc", "v=DMARC1; p=quarantine") },
	func(string) plan.Intent { return plan.TXT("_dmarc", "v=DMARC1; p=none") },
	func(string) plan.Intent {
		return plan.DKIM("s1._domainkey", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "")
	},
	func(string) plan.Intent { return plan.CNAME("s1._domainkey", "s1.dkim.app.example") },
}

var capabilities = []providers.Caps{
	{},
	{ApexAlias: "ALIAS"},
	{ApexAlias: "CNAME", TTLs: []uint32{60, 300, 3600}},
	{ApexNS: true, MinTTL: 600},
	{MaxTXT: 60, NoWildcard: true},
	{Types: []string{"A", "AAAA", "CNAME", "MX", "TXT"}},
}

var scenarios = rapid.Custom(func(t *rapid.T) scenario {
	var recs []zone.Record
	put := func(owner zone.Name, from []zone.Record) {
		r := rapid.SampledFrom(from).Draw(t, "record")
		r.Name, r.TTL = owner, rapid.SampledFrom([]uint32{300, 3600}).Draw(t, "ttl")
		if !zone.Contains(recs, r) {
			recs = append(recs, r)
		}
	}
	for range rapid.IntRange(0, 10).Draw(t, "records") {
		switch rapid.IntRange(0, 9).Draw(t, "place") {
		case 0:
			put("_dmarc."+domain, data["_dmarc"])
		case 1:
			put("s1._domainkey."+domain, data["s1._domainkey"])
		case 2:
			put("sub."+domain, data["cut"])
		case 3:
			put(domain, data["any"])
		default:
			put(at(t, rapid.SampledFrom(hosts).Draw(t, "owner")), data["any"])
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
		Zone:  zone.NewSnapshot(domain, recs),
		Caps:  rapid.SampledFrom(capabilities).Draw(t, "caps"),
		Picks: rapid.SliceOfN(rapid.IntRange(0, 5), 12, 12).Draw(t, "picks"),
	}
	for range rapid.IntRange(1, 5).Draw(t, "intents") {
		sc.Intents = append(sc.Intents, rapid.SampledFrom(wants).Draw(t, "want")(rapid.SampledFrom(hosts).Draw(t, "host")))
	}
	return sc
})

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

// violations is what must not be in a zone, each as a line.
func violations(recs []zone.Record) []string {
	var out []string
	s := zone.Snapshot{Zone: domain, Records: recs}
	owners := map[zone.Name][]zone.Record{}
	for _, r := range recs {
		owners[r.Name] = append(owners[r.Name], r)
	}
	for owner, here := range owners {
		count := func(is func(zone.Record) bool) int {
			return len(slices.DeleteFunc(slices.Clone(here), func(r zone.Record) bool { return !is(r) }))
		}
		typ := func(t string) func(zone.Record) bool { return func(r zone.Record) bool { return r.Type == t } }
		cnames := count(typ("CNAME"))
		if cnames > 1 || cnames == 1 && len(here) > 1 && owner != s.Zone {
			out = append(out, fmt.Sprintf("%s: a CNAME beside others", owner))
		}
		if cnames+count(typ("ALIAS"))+count(typ("REDIRECT"))+min(1, count(typ("A"))+count(typ("AAAA"))) > 1 {
			out = append(out, fmt.Sprintf("%s: an alias beside addresses", owner))
		}
		if n := count(func(r zone.Record) bool { return r.Type == "TXT" && meant(r, "v=spf1") }); n > 1 {
			out = append(out, fmt.Sprintf("%s: several SPF records", owner))
		}
		if n := count(func(r zone.Record) bool { return r.Type == "TXT" && meant(r, "v=dmarc1") }); n > 1 {
			out = append(out, fmt.Sprintf("%s: several DMARC records", owner))
		}
		if n := count(func(r zone.Record) bool { return r.Type == "TXT" && dkim.IsKey(r.Text()) }); n > 1 {
			out = append(out, fmt.Sprintf("%s: several keys", owner))
		}
		if mx := count(typ("MX")); mx > 1 && count(func(r zone.Record) bool { return r.Type == "MX" && r.Data == "0 ." }) > 0 {
			out = append(out, fmt.Sprintf("%s: a null MX beside others", owner))
		}
	}
	for _, cut := range recs {
		if cut.Type != "NS" || cut.Name == s.Zone {
			continue
		}
		for _, r := range recs {
			address := r.Type == "A" || r.Type == "AAAA"
			if r.Name.Below(cut.Name) && !address || r.Name == cut.Name && r.Type != "NS" {
				out = append(out, fmt.Sprintf("%s %s: hidden by the cut at %s", r.Name, r.Type, cut.Name))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// meant reports whether a text, in whatever quotes, begins so.
func meant(r zone.Record, prefix string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimLeft(r.Text(), ` "`)), prefix)
}

func elsewhere(t testing.TB) world {
	return world{zoneOf(t, `$ORIGIN app.example.
$TTL 60
@ SOA ns1 host 1 1 1 1 1
_spf TXT "v=spf1 ip4:198.51.100.0/24 -all"
_spf2 TXT "v=spf1 ip4:203.0.113.0/24 -all"
edge A 198.51.100.7
mx A 198.51.100.25
ns1 A 198.51.100.53
`, "app.example")}
}

// settle plans as a person would: it answers what is asked, of DNS and of
// people, until nothing is open.
func settle(sc scenario, outside world) (plan.Request, plan.Plan, error) {
	req := plan.Request{Domain: domain, Snapshot: sc.Zone, Intents: sc.Intents, Caps: sc.Caps}
	p, err := again(&req, outside)
	for i := 0; err == nil && len(p.Open()) > 0; i++ {
		if i == 40 {
			return req, p, errors.New("the plan asks people without end")
		}
		c := p.Open()[0]
		req.Decisions = append(req.Decisions, plan.Decision{Code: c.Code, Owner: c.Owner, Option: c.Options[sc.Picks[i%len(sc.Picks)]%len(c.Options)].ID})
		p, err = again(&req, outside)
	}
	return req, p, err
}

// again plans until DNS has answered everything.
func again(req *plan.Request, outside world) (plan.Plan, error) {
	w := append(world{req.Snapshot}, outside...)
	for range 50 {
		p, err := plan.New(*req)
		if err != nil || len(p.Questions) == 0 {
			return p, err
		}
		for _, q := range p.Questions {
			req.Facts = append(req.Facts, w.answer(q))
		}
	}
	return plan.Plan{}, errors.New("the plan asks DNS without end")
}

// laws checks a plan and what it makes of the zone. The error is the first law
// that it breaks.
func laws(req plan.Request, p plan.Plan, outside world) error {
	before := req.Snapshot
	after := before.With(p.ZoneChanges()...)
	for _, law := range []func() error{
		func() error { return untouched(before, after, p) },
		func() error { return named(req, p) },
		func() error { return legal(before, after, p) },
		func() error { return settled(req, after, outside) },
		func() error { return undone(req, p, before, after) },
	} {
		if err := law(); err != nil {
			return err
		}
	}
	return nil
}

// untouched: what no change removes is byte-identical, and nothing but what a
// change adds is new.
func untouched(before, after zone.Snapshot, p plan.Plan) error {
	var removed, added []zone.Record
	for _, c := range p.Changes {
		for _, r := range c.Remove {
			if !slices.Contains(before.Records, r) {
				return fmt.Errorf("untouched: %v is removed and was not there", r)
			}
		}
		for _, r := range slices.Concat(c.Add, c.Remove) {
			if r.Name != c.Owner {
				return fmt.Errorf("untouched: the change of %s holds %v", c.Owner, r)
			}
			if zone.Contains(c.Add, r) && zone.Contains(c.Remove, r) {
				return fmt.Errorf("untouched: %v is removed and added", r)
			}
		}
		removed, added = append(removed, c.Remove...), append(added, c.Add...)
	}
	for _, r := range before.Records {
		if !slices.Contains(removed, r) && !slices.Contains(after.Records, r) {
			return fmt.Errorf("untouched: %v is lost", r)
		}
	}
	for _, r := range after.Records {
		if !slices.Contains(before.Records, r) && !slices.Contains(added, r) {
			return fmt.Errorf("untouched: %v comes from nowhere", r)
		}
	}
	for _, r := range added {
		if zone.Contains(before.Records, r) {
			return fmt.Errorf("untouched: %v is added and was there", r)
		}
	}
	return nil
}

// named: every record that goes is named in a conflict with an answer, or is
// the SPF record that its own merge replaces, or is ours.
func named(req plan.Request, p plan.Plan) error {
	for _, c := range p.Changes {
		for _, r := range c.Remove {
			ok := zone.Contains(req.Ours, r)
			for _, k := range p.Conflicts {
				ok = ok || k.Answer != "" && k.Code != plan.SafetyGate && zone.Contains(k.Existing, r)
			}
			for _, e := range p.SPF {
				ok = ok || e.Owner == r.Name && r.Type == "TXT" && spf.IsRecord(r.Text())
			}
			if !ok {
				return fmt.Errorf("named: %v goes and nobody decided it", r)
			}
		}
	}
	for _, c := range p.Conflicts {
		if c.Answer != "" && !slices.ContainsFunc(req.Decisions, func(d plan.Decision) bool {
			return d == plan.TakeDefaults() && c.By == "default" || d.Code == c.Code && (d.Owner == "" || d.Owner == c.Owner) && d.Option == c.Answer
		}) {
			return fmt.Errorf("named: %s at %s has the answer %q, which nobody gave", c.Code, c.Owner, c.Answer)
		}
	}
	return nil
}

// legal: nothing is wrong after that was not wrong before, but for what a
// delegation hides by decision.
func legal(before, after zone.Snapshot, p plan.Plan) error {
	old := violations(before.Records)
	for _, v := range violations(after.Records) {
		hides := strings.Contains(v, "hidden by the cut") && slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool {
			return c.Code == plan.NSOccludes && c.Answer == "delegate" && strings.HasSuffix(v, " "+string(c.Owner))
		})
		if !hides && !slices.Contains(old, v) {
			return fmt.Errorf("legal: %s", v)
		}
	}
	return nil
}

// settled: planning again gives nothing to do and nothing to ask.
func settled(req plan.Request, after zone.Snapshot, outside world) error {
	req.Snapshot, req.Facts = after, nil
	p, err := again(&req, outside)
	if err != nil {
		return fmt.Errorf("settled: %w", err)
	}
	if p.Status != plan.NoChange {
		return fmt.Errorf("settled: planning again is %s:\n%s", p.Status, p.Text())
	}
	return nil
}

// undone: taking the plan back gives the zone before, to the byte. What was
// wrong with that zone need not come back.
func undone(req plan.Request, p plan.Plan, before, after zone.Snapshot) error {
	u, err := plan.Undo(plan.UndoRequest{
		Domain: domain, Snapshot: after, Caps: req.Caps,
		Runs: []plan.Applied{{Changes: p.ZoneChanges(), SPF: p.SPF}},
	})
	if err != nil {
		return fmt.Errorf("undone: %w", err)
	}
	if d := cmp.Diff(after.With(u.ZoneChanges()...).Records, before.Records); d != "" && len(violations(before.Records)) == 0 {
		return fmt.Errorf("undone: not the zone before (-got +want):\n%s", d)
	}
	return untouched(after, after.With(u.ZoneChanges()...), u)
}

// cases is how many a property is tried on.
func cases(t *testing.T) {
	n := "1000"
	if testing.Short() {
		n = "100"
	}
	if os.Getenv("MOORING_LONG") != "" {
		n = "10000"
	}
	old := flag.Lookup("rapid.checks").Value.String()
	if err := flag.Set("rapid.checks", n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", old) })
}

func report(rt *rapid.T, sc scenario, p plan.Plan, err error) {
	var b strings.Builder
	_ = sc.Zone.WriteText(&b)
	rt.Fatalf("%v\n\nzone:\n%s\nintents: %+v\ncaps: %+v\n\nplan:\n%s", err, b.String(), sc.Intents, sc.Caps, p.Text())
}

func isInput(err error) bool {
	var e *plan.InputError
	return errors.As(err, &e)
}

func TestLaws(t *testing.T) {
	cases(t)
	outside := elsewhere(t)
	refused, planned := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		sc := scenarios.Draw(rt, "scenario")
		req, p, err := settle(sc, outside)
		if isInput(err) {
			refused++
			return
		}
		planned++
		if err == nil {
			err = laws(req, p, outside)
		}
		if err != nil {
			report(rt, sc, p, err)
		}
	})
	t.Logf("%d planned, %d refused", planned, refused)
}

// The order in which a zone is read, intents are given, facts come in and
// decisions are made must not show in the plan.
func TestOrder(t *testing.T) {
	cases(t)
	outside := elsewhere(t)
	rapid.Check(t, func(rt *rapid.T) {
		sc := scenarios.Draw(rt, "scenario")
		req, p, err := settle(sc, outside)
		if err != nil {
			return
		}
		order := rapid.Permutation(indexes(len(req.Intents))).Draw(rt, "order")
		other := req
		other.Snapshot = zone.NewSnapshot(domain, rapid.Permutation(req.Snapshot.Records).Draw(rt, "records"))
		other.Facts = rapid.Permutation(req.Facts).Draw(rt, "facts")
		other.Decisions = rapid.Permutation(req.Decisions).Draw(rt, "decisions")
		other.Intents = nil
		for _, i := range order {
			other.Intents = append(other.Intents, req.Intents[i])
		}
		q, err := plan.New(other)
		if err != nil {
			report(rt, sc, p, err)
		}
		results := slices.Clone(q.Results)
		for i, r := range results {
			r.Intent = order[i]
			q.Results[order[i]] = r
		}
		if d := cmp.Diff(encode(q), encode(p)); d != "" {
			report(rt, sc, p, fmt.Errorf("in another order (-got +want):\n%s", d))
		}
	})
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func encode(p plan.Plan) string {
	data, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		panic(err)
	}
	return string(data)
}

// What somebody did to the zone after us stays when we go, and going breaks
// nothing.
func TestUndoWithEdit(t *testing.T) {
	cases(t)
	outside := elsewhere(t)
	rapid.Check(t, func(rt *rapid.T) {
		sc := scenarios.Draw(rt, "scenario")
		req, p, err := settle(sc, outside)
		if err != nil || len(p.Changes) == 0 {
			return
		}
		after := sc.Zone.With(p.ZoneChanges()...)
		c := rapid.SampledFrom(p.Changes).Draw(rt, "change")
		edit := zone.Change{Owner: c.Owner}
		if rapid.Bool().Draw(rt, "remove") && len(after.At(c.Owner)) > 0 {
			edit.Remove = []zone.Record{rapid.SampledFrom(after.At(c.Owner)).Draw(rt, "removed")}
		}
		if len(edit.Remove) == 0 || rapid.Bool().Draw(rt, "add") {
			r := rapid.SampledFrom(slices.Concat(data["any"], data["_dmarc"], data["s1._domainkey"])).Draw(rt, "added")
			r.Name, r.TTL = c.Owner, 7
			edit.Add = []zone.Record{r}
		}
		edited := after.With(edit)
		if zone.Contains(after.Records, zone.Record{}) || len(edit.Add) > 0 && (zone.Contains(after.At(c.Owner), edit.Add[0]) || zone.Contains(sc.Zone.At(c.Owner), edit.Add[0])) {
			return // not an edit, or one that does what undoing does
		}
		if len(violations(edited.Records)) > 0 {
			return // nobody's DNS host takes it
		}
		u, err := plan.Undo(plan.UndoRequest{
			Domain: domain, Snapshot: edited, Caps: req.Caps,
			Runs: []plan.Applied{{Changes: p.ZoneChanges(), SPF: p.SPF}},
		})
		if err != nil {
			report(rt, sc, p, err)
		}
		back := edited.With(u.ZoneChanges()...)
		fault := untouched(edited, back, u)
		for _, r := range edit.Add {
			if !slices.Contains(back.Records, r) && !(spf.IsRecord(r.Text()) && r.Type == "TXT") {
				fault = fmt.Errorf("%v is lost", r)
			}
		}
		for _, r := range edit.Remove {
			if zone.Contains(back.Records, r) && !zone.Contains(edit.Add, r) {
				fault = fmt.Errorf("%v came back, and somebody had removed it", r)
			}
		}
		old := violations(sc.Zone.Records)
		for _, v := range violations(back.Records) {
			if !slices.Contains(old, v) {
				fault = fmt.Errorf("undoing broke the zone: %s", v)
			}
		}
		if fault != nil {
			report(rt, sc, p, fmt.Errorf("%w\n\nedit: %+v\n\nundo:\n%s", fault, edit, u.Text()))
		}
	})
}

// Each law must bite: a planner that is wrong in one way is found out.
func TestMutants(t *testing.T) {
	outside := elsewhere(t)
	for _, m := range []struct {
		name   string
		law    string
		mutate func(req plan.Request, p *plan.Plan) bool // reports whether there was something to spoil
	}{
		{"takes the neighbour's text along", "named", func(req plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				for _, r := range req.Snapshot.Set(c.Owner, "TXT") {
					if !zone.Contains(c.Remove, r) && len(c.Add) > 0 {
						c.Remove = append(slices.Clone(c.Remove), r)
						return true
					}
				}
				return false
			})
		}},
		{"writes the whole RRset again with its own TTL", "untouched", func(req plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				for _, r := range req.Snapshot.At(c.Owner) {
					if !zone.Contains(c.Remove, r) {
						c.Remove = append(slices.Clone(c.Remove), r)
						r.TTL++
						c.Add = append(slices.Clone(c.Add), r)
						return true
					}
				}
				return false
			})
		}},
		{"leaves the old SPF record", "legal", func(_ plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				n := len(c.Remove)
				c.Remove = slices.DeleteFunc(slices.Clone(c.Remove), func(r zone.Record) bool { return spf.IsRecord(r.Text()) })
				return len(c.Remove) < n
			})
		}},
		{"writes the alias beside what is there", "legal", func(_ plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				bad := len(c.Remove) > 0 && slices.ContainsFunc(c.Add, func(r zone.Record) bool { return r.Type == "CNAME" })
				c.Remove = nil
				return bad
			})
		}},
		{"forgets a record", "settled", func(_ plan.Request, p *plan.Plan) bool {
			return spoil(p, func(c *plan.Change) bool {
				had := len(c.Add) > 0
				c.Add = nil
				return had
			})
		}},
		{"answers by itself", "named", func(_ plan.Request, p *plan.Plan) bool {
			for i := range p.Conflicts {
				if p.Conflicts[i].Code == plan.AddressGroup {
					p.Conflicts[i].Answer = "whatever"
					return true
				}
			}
			return false
		}},
		{"forgets how SPF was merged", "undone", func(_ plan.Request, p *plan.Plan) bool {
			had := len(p.SPF) > 0 && len(p.SPF[0].Provenance.Added) > 0
			if had {
				p.SPF = slices.Clone(p.SPF)
				p.SPF[0].Provenance = spf.Provenance{}
			}
			return had
		}},
	} {
		t.Run(m.name, func(t *testing.T) {
			spoilt, caught := 0, 0
			for seed := range 3000 {
				req, p, err := settle(scenarios.Example(seed), outside)
				if err != nil || !m.mutate(req, &p) {
					continue
				}
				spoilt++
				if err := laws(req, p, outside); err != nil && strings.HasPrefix(err.Error(), m.law+":") {
					caught++
				}
				if caught >= 3 {
					return
				}
			}
			t.Errorf("of %d spoilt plans %d were found out by %q", spoilt, caught, m.law)
		})
	}
}

// spoil changes the first change that f can spoil.
func spoil(p *plan.Plan, f func(*plan.Change) bool) bool {
	p.Changes = slices.Clone(p.Changes)
	for i := range p.Changes {
		c := p.Changes[i]
		if f(&c) {
			p.Changes[i] = c
			return true
		}
	}
	return false
}

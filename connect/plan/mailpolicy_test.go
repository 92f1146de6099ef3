package plan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers/zone"
)

// policyNames is names of which each has one record of a kind, and texts that
// stand there: sound ones, faulty ones, some that are meant as one, others.
var policyNames = map[zone.Name][]string{
	"_mta-sts.customer.example": {
		"v=STSv1; id=1", "v=STSv1; id=2;", "v=STSv1; id=2", "v=STSv1; id=not-one", "v=stsv1; id=1", `"v=STSv1; id=1"`, "token=1", "v=spf1 -all",
	},
	"_smtp._tls.customer.example": {
		"v=TLSRPTv1; rua=mailto:a@customer.example", "v=TLSRPTv1;rua=mailto:a@CUSTOMER.example;", "v=TLSRPTv1; rua=a@customer.example", "token=1",
	},
	"*.customer.example": {"v=STSv1; id=1", "v=STSv1; id=2", "v=BIMI1; l=https://customer.example/l.svg", "token=1"},
	"default._bimi.customer.example": {
		"v=BIMI1; l=https://customer.example/l.svg", "v=BIMI1; l=; a=;", "v=BIMI1; l=http://customer.example/l.svg", "token=1",
	},
}

// policyKinds tells what receivers count at a name that begins so.
var policyKinds = map[string]func(text string) bool{"_mta-sts.": dmarc.IsMTASTS, "_smtp._tls.": dmarc.IsTLSRPT, "default._bimi.": dmarc.IsBIMI}

var policyScenarios = rapid.Custom(func(t *rapid.T) scenario {
	recs := []zone.Record{
		{Name: domain, Type: "SOA", TTL: 3600, Data: "ns1.host.example. hostmaster.host.example. 1 3600 600 86400 300"},
		{Name: domain, Type: "NS", TTL: 3600, Data: "ns1.host.example."},
	}
	names := rapid.SampledFrom([]zone.Name{"_mta-sts." + domain, "_smtp._tls." + domain, "default._bimi." + domain, "*." + domain})
	for range rapid.IntRange(0, 4).Draw(t, "records") {
		owner := names.Draw(t, "owner")
		if r := zone.NewTXT(owner, 300, rapid.SampledFrom(policyNames[owner]).Draw(t, "text")); !zone.Contains(recs, r) {
			recs = append(recs, r)
		}
	}
	ask := func(most int) (out []plan.Intent) {
		for range rapid.IntRange(1, most).Draw(t, "intents") {
			out = append(out, rapid.SampledFrom([]plan.Intent{
				plan.TXT("_mta-sts", "v=STSv1; id=2"), plan.TXT("_mta-sts", "v=STSv1; id=3"), plan.TXT("_mta-sts", "app-verify=1"),
				plan.TXT("_smtp._tls", "v=TLSRPTv1; rua=mailto:a@customer.example"), plan.TXT("_smtp._tls", "v=TLSRPTv1; rua=https://app.example/tls"),
				plan.TXT("default._bimi", "v=BIMI1; l=https://app.example/l.svg"), plan.DMARC("_dmarc", "v=DMARC1; p=quarantine", nil),
			}).Draw(t, "want"))
		}
		return out
	}
	sc := scenario{
		Zone: zone.NewSnapshot(domain, recs), Intents: ask(3), Next: ask(2), Defaults: rapid.Bool().Draw(t, "defaults"),
		Picks: rapid.SliceOfN(rapid.IntRange(0, 5), 12, 12).Draw(t, "picks"), Dice: rapid.SliceOfN(rapid.IntRange(0, 1000), 12, 12).Draw(t, "dice"),
	}
	if rapid.IntRange(0, 3).Draw(t, "besides") == 0 {
		sc.Policies = plan.Policies{plan.ClassMailPolicy: rapid.SampledFrom([]plan.Policy{plan.Ask, plan.Fail, plan.Replace, plan.Keep}).Draw(t, "policy")}
	}
	return sc
})

// onePolicy: where one is written it stands alone among those that receivers
// count, and it is a sound one; texts of other kinds all stay.
func onePolicy(tr trial) error {
	for host, counts := range policyKinds {
		owner := zone.Name(host) + domain
		n, added := 0, false
		for _, r := range tr.after.Set(owner, "TXT") {
			if counts(r.Text()) {
				n++
				added = added || !zone.Contains(tr.Zone.Records, r)
			}
		}
		if added && n != 1 {
			return fmt.Errorf("one policy: %d at %s make each other void", n, owner)
		}
		for _, r := range tr.Zone.Set(owner, "TXT") {
			if !counts(r.Text()) && !zone.Contains(tr.after.Records, r) {
				return fmt.Errorf("one policy: %v went, which is none", r)
			}
		}
	}
	return nil
}

// Of MTA-STS, TLS-RPT and BIMI records there is one at a name, and nobody loses
// one that they did not give up.
func TestMailPolicies(t *testing.T) {
	outside, seed := elsewhere(t), rand.IntN(1<<40)
	t.Logf("seed %d", seed)
	planned := 0
	for i := range many() / 10 {
		sc := policyScenarios.Example(seed + i)
		tr, err := right.try(sc, outside)
		if unmeant(err) {
			continue
		}
		if err != nil {
			t.Fatalf("%v\n\n%s", err, sc)
		}
		planned++
		for _, l := range []law{idempotent, minimal, untouchedLaw, undone, undoneTogether, orderless, legalLaw, identity, onePolicy} {
			if err := l(tr); err != nil {
				t.Fatalf("%v\n\n%s\ndecisions: %+v\n\nplan:\n%s", err, sc, tr.req.Decisions, tr.plan.Text())
			}
		}
	}
	if planned < many()/20 {
		t.Errorf("%d of %d scenarios are planned, and most of them should be", planned, many()/10)
	}
}

// What DNS does not answer is not taken for missing: no receiver of reports is
// said to refuse them, and no policy to be absent.
func TestMailPolicyUnanswered(t *testing.T) {
	req := plan.Request{
		Snapshot: zoneOf(t, "$TTL 300\n@ SOA ns1.host.example. h 1 1 1 1 1\n@ NS ns1.host.example.\n", string(domain)),
		Intents: []plan.Intent{
			plan.TXT("default._bimi", "v=BIMI1; l=https://app.example/l.svg"),
			plan.DMARC("_dmarc", "v=DMARC1; p=reject; rua=mailto:a@app.example", nil),
		},
	}
	for range 20 {
		p, err := plan.New(req)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range p.Warnings {
			if strings.HasPrefix(w.Code, "dmarc-") {
				t.Errorf("warning %s: %s", w.Code, w.Text)
			}
		}
		if len(p.Questions) == 0 {
			return
		}
		for _, q := range p.Questions {
			req.Facts = append(req.Facts, plan.Fact{Question: q, Status: plan.Failed})
		}
	}
	t.Error("the plan never stops asking")
}

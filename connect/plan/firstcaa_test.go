package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Who asks for one certification authority locks no other one out.
func TestRow12FirstCAA(t *testing.T) {
	rows.hold(t, noLockout, writesFirstCAA, copiesIssuer)
	for _, tt := range []struct {
		name, zone string
		above      string
		in         plan.Intent
		want       []string // what is written
		state      plan.State
	}{
		{"nothing restricts", "", "", plan.CAA("@", "issue", "pki.app.example"), nil, plan.Satisfied},
		{"nothing restricts a name", "", "", plan.CAA("www", "issue", "pki.app.example"), nil, plan.Satisfied},
		{"nothing restricts wildcards", "", "", plan.CAA("@", "issuewild", "pki.app.example"), nil, plan.Satisfied},
		{"a report address restricts nothing", `@ CAA 0 iodef "mailto:a@b.example"`, "", plan.CAA("@", "issue", "pki.app.example"), nil, plan.Satisfied},
		{"the authority is there", `@ CAA 0 issue "pki.app.example"`, "", plan.CAA("www", "issue", "pki.app.example"), nil, plan.Present},
		{"the set of the apex", `@ CAA 0 issue "letsencrypt.org"`, "", plan.CAA("www", "issue", "pki.app.example"), []string{`customer.example. CAA 0 issue "pki.app.example"`}, plan.Added},
		{"the closest set", "@ CAA 0 issue \"letsencrypt.org\"\nwww CAA 0 issue \"ca.example\"", "", plan.CAA("a.www", "issue", "pki.app.example"), []string{`www.customer.example. CAA 0 issue "pki.app.example"`}, plan.Added},
		{"wildcards by issue", `@ CAA 0 issue "letsencrypt.org"`, "", plan.CAA("@", "issuewild", "pki.app.example"), []string{`customer.example. CAA 0 issuewild "letsencrypt.org"`, `customer.example. CAA 0 issuewild "pki.app.example"`}, plan.Added},
		{"nobody may issue", `@ CAA 0 issue ";"`, "", plan.CAA("@", "issue", "pki.app.example"), []string{`customer.example. CAA 0 issue "pki.app.example"`}, plan.Added},
		{"the set above the zone allows it", "", `0 issue "pki.app.example"`, plan.CAA("@", "issue", "pki.app.example"), nil, plan.Present},
		{"the set above the zone does not", "", `0 issue "letsencrypt.org"`, plan.CAA("@", "issue", "pki.app.example"), []string{`customer.example. CAA 0 issue "letsencrypt.org"`, `customer.example. CAA 0 issue "pki.app.example"`}, plan.Added},
		{"a report address beside the set above", "", `0 issue "letsencrypt.org"`, plan.CAA("@", "iodef", "mailto:a@app.example"), []string{`customer.example. CAA 0 iodef "mailto:a@app.example"`, `customer.example. CAA 0 issue "letsencrypt.org"`}, plan.Added},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sc := scenario{Zone: zoneOf(t, "$TTL 3600\n"+tt.zone+"\n", string(domain)), Intents: []plan.Intent{tt.in}, Picks: []int{0}}
			if tt.above != "" {
				sc.Above = []zone.Record{{Name: "example", Type: "CAA", TTL: 60, Data: tt.above}}
			}
			tr, err := right.try(sc, elsewhere(t))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range tr.plan.Changes {
				got = append(got, lines(c.Add)...)
			}
			if !slices.Equal(got, tt.want) || tr.plan.Results[0].State != tt.state {
				t.Errorf("got %q, %s; want %q, %s:\n%s", got, tr.plan.Results[0].State, tt.want, tt.state, tr.plan.Text())
			}
			if err := noLockout(tr); err != nil {
				t.Error(err)
			}
		})
	}
}

var authorities = []string{"letsencrypt.org", "pki.app.example", "nobody.example"}

// noLockout: who could issue for a name before can still, unless it is said
// that a wildcard, which let them, no longer answers, or somebody gave the CAA
// record up; and so can who was asked for.
func noLockout(tr trial) error {
	var names []zone.Name
	for _, r := range slices.Concat(tr.Zone.Records, tr.after.Records) {
		names = append(names, r.Name)
	}
	for _, n := range names {
		for _, ca := range authorities {
			for _, tag := range []string{"issue", "issuewild"} {
				if issues(tr, tr.Zone, n, tag, ca) && !issues(tr, tr.after, n, tag, ca) && !shadowed(tr.plan, n) {
					return fmt.Errorf("lockout: %s could have %s records by %s, and cannot any more", n, tag, ca)
				}
			}
		}
	}
	for _, res := range tr.plan.Results {
		in := tr.Intents[res.Intent]
		wanted := in.Kind == plan.KindCAA && (res.State == plan.Added || res.State == plan.Present || res.State == plan.Satisfied)
		if ca, _, _ := strings.Cut(in.Value, ";"); wanted && in.Tag != "iodef" && !issues(tr, tr.after, res.Owner, in.Tag, ca) {
			return fmt.Errorf("lockout: %s is %s, and %s may not issue", res.Owner, res.State, ca)
		}
	}
	return nil
}

// shadowed reports whether the plan says that a name, or one above it, is no
// longer answered by a wildcard, or loses a CAA record.
func shadowed(p plan.Plan, n zone.Name) bool {
	for _, c := range p.Changes {
		if n.Within(c.Owner) && slices.ContainsFunc(c.Remove, func(r zone.Record) bool { return r.Type == "CAA" && conceded(p, r) }) {
			return true
		}
	}
	return slices.ContainsFunc(p.Warnings, func(w plan.Warning) bool { return w.Code == string(plan.WildcardShadow) && n.Within(w.Owner) }) ||
		slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool {
			return c.Code == plan.WildcardShadow && c.Answer != "" && n.Within(c.Owner)
		})
}

// issues reports whether an authority may issue for a name, by RFC 8659
// sections 3 and 4 alone.
func issues(tr trial, z zone.Snapshot, n zone.Name, tag, ca string) bool {
	var set []zone.Record
	for ; len(set) == 0 && n != zone.Root; n = n.Parent() {
		if set = z.Set(n, "CAA"); len(set) == 0 {
			if star, ok := z.Wildcard(n); ok {
				set = z.Set(star, "CAA")
			}
		}
		if n == "example" {
			set = tr.Above
		}
	}
	values := map[string][]string{}
	for _, r := range set {
		f := strings.SplitN(r.Data, " ", 3)
		value, _, _ := strings.Cut(strings.Trim(f[2], `"`), ";")
		values[f[1]] = append(values[f[1]], value)
	}
	if tag == "issuewild" && len(values[tag]) == 0 {
		tag = "issue"
	}
	return len(values[tag]) == 0 || slices.Contains(values[tag], ca)
}

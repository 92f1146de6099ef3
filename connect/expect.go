package connect

import (
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/verify"
)

// expect is what DNS must show once a plan on this reading of the zone stands:
// what its intents ask for, everything else that it adds, and nothing of what
// it removes.
func expect(p plan.Plan, snap zone.Snapshot) []verify.Expect {
	var out []verify.Expect
	after, hidden := snap.With(p.ZoneChanges()...), p.Proxied(snap)
	add := func(x verify.Expect) {
		x.Zone = p.Zone
		if !hostOnly(x.Record) && !(hidden[x.Record.Name] && slices.Contains([]string{"A", "AAAA", "CNAME"}, x.Record.Type)) {
			out = append(out, x)
		}
	}
	var covered []zone.Record
	for _, r := range p.Results {
		covered = append(covered, r.Records...)
		for _, rec := range r.Records {
			x := verify.Expect{Record: rec}
			switch r.Kind {
			case plan.KindSPF:
				x.Match, x.Record = verify.MatchSPF, zone.NewTXT(rec.Name, rec.TTL, r.Required)
			case plan.KindDKIM:
				x.Match = verify.MatchDKIM
			default:
			}
			add(x)
		}
	}
	for _, c := range p.Changes {
		for _, rec := range zone.Subtract(c.Add, covered) {
			add(verify.Expect{Record: rec})
		}
		for _, rec := range zone.Subtract(c.Remove, c.Add) {
			if gone := (verify.Expect{Record: rec, Gone: true}); !answers(after, gone) { // else nobody can see it go
				add(gone)
			}
		}
	}
	return out
}

// answers reports whether a zone gives the record that is to be shown, or to go:
// at its name, or by the wildcard that answers for it.
func answers(s zone.Snapshot, x verify.Expect) bool {
	here := s.At(x.Record.Name)
	if star, ok := s.Wildcard(x.Record.Name); ok {
		here = s.At(star)
	}
	return slices.ContainsFunc(here, func(r zone.Record) bool {
		r.Name = x.Record.Name
		return r.SameData(x.Record) || x.Match == verify.MatchSPF && isSPF(r) && spf.Satisfies(string(r.Name), r.Text(), x.Record.Text())
	})
}

// fromWildcard is what a plan adds to names that a wildcard answered the same for
// until then.
func fromWildcard(p plan.Plan, snap zone.Snapshot) []zone.Record {
	var out []zone.Record
	for _, c := range p.Changes {
		for _, r := range zone.Subtract(c.Add, snap.At(c.Owner)) {
			if answers(snap, verify.Expect{Record: r}) {
				out = append(out, r)
			}
		}
	}
	return out
}

// hostOnly reports whether a record is its host's own affair: DNS has no such
// type.
func hostOnly(r zone.Record) bool {
	return r.Type == zone.TypeAlias || r.Type == zone.TypeRedirect || r.Opaque
}

// unproven is what the plan adds, or found in place, that neither DNS nor HTTP
// shows. What it leaves to a person counts where there is nothing else: a step is
// a step, and no success.
func (p Plan) unproven() []zone.Record {
	shown := map[zone.Key]bool{}
	for _, x := range p.Expect {
		if !x.Gone {
			shown[x.Record.Key()] = true
		}
	}
	redirected := p.redirects()
	asked := func(r zone.Record) bool {
		return r.Type == zone.TypeRedirect && slices.ContainsFunc(redirected, func(x Redirect) bool { return x.From == r.Name })
	}
	var out []zone.Record
	note := func(recs []zone.Record) {
		for _, r := range recs {
			if !shown[r.Key()] && !asked(r) && !zone.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	for _, c := range p.Changes {
		note(c.Add)
	}
	for _, r := range p.Results {
		if r.State == plan.Present || r.State == plan.ByHand && len(p.Expect) == 0 {
			note(r.Records)
		}
	}
	return out
}

// keys is the DKIM keys that the plan publishes or found in place.
func (p Plan) keys() []Key {
	var out []Key
	for _, r := range p.Results {
		if r.Fingerprint != "" && len(r.Records) > 0 {
			out = append(out, Key{Owner: r.Owner, Fingerprint: r.Fingerprint, UsedFallback: r.UsedFallback, Reason: r.Text})
		}
	}
	return out
}

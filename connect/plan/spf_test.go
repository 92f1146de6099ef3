package plan_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// What the domain allowed before it allows still, what is required it allows
// too, all is the weaker of both, and the cost is that of RFC 7208.
func TestRow13SPF(t *testing.T) {
	t.Run("property", func(t *testing.T) {
		spfs.hold(t, spfMerged, strongerAll, dropsLastTerm, writesBehindAll, hidesBySubstring, invents, miscounts)
	})
	t.Run("cases", spfCases)
}

var (
	strongerAll = respells("picks the stronger all", func(text string) string {
		return strings.NewReplacer("~all", "-all", "?all", "~all").Replace(text)
	})
	dropsLastTerm = respells("drops the last term of a record", func(text string) string {
		f := strings.Fields(text)
		return strings.Join(f[:max(1, len(f)-1)], " ")
	})
	writesBehindAll = respells("writes new terms behind all", func(text string) string {
		f := strings.Fields(text)
		last := len(f) - 1
		if strings.HasSuffix(f[last], "all") && last > 1 {
			f[last-1], f[last] = f[last], f[last-1]
		}
		return strings.Join(f, " ")
	})
	hidesBySubstring = respells("takes one name for another that it is part of", func(text string) string {
		return strings.Replace(text, " include:_spf.app.example", "", 1)
	})
	invents   = respells("lets somebody else send", func(text string) string { return strings.Replace(text, "v=spf1", "v=spf1 a:else.example", 1) })
	miscounts = spoils("forgets the lookups of what it includes", func(_ plan.Request, p *plan.Plan) bool {
		p.Results = slices.Clone(p.Results)
		for i, r := range p.Results {
			if r.Lookups != nil && len(r.Records) == 1 {
				p.Results[i].Lookups = &plan.Lookups{After: strings.Count(r.Records[0].Text(), "include:")}
			}
		}
		return true
	})
)

// respells is a planner that writes SPF records in its own way.
func respells(name string, f func(string) string) wrong {
	return spoils(name, func(_ plan.Request, p *plan.Plan) bool {
		return spoil(p, func(c *plan.Change) bool {
			i := slices.IndexFunc(c.Add, func(r zone.Record) bool { return meant(r, "v=spf1") })
			if i < 0 {
				return false
			}
			c.Add = slices.Clone(c.Add)
			c.Add[i] = zone.NewTXT(c.Owner, c.Add[i].TTL, f(c.Add[i].Text()))
			return true
		})
	})
}

var (
	ownTerms = []string{
		"ip4:192.0.2.0/24", "ip4:198.51.100.7", "ip6:2001:db8::/32", "a", "mx", "a:edge.app.example", "MX:app.example", "ptr",
		"include:_spf.app.example", "Include:_SPF2.app.example", "include:deep.app.example", "include:spf.smallbiz.app.example",
		"-ip4:203.0.113.1", "~include:_spf2.app.example", "?a:mx.app.example", "-include:_spf.app.example",
		"exists:%{i}.list.app.example", "exp=explain.app.example", "unknown=x",
	}
	newTerms = []string{
		"include:_spf.app.example", "include:_spf2.app.example", "include:deep.app.example", "ip4:192.0.2.128/25", "ip4:203.0.113.7",
		"ip6:2001:db8:1::/48", "a:edge.app.example", "mx", "redirect=_spf.app.example",
	}
)

// senders is domains with an SPF record, and services that want into it.
var senders = rapid.Custom(func(t *rapid.T) scenario {
	own := rapid.SliceOfNDistinct(rapid.SampledFrom(ownTerms), 0, 5, strings.ToLower).Draw(t, "own")
	end := rapid.SampledFrom([]string{"", "-all", "~all", "?all", "+all", "all", "-ALL", "redirect=_spf2.app.example"}).Draw(t, "end")
	sc := scenario{Picks: rapid.SliceOfN(rapid.IntRange(0, 3), 4, 4).Draw(t, "picks"), Defaults: true}
	recs := []zone.Record{{Name: domain, Type: "MX", TTL: 300, Data: "10 mx.app.example."}, {Name: domain, Type: "A", TTL: 300, Data: "192.0.2.1"}}
	if rapid.IntRange(0, 9).Draw(t, "has") > 0 {
		version := rapid.SampledFrom([]string{"v=spf1", "V=SPF1"}).Draw(t, "version")
		recs = append(recs, zone.NewTXT(domain, 300, strings.Join(slices.DeleteFunc(append([]string{version}, append(own, end)...), func(s string) bool { return s == "" }), " ")))
	}
	sc.Zone = zone.NewSnapshot(domain, recs)
	for range rapid.IntRange(1, 2).Draw(t, "intents") {
		terms := rapid.SliceOfNDistinct(rapid.SampledFrom(newTerms), 1, 3, rapid.ID[string]).Draw(t, "required")
		all := ""
		if !strings.Contains(strings.Join(terms, " "), "redirect=") {
			all = rapid.SampledFrom([]string{"", " -all", " ~all", " ?all"}).Draw(t, "all")
		}
		sc.Intents = append(sc.Intents, plan.SPF("@", strings.Join(terms, " ")+all))
	}
	return sc
})

// policy is an SPF record as text.
type policy struct {
	terms    []string // lower case, a plus left out, all left out
	all      string   // with its sign
	redirect string
	open     int // index of the first term that does not pass
}

func readPolicy(text string) policy {
	p := policy{open: -1}
	for _, f := range strings.Fields(strings.ToLower(text))[1:] {
		f = strings.TrimPrefix(f, "+")
		switch {
		case f == "all":
			p.all = "+all"
		case len(f) == 4 && f[1:] == "all":
			p.all = f
		default:
			if target, ok := strings.CutPrefix(f, "redirect="); ok {
				p.redirect = target
			} else if strings.ContainsAny(f[:1], "-~?") && p.open < 0 {
				p.open = len(p.terms)
			}
			p.terms = append(p.terms, f)
		}
	}
	return p
}

// weakness of an all; none is neutral (RFC 7208 section 4.7).
func weakness(all string) int {
	return map[string]int{"-all": 0, "~all": 1, "?all": 2, "": 2, "+all": 3}[all]
}

func (p policy) allows(term string) bool {
	if slices.Contains(p.terms, term) || "include:"+p.redirect == term {
		return true
	}
	inner, ok := prefix(term)
	return ok && slices.ContainsFunc(p.terms, func(t string) bool {
		outer, ok := prefix(t)
		return ok && outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
	})
}

func prefix(term string) (netip.Prefix, bool) {
	_, text, _ := strings.Cut(term, ":")
	if !strings.HasPrefix(term, "ip") {
		return netip.Prefix{}, false
	}
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		return netip.PrefixFrom(a, a.BitLen()), err == nil
	}
	p, err := netip.ParsePrefix(text)
	return p, err == nil
}

func spfTexts(z zone.Snapshot) (out []string) {
	for _, r := range z.Set(domain, "TXT") {
		if meant(r, "v=spf1") {
			out = append(out, r.Text())
		}
	}
	return out
}

// spfMerged judges the record that a plan leaves at the domain.
func spfMerged(tr trial) error {
	if res := tr.plan.Results[0]; res.State != plan.Added && res.State != plan.Present {
		return nil
	}
	before, after := policy{open: -1}, spfTexts(tr.after)
	had := spfTexts(tr.Zone)
	if len(had) > 0 {
		before = readPolicy(had[0])
	}
	if len(after) != 1 {
		return fmt.Errorf("spf: %d records: %q", len(after), after)
	}
	is := readPolicy(after[0])
	fresh, shorter := is.terms, shrunk(tr.plan)
	if len(shorter) > 0 {
		if err := sameSenders(append(world{tr.after}, tr.outside...), had[0], after[0]); err != nil {
			return err
		}
	}
	for _, t := range before.terms {
		i := slices.Index(fresh, t)
		if i < 0 && slices.Contains(shorter, t) {
			continue
		}
		if i < 0 {
			return fmt.Errorf("spf: %s is lost from %q", t, after[0])
		}
		fresh = slices.Delete(slices.Clone(fresh), i, i+1)
	}
	wanted, wish := map[string]bool{}, -1
	for _, in := range tr.Intents {
		w := readPolicy("v=spf1 " + in.Value)
		for _, t := range w.terms {
			t = strings.Replace(t, "redirect=", "include:", 1)
			if wanted[t] = true; !is.allows(t) {
				return fmt.Errorf("spf: %s is required and not in %q", t, after[0])
			}
		}
		if w.all != "" {
			wish = max(wish, weakness(w.all))
		}
	}
	for _, t := range fresh {
		if !wanted[t] && len(shorter) == 0 {
			return fmt.Errorf("spf: nobody asked for %s in %q", t, after[0])
		}
		if wanted[t] && before.open >= 0 && is.open >= 0 && slices.Index(is.terms, t) > is.open {
			return fmt.Errorf("spf: %s comes too late in %q", t, after[0])
		}
	}
	if f := strings.Fields(after[0]); is.all != "" && before.all == "" && !strings.HasSuffix(strings.ToLower(f[len(f)-1]), "all") {
		return fmt.Errorf("spf: all is not last in %q", after[0])
	}
	switch want := max(wish, weakness(before.all)); {
	case before.redirect != "":
		if is.all != "" || is.redirect != before.redirect {
			return fmt.Errorf("spf: the redirect of %q does not count in %q", had[0], after[0])
		}
	case len(had) == 0 && wish < 0:
		if is.all != "~all" {
			return fmt.Errorf("spf: a new record ends in %q", is.all)
		}
	case len(had) == 0:
		if weakness(is.all) != wish {
			return fmt.Errorf("spf: all is %q in %q", is.all, after[0])
		}
	case weakness(is.all) != want:
		return fmt.Errorf("spf: all is %q in %q, from %q", is.all, after[0], had[0])
	}
	return countedRight(tr, after[0])
}

func countedRight(tr trial, text string) error {
	got, want := tr.plan.Results[0].Lookups, lookups(append(world{tr.after}, tr.outside...), text, 0)
	if got == nil || got.After != want {
		return fmt.Errorf("spf: %q costs %d lookups, and the plan says %+v", text, want, got)
	}
	forced := slices.ContainsFunc(tr.plan.Conflicts, func(c plan.Conflict) bool { return c.Code == plan.SPFLookups && c.Answer == "force" })
	if want > 10 && !forced && len(tr.plan.Changes) > 0 {
		return fmt.Errorf("spf: %q costs %d lookups, and nobody was asked", text, want)
	}
	return nil
}

// lookups counts by RFC 7208 section 4.6.4: each term that asks DNS is one, and
// what it leads to.
func lookups(w world, text string, depth int) (n int) {
	ends := readPolicy(text).all != ""
	for _, f := range strings.Fields(strings.ToLower(text))[1:] {
		f = strings.TrimLeft(f, "+-~?")
		if f == "all" {
			return n
		}
		name, _, _ := strings.Cut(strings.NewReplacer("=", ":", "/", ":").Replace(f), ":")
		switch name {
		case "a", "mx", "ptr", "exists":
			n++
		case "include", "redirect":
			if name == "redirect" && ends {
				continue
			}
			n++
			for _, r := range w.answer(plan.Question{Name: zone.Name(f[len(name)+1:]), Type: "TXT"}).Records {
				if depth < 10 && meant(r, "v=spf1") {
					n += lookups(w, r.Text(), depth+1)
				}
			}
		}
	}
	return n
}

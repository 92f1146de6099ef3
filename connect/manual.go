package connect

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// visibleTypes is what DNS is asked for at each owner of a set-up by hand.
var visibleTypes = [...]string{"A", "AAAA", "CNAME", "TXT", "MX", "CAA", "NS"}

// visible is what DNS shows of a zone at and above these owners. It is no whole
// zone: enough to plan what a person shall do, not to write.
func (e *Engine) visible(ctx context.Context, apex zone.Name, owners []zone.Name) (zone.Snapshot, error) {
	names := visibleNames(apex, owners)
	answers := make([]verify.Answer, 0, len(names)*len(visibleTypes))
	for _, n := range names {
		for _, typ := range visibleTypes {
			answers = append(answers, verify.Answer{Name: n, Type: typ})
		}
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i, a := range answers {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			answers[i] = e.dns.Lookup(ctx, a.Name, a.Type)
		})
	}
	wg.Wait()
	var recs []zone.Record
	for _, a := range answers {
		if a.Err != "" {
			return zone.Snapshot{}, &providers.Error{Code: providers.Unavailable, Err: fmt.Errorf("%s %s could not be looked up: %s", a.Name.FQDN(), a.Type, a.Err)}
		}
		recs = append(recs, only(a.Records, a.Type)...)
	}
	return unwild(zone.NewSnapshot(apex, recs), answers), nil
}

// owners is the names that a request is about: those of its intents, and those
// where the runs that it takes back wrote.
func (w *workspace) owners() []zone.Name {
	var out []zone.Name
	for _, in := range w.req.Intents {
		if n, err := zone.Abs(in.Host, w.req.Site.Domain); err == nil { // if not, the planner says it better
			out = append(out, n)
		}
	}
	for _, j := range w.runs {
		if slices.Contains(w.req.Runs, j.run.ID) {
			for _, c := range j.wrote() {
				out = append(out, c.Owner)
			}
		}
	}
	return out
}

// visibleNames is the owners, the names above them, and the wildcards that may
// answer for each.
func visibleNames(apex zone.Name, owners []zone.Name) []zone.Name {
	var names []zone.Name
	seen := map[zone.Name]bool{}
	add := func(n zone.Name) {
		if !seen[n] {
			seen[n] = true
			names = append(names, n)
		}
	}
	for _, n := range owners {
		for ; n.Below(apex); n = n.Parent() {
			add(n)
			add("*." + n.Parent())
		}
		add(apex)
	}
	return names
}

// unwild takes out what a wildcard gave: at a name that shows just what the
// wildcard beside it shows, nothing stands. A name that exists and shows
// nothing is noted by itself.
func unwild(s zone.Snapshot, answers []verify.Answer) zone.Snapshot {
	var keep []zone.Record
	for _, r := range s.Records {
		star := "*." + r.Name.Parent()
		if r.Name == s.Zone || r.Name == star || len(s.At(star)) == 0 || !sameAnswers(s, r.Name, star) {
			keep = append(keep, r)
		}
	}
	out := zone.NewSnapshot(s.Zone, keep)
	for _, a := range answers {
		star := "*." + a.Name.Parent()
		wild := a.Name != s.Zone && len(s.Set(star, a.Type)) > 0
		if wild && a.Status == verify.NoData && !slices.Contains(out.Names, a.Name) {
			out.Names = append(out.Names, a.Name)
		}
	}
	return out
}

func sameAnswers(s zone.Snapshot, n, star zone.Name) bool {
	at, wild := s.At(n), s.At(star)
	if len(at) != len(wild) {
		return false
	}
	for i := range at {
		moved := wild[i]
		moved.Name = n
		if !at[i].SameData(moved) {
			return false
		}
	}
	return true
}

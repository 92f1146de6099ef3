package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Vantage looks at DNS from another place. It is a Verifier there, which the
// program carries over a channel of its own: a Request goes out, Observations
// come back, both as JSON. It must have no Vantages itself, and end with ctx.
type Vantage interface {
	Name() string // of the place, for people; each has its own
	Observe(ctx context.Context, req Request) (Observations, error)
}

// FromVantage is what one vantage point brought.
type FromVantage struct {
	Name   string        `json:"name"`
	Seen   *Observations `json:"seen,omitempty"`
	Err    string        `json:"err,omitempty"`    // why it brought nothing
	Spared bool          `json:"spared,omitempty"` // the others had decided before it was done
}

// allowedMisses is how many of n vantage points may see something else. It is
// how certification authorities count remote perspectives (CA/Browser Forum,
// Baseline Requirements, section 3.2.2.9).
func allowedMisses(n int) int {
	const several, many = 2, 6
	switch {
	case n < several:
		return 0
	case n < many:
		return 1
	}
	return 2
}

// askVantages asks all vantage points at once, until it is decided whether
// enough of them see what is seen here.
func (c *call) askVantages(ctx context.Context, l *look) {
	vantages := c.v.opts.Vantages
	if len(vantages) == 0 || !l.settled() {
		return
	}
	type result struct {
		i    int
		seen Observations
		err  error
	}
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan result)
	for i, v := range vantages {
		go func() {
			seen, err := v.Observe(asking, Request{Expect: l.expect})
			results <- result{i, seen, err}
		}()
	}
	l.vantages = make([]FromVantage, len(vantages))
	agree, miss, allowed := make([]int, len(l.expect)), make([]int, len(l.expect)), allowedMisses(len(vantages))
	for range vantages {
		r := <-results
		f := &l.vantages[r.i]
		f.Name = vantages[r.i].Name()
		switch {
		case r.err == nil:
			f.Seen = &r.seen
		case asking.Err() != nil: // whatever error its channel makes of that
			f.Spared = true
		default:
			f.Err = r.err.Error()
		}
		decided := true
		for i, sees := range f.sees(l.expect) {
			if sees {
				agree[i]++
			} else {
				miss[i]++
			}
			decided = decided && (agree[i] >= len(vantages)-allowed || miss[i] > allowed)
		}
		if decided {
			cancel()
		}
	}
}

// settled reports whether every record is propagated as seen from here.
func (l *look) settled() bool {
	return !slices.ContainsFunc(l.expect, func(e Expect) bool {
		return l.evidence(e).record().Verdict != Propagated
	})
}

// sees reports for each record whether it is propagated as seen from there.
// What was observed for another request says nothing.
func (f FromVantage) sees(expect []Expect) []bool {
	out := make([]bool, len(expect))
	if f.Seen == nil || !slices.Equal(f.Seen.Expect, expect) {
		return out
	}
	alone := *f.Seen
	alone.Vantages = nil // they are for a look from there
	for i, rs := range Judge(alone).Records {
		out[i] = rs.Verdict == Propagated
	}
	return out
}

// quorum makes published what too few vantage points see, and says how many do.
func quorum(records []RecordState, expect []Expect, vantages []FromVantage) []Finding {
	var out []Finding
	agree := make([]int, len(records))
	early := ""
	for _, f := range vantages {
		if f.Spared {
			early = ", decided before all had answered"
		}
		if f.Err != "" {
			out = append(out, finding(CodeViewTimeout, Warning, f.Name, "the vantage point brought nothing: "+f.Err))
		}
		for i, sees := range f.sees(expect) {
			if sees {
				agree[i]++
			}
		}
	}
	for i := range records {
		rec := &records[i]
		if len(vantages) == 0 || rec.Verdict != Propagated {
			continue
		}
		severity := Info
		if agree[i] < len(vantages)-allowedMisses(len(vantages)) {
			rec.Verdict, severity = Published, Error
		}
		out = append(out, finding(CodeQuorum, severity, "", fmt.Sprintf("%s: seen from %d/%d vantage points%s", rec.Expect.what(), agree[i], len(vantages), early)))
	}
	return out
}

func byVantage(a, b FromVantage) int {
	if n := cmp.Compare(a.Name, b.Name); n != 0 {
		return n
	}
	return tie(a, b)
}

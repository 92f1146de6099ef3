package connect

import (
	"slices"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// loss is an optional write that the host did not take, and what became of its
// owner.
type loss struct {
	write
	outcome providers.Outcome
}

// verdict is what a refusal leaves of a run.
type verdict int

const (
	hopeless verdict = iota // more is missing than optional intents
	enough                  // everything else stands
	retry                   // the refusal kept others from being written
)

// refused is the optional writes that the host did not take. whole is for one
// that writes all or nothing: any of them may be what it refused.
func refused(changes []zone.Change, outcomes []providers.Outcome, writes []write, whole bool) (lost []loss, v verdict) {
	v = enough
	for i, o := range outcomes {
		if written(o) {
			continue
		}
		if o.State != providers.Rejected && o.State != providers.Failed || o.Code != providers.Invalid && o.Code != providers.Unsupported {
			return nil, hopeless
		}
		rest := left(changes[i], o)
		must := rest.Add // of it, what no optional intent is to blame for
		var here, missing []loss
		for _, w := range writes {
			if w.Owner != o.Owner || !w.Optional {
				continue
			}
			here, must = append(here, loss{w, o}), zone.Subtract(must, w.Records)
			if len(zone.Subtract(w.Records, rest.Add)) < len(w.Records) {
				missing = append(missing, loss{w, o})
			}
		}
		switch alone := onlyOptional(writes, o.Owner); {
		case alone && len(rest.Remove) < len(changes[i].Remove):
			return nil, hopeless // something is gone, and what was to replace it did not come
		case alone && len(missing) == 0:
			missing = here
		case alone:
		case len(missing) == 0 && !whole:
			return nil, hopeless
		case len(must)+len(rest.Remove) > 0 || shared(writes, missing):
			v = retry
		}
		lost = append(lost, missing...)
	}
	if v == retry && len(lost) == 0 {
		return nil, hopeless
	}
	return lost, v
}

// shared reports whether a required intent needs a record that was lost too, as
// one SPF record is for all.
func shared(writes []write, lost []loss) bool {
	return slices.ContainsFunc(lost, func(l loss) bool {
		return slices.ContainsFunc(writes, func(w write) bool {
			return !w.Optional && slices.ContainsFunc(w.Records, func(r zone.Record) bool { return zone.Contains(l.Records, r) })
		})
	})
}

func written(o providers.Outcome) bool { return providers.Done([]providers.Outcome{o}) }

// left is what of a change does not stand in the zone.
func left(c zone.Change, o providers.Outcome) zone.Change {
	switch {
	case written(o):
		return zone.Change{Owner: c.Owner}
	case o.Part != nil:
		c.Remove, c.Add = zone.Subtract(c.Remove, o.Part.Remove), zone.Subtract(c.Add, o.Part.Add)
	}
	return c
}

// forgo takes what was lost out of what the run promises. rest is what of the
// plan does not stand.
func (r *Run) forgo(lost []loss, intents []plan.Intent, rest []zone.Change) {
	r.FailedOptional = append(slices.Clone(r.FailedOptional), failures(lost, intents)...)
	var add, remove []zone.Record
	for _, c := range rest {
		add, remove = append(add, c.Add...), append(remove, c.Remove...)
	}
	missing := func(x verify.Expect) bool {
		return slices.ContainsFunc(lost, func(l loss) bool {
			return x.Match == verify.MatchSPF && x.Record.Name == l.Owner && x.Record.Text() == l.Required
		})
	}
	r.Expect = slices.DeleteFunc(slices.Clone(r.Expect), func(x verify.Expect) bool {
		if x.Gone {
			return zone.Contains(remove, x.Record)
		}
		return zone.Contains(add, x.Record) || missing(x)
	})
	r.Keys = slices.DeleteFunc(slices.Clone(r.Keys), func(k Key) bool {
		return slices.ContainsFunc(add, func(a zone.Record) bool { return a.Type == "TXT" && a.Name == k.Owner })
	})
	r.Unproven = zone.Subtract(r.Unproven, add)
	r.Redirects = slices.DeleteFunc(slices.Clone(r.Redirects), func(x Redirect) bool {
		return slices.ContainsFunc(lost, func(l loss) bool {
			return l.Owner == x.From && intents[l.Intent].Kind == plan.KindRedirect && intents[l.Intent].Value == x.To
		})
	})
}

func failures(lost []loss, intents []plan.Intent) []Failed {
	var out []Failed
	for _, l := range lost {
		out = append(out, Failed{Index: l.Intent, Intent: intents[l.Intent], Code: l.outcome.Code, Reason: l.outcome.Detail})
	}
	return out
}

// spare settles a run of which nothing but optional intents was refused, or
// nothing at all. ok is false for any other.
func (r *Run) spare(changes []zone.Change, writes []write, intents []plan.Intent) (ok bool) {
	lost, v := refused(changes, r.Outcomes, writes, false)
	if v != enough {
		return false
	}
	var rest []zone.Change
	for i, o := range r.Outcomes {
		rest = append(rest, left(changes[i], o))
	}
	r.forgo(lost, intents, rest)
	return true
}

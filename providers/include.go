package providers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// An SPF policy that includes another which is not there fails all mail of its
// domain (RFC 7208 section 5.2). So of two changes of which one writes such an
// include and the other what it leads to, the target comes first, and it goes
// only when nothing includes it any more. Nothing else is known of SPF here.

// isPolicy reports whether receivers take r for an SPF policy.
func isPolicy(r zone.Record) bool {
	if r.Type != "TXT" {
		return false
	}
	first, _, _ := strings.Cut(r.Text(), " ")
	return strings.EqualFold(first, "v=spf1")
}

// includes reports whether a policy of another name among recs leads to the one
// at owner.
func includes(recs []zone.Record, owner zone.Name) bool {
	return slices.ContainsFunc(recs, func(r zone.Record) bool {
		if r.Name == owner || !isPolicy(r) {
			return false
		}
		for term := range strings.FieldsSeq(strings.ToLower(r.Text())) {
			term = strings.TrimSuffix(strings.TrimLeft(term, "+-~?"), ".")
			if term == "include:"+string(owner) || term == "redirect="+string(owner) {
				return true
			}
		}
		return false
	})
}

// waits reports whether a write must not come before the change c has: it
// includes a policy that c brings, or takes one away whose include c takes out.
func waits(snap zone.Snapshot, e zone.Edit, c zone.Change) bool {
	if slices.ContainsFunc(c.Add, isPolicy) && !slices.ContainsFunc(snap.Set(c.Owner, "TXT"), isPolicy) &&
		includes(zone.Subtract(e.After, e.Before), c.Owner) {
		return true
	}
	standing := snap.Set(c.Owner, "TXT")
	for _, r := range zone.Subtract(e.Before, e.After) {
		stays := func(o zone.Record) bool { return o.Name == r.Name && isPolicy(o) }
		if isPolicy(r) && !slices.ContainsFunc(e.After, stays) && includes(standing, r.Name) && !includes(c.Add, r.Name) {
			return true
		}
	}
	return false
}

// tied is the changes that a write may have to wait for: those of policies.
func tied(changes []zone.Change) (index []int) {
	for i, c := range changes {
		if slices.ContainsFunc(c.Add, isPolicy) || slices.ContainsFunc(c.Remove, isPolicy) {
			index = append(index, i)
		}
	}
	return index
}

// inOrder puts each write behind those of the changes that it waits for, which
// it notes, and leaves the order as it is otherwise. Of policies that include
// each other, which is void anyway, the first comes first.
func inOrder(snap zone.Snapshot, changes []zone.Change, steps []step) []step {
	among := tied(changes)
	if len(among) < 2 {
		return steps
	}
	left := make([]int, len(changes)) // writes of a change that are still to come
	swaps := map[int][]int{}          // what the swap of a change waits for: its halves go together
	for k, s := range steps {
		for _, i := range s.changes {
			left[i]++
		}
		for _, i := range among {
			if !slices.Contains(s.changes, i) && waits(snap, s.edit, changes[i]) {
				steps[k].after = append(steps[k].after, i)
			}
		}
		if s.swap {
			swaps[s.changes[0]] = append(swaps[s.changes[0]], steps[k].after...)
		}
	}
	for k, s := range steps {
		if s.swap {
			steps[k].after = swaps[s.changes[0]]
		}
	}
	out := make([]step, 0, len(steps))
	for len(steps) > 0 {
		at := max(0, slices.IndexFunc(steps, func(s step) bool {
			return !slices.ContainsFunc(s.after, func(i int) bool { return left[i] > 0 })
		}))
		for _, i := range steps[at].changes {
			left[i]--
		}
		out, steps = append(out, steps[at]), slices.Delete(steps, at, at+1)
	}
	return out
}

// heldBack says why a write must not be sent: a change failed that it waits for.
func (j *job) heldBack(s step) error {
	for _, i := range s.after {
		if o := j.outcomes[i]; o.State != "" {
			return o.holdsBack()
		}
	}
	return nil
}

func (o Outcome) holdsBack() error {
	return &Error{
		Code: o.Code, Reason: o.Reason, Wrote: WroteNo,
		Err: fmt.Errorf("not written: it goes with %s, which failed: %s", o.Owner.FQDN(), o.Detail),
	}
}

// strand fails the changes that wait for one that cannot be written, and returns
// the index of the rest. begun is as guard has it.
func strand(snap zone.Snapshot, changes []zone.Change, outcomes []Outcome, todo []int, begun []SetImage) []int {
	among := tied(changes)
	for again := true; again; {
		again = false
		todo = slices.DeleteFunc(todo, func(k int) bool {
			c := changes[k]
			at := snap.At(c.Owner)
			e := zone.Edit{Before: at, After: slices.Concat(zone.Subtract(at, c.Remove), c.Add)}
			for _, i := range among {
				if o := outcomes[i]; i != k && o.State != "" && o.State != Unchanged && waits(snap, e, changes[i]) {
					outcomes[k].fail(Failed, o.holdsBack())
					outcomes[k].Part = part(snap, c, begun)
					again = true
					return true
				}
			}
			return false
		})
	}
	return todo
}

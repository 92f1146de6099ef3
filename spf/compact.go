package spf

import "slices"

// compact takes out what cannot matter: directives after all, and pass terms
// in front of every exclusion that another such term covers.
func (d *draft) compact() {
	if end := d.firstAll(); end >= 0 {
		kept := slices.DeleteFunc(slices.Clone(d.items[end+1:]), func(t *item) bool { return t.Kind.Directive() })
		d.items = append(d.items[:end+1:end+1], kept...)
	}
	d.drop((*draft).coveredBefore)
	d.drop((*draft).coveredBehind)
}

// drop takes out the terms for which covered returns another.
func (d *draft) drop(covered func(*draft) map[int]int) {
	d.known = nil
	by := covered(d)
	if len(by) == 0 {
		return
	}
	var kept []*item
	for i, t := range d.items {
		j, ok := by[i]
		if !ok {
			kept = append(kept, t)
		} else if d.items[j].ours && !t.ours {
			d.dropped = append(d.dropped, t.Text)
		}
	}
	d.items, d.known = kept, nil
}

// coveredBefore returns, by index, the pass terms in front of every exclusion
// that an earlier one leaves nothing, and the index of that.
func (d *draft) coveredBefore() map[int]int {
	by, earlier := map[int]int{}, cover{}
	for i, t := range d.items[:d.front().slot] {
		if !t.passes() {
			continue
		}
		if j, ok := earlier.of(t); ok {
			by[i] = j
		} else {
			earlier.add(i, t)
		}
	}
	return by
}

// coveredBehind does the same for those that a later one is as good as. None
// behind a term that asks DNS is: an answer that fails there ends the
// evaluation, and so far the earlier term has passed its senders before.
func (d *draft) coveredBehind() map[int]int {
	by, later := map[int]int{}, cover{}
	for i, t := range slices.Backward(d.items[:d.front().slot]) {
		switch {
		case !t.passes():
		case t.Kind.asksDNS():
			later = cover{}
		default:
			if j, ok := later.of(t); ok {
				by[i] = j
			}
			later.add(i, t)
		}
	}
	return by
}

package spf

import "slices"

// compact takes out what cannot matter: directives after all, and pass terms
// in front of every exclusion that another such term covers.
func (d *draft) compact() {
	if end := d.firstAll(); end >= 0 {
		kept := slices.DeleteFunc(slices.Clone(d.items[end+1:]), func(t item) bool { return t.Kind.Directive() })
		d.items = append(d.items[:end+1:end+1], kept...)
	}
	d.drop(d.coveredBefore)
	d.drop(d.coveredBehind)
}

// drop takes out the pass terms for which covered finds another.
func (d *draft) drop(covered func(i int) (by item, ok bool)) {
	for i := 0; i < d.slot(); i++ {
		by, ok := covered(i)
		if !ok {
			continue
		}
		if by.ours && !d.items[i].ours {
			d.dropped = append(d.dropped, d.items[i].Text)
		}
		d.items = slices.Delete(d.items, i, i+1)
		i--
	}
}

// coveredBefore returns the earlier pass term that leaves item i nothing.
func (d *draft) coveredBefore(i int) (item, bool) {
	return first(d.items[:i], func(t item) bool { return t.passes() && covers(t.Term, d.items[i].Term, d.domain) })
}

// coveredBehind returns a later pass term that does all that item i does. None
// behind a term that asks DNS is as good: an answer that fails there ends the
// evaluation, and so far item i has passed its senders before.
func (d *draft) coveredBehind(i int) (item, bool) {
	rest := d.items[i+1 : d.slot()]
	if asks := slices.IndexFunc(rest, func(t item) bool { return t.Kind.Directive() && t.Kind.asksDNS() }); asks >= 0 {
		rest = rest[:asks]
	}
	return first(rest, func(t item) bool { return t.passes() && covers(t.Term, d.items[i].Term, d.domain) })
}

func first(items []item, like func(item) bool) (item, bool) {
	if i := slices.IndexFunc(items, like); i >= 0 {
		return items[i], true
	}
	return item{}, false
}

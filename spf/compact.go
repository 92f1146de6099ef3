package spf

import "slices"

// compact takes out what cannot matter: directives after all, and pass terms
// in front of every exclusion that another such term covers.
func (d *draft) compact() {
	if end := d.firstAll(); end >= 0 {
		kept := slices.DeleteFunc(slices.Clone(d.items[end+1:]), func(t item) bool { return t.Kind.Directive() })
		d.items = append(d.items[:end+1:end+1], kept...)
	}
	for i := 0; i < d.slot(); i++ {
		by, ok := d.coveredBy(i)
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

func (d *draft) coveredBy(i int) (item, bool) {
	t := d.items[i]
	if !t.passes() {
		return item{}, false
	}
	for j, other := range d.items[:d.slot()] {
		if j == i || !other.passes() || !covers(other.Term, t.Term, d.domain) {
			continue
		}
		if j < i || !covers(t.Term, other.Term, d.domain) {
			return other, true
		}
	}
	return item{}, false
}

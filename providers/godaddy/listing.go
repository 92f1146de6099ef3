package godaddy

import "slices"

// listing is the records of a zone, or of one type at one name, as one reading
// of them found them.
type listing struct {
	list  []entry
	pages int  // how many held records, and the first
	size  int  // how many records the first one held
	ended bool // the host let it be seen that nothing follows
}

func (l *listing) add(page []entry) {
	if l.pages == 0 {
		l.size = len(page)
	}
	if l.pages == 0 || len(page) > 0 {
		l.pages++
	}
	l.list = append(l.list, page...)
}

// again reports whether a page is the list once more, but for the records that
// an offset skips which counts records. It may go on after the list's end.
func (l *listing) again(page []entry) bool {
	rest := l.list[min(skip, len(l.list)):]
	return len(rest) > 0 && len(page) >= len(rest) && slices.EqualFunc(rest, page[:len(rest)], entry.equal)
}

// holds reports whether half of a page or more is in the list already. Some may
// be: the host may hold one value twice.
func (l *listing) holds(page []entry) bool {
	seen := map[string]bool{}
	for _, e := range l.list {
		seen[string(e.raw)] = true
	}
	n := 0
	for _, e := range page {
		if seen[string(e.raw)] {
			n++
		}
	}
	return 2*n >= len(page)
}

// agrees reports whether two readings found the same, in the same order, and
// one of them to its end.
func (l *listing) agrees(o listing) bool {
	return len(l.list) > 0 && (l.ended || o.ended) && slices.EqualFunc(l.list, o.list, entry.equal)
}

package spf

// Satisfies reports whether record, standing at domain, authorises what
// required, a record or a run of terms, asks for. Each term must be there,
// spelt any way and in any order, as a pass term that is reached, or be inside
// a wider network, or be the target of a redirect. A requirement that excludes
// senders must stand there as a whole or as the subrecord that [Merge] makes.
// The all of either side does not matter.
func Satisfies(domain, record, required string) bool {
	r, err := Parse(record)
	if err != nil {
		return false
	}
	w, err := parseWish(required)
	if err != nil {
		return false
	}
	d := newDraft(domain, r)
	terms, _ := wish(w)
	if d.holds(terms) {
		return true
	}
	if excludes(terms) {
		include, reason := parseTerm("include:" + hashLabel(subrecord(terms, d.domain)) + "." + d.domain)
		return reason == "" && d.covered(d.item(include, false))
	}
	for _, t := range d.wrap(terms, false) {
		if !d.covered(t) && d.reached(t) == 0 {
			return false
		}
	}
	return true
}

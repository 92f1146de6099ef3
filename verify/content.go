package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// maxString is how many octets one string of a TXT record holds (RFC 1035
// section 3.3).
const maxString = 255

// contentFindings say what the servers have in place of the record, or beside
// it.
func (ev evidence) contentFindings(rs RecordState) []Finding {
	var out []Finding
	add := func(code Code, severity Severity, detail string) {
		out = append(out, finding(code, severity, "", ev.expect.what()+": "+detail))
	}
	for s := range ev.answers(false) {
		if !s.vague {
			ev.mistakes(s.recs, add)
		}
	}
	for s := range ev.answers(true) {
		ev.beside(s.recs, add)
	}
	mistaken := slices.ContainsFunc(out, func(f Finding) bool {
		return f.Code == CodeProxied || f.Severity == Error && (f.Code != CodeCNAMECoexist || ev.expect.Record.Type != "CNAME")
	})
	switch {
	case rs.Verdict == Wrong && ev.expect.Gone:
		add(CodeValueWrong, Error, ev.remains(rs))
	case rs.Verdict == Wrong && !mistaken:
		add(CodeValueWrong, Error, inPlaceOf+strings.Join(rs.stands(), ", "))
	case rs.Verdict == Absent:
		code, detail := ev.nothing(rs.stands())
		add(code, Info, detail)
	}
	return out
}

const (
	onlyThose = "nothing else may stand there: "
	inPlaceOf = "in its place stands "
)

// remains says why a record does not count as gone.
func (ev evidence) remains(rs RecordState) string {
	var seen []zone.Record
	for s := range ev.answers(false) {
		seen = append(seen, s.recs...)
	}
	strangers := ev.expect.strangers(ev.peers, seen)
	switch {
	case zone.Contains(seen, ev.expect.Record):
		return "is still served: " + ev.expect.Record.Data
	case ev.expect.Exclusive && len(strangers) > 0:
		return onlyThose + strings.Join(slices.Compact(shown(strangers)), ", ")
	}
	return inPlaceOf + strings.Join(rs.stands(), ", ")
}

// stands is what the servers have at the owner.
func (s RecordState) stands() []string {
	var out []string
	for _, srv := range s.Servers {
		out = append(out, srv.Seen...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mistakes is what people do to values in web pages, and hosts to records, seen
// in an answer that is not right.
func (ev evidence) mistakes(seen []zone.Record, add func(Code, Severity, string)) {
	e := ev.expect
	if e.Gone {
		return
	}
	if e.Match != MatchExact {
		if n := len(texts(seen, e.Match.kind())); n > 1 {
			add(e.Match.duplicate(), Error, fmt.Sprintf("%d of them stand at one name", n))
		}
	}
	if e.matchValue(seen) == Right {
		add(CodeValueExtra, Error, onlyThose+strings.Join(shown(e.strangers(ev.peers, seen)), ", "))
	}
	if proxied(addressesOf(seen)) && !proxied(addressesOf(e.wanted())) && slices.Contains([]string{"A", "AAAA", "CNAME"}, e.Record.Type) {
		add(CodeProxied, Warning, "answered with "+strings.Join(shown(seen), ", "))
		return
	}
	for _, r := range seen {
		switch {
		case e.quoted(r):
			add(CodeTXTQuoted, Error, "quotation marks are part of the value")
		case e.truncated(r):
			add(CodeTXTTruncated, Error, fmt.Sprintf("only the first %d of %d octets are there", len(r.Text()), len(e.Record.Text())))
		case appended(e.Record, r, ev.apex):
			add(CodeTargetAppended, Error, "the target got the zone's name appended: "+r.Data)
		case r.Type == "CNAME" && e.Record.Type != "CNAME":
			add(CodeCNAMECoexist, Error, "a CNAME stands in its place, to "+r.Data)
		case r.Type != "CNAME" && e.Record.Type == "CNAME":
			add(CodeCNAMECoexist, Error, "other records stand at its name: "+strings.Join(shown(seen), ", "))
		}
	}
}

// beside is what stands with the record in an answer that is right.
func (ev evidence) beside(seen []zone.Record, add func(Code, Severity, string)) {
	e := ev.expect
	if e.Gone {
		return
	}
	if ev.flattened(seen) {
		add(CodeFlattened, Info, "answered with the addresses of "+e.Record.Data+": "+strings.Join(shown(seen), ", "))
		return
	}
	if extra := unwanted(ev.peers, seen); len(extra) > 0 && slices.Contains([]string{"A", "AAAA", "CAA", "MX", "NS", "SRV"}, e.Record.Type) {
		add(CodeValueExtra, Info, "other values stand beside it: "+strings.Join(shown(extra), ", "))
	}
	if e.Record.Type != "TXT" || e.Match != MatchExact {
		return
	}
	for _, m := range []Match{MatchSPF, MatchDKIM, MatchDMARC} {
		if n := len(texts(seen, m.kind())); n > 1 && m.kind()(e.Record.Text()) {
			add(m.duplicate(), Warning, fmt.Sprintf("%d of them stand at one name", n))
		}
	}
	for _, r := range seen {
		for _, w := range e.wanted() {
			if r.SameData(w) && r.Data != w.Data {
				add(CodeTXTSplit, Info, "its strings are cut at other places")
			}
		}
	}
}

// nothing is how servers say that there is no record: the name does not exist,
// or it has none of the type, or only others, which stand in nobody's place.
func (ev evidence) nothing(others []string) (Code, string) {
	if len(others) > 0 {
		const most = 4
		detail := "other values stand at the name, and not this one: " + strings.Join(others[:min(most, len(others))], ", ")
		if more := len(others) - most; more > 0 {
			detail += fmt.Sprintf(", and %d more", more)
		}
		return CodeNoData, detail
	}
	if ev.told(NXDomain) {
		return CodeNXDomain, "the name does not exist"
	}
	var empty []string
	for _, h := range ev.heard(ForOther) {
		if h.Name != ev.expect.Record.Name {
			continue
		}
		if h.Status != NoData {
			return CodeNoData, "the name exists, and has no record of the type"
		}
		empty = append(empty, h.Type)
	}
	if len(empty) > 0 {
		slices.Sort(empty)
		return CodeEmpty, "the name exists, and has no record of the type, nor of type " + strings.Join(empty, ", ")
	}
	return CodeNoData, "there is no such record at the name"
}

// quoted reports whether the quotation marks around a value became part of it.
func (e Expect) quoted(r zone.Record) bool {
	return r.Type == "TXT" && e.Record.Type == "TXT" && slices.ContainsFunc(e.wanted(), func(w zone.Record) bool {
		return strings.Trim(r.Text(), " ") == `"`+w.Text()+`"`
	})
}

// truncated reports whether r is the beginning of the value, as far as one
// string goes.
func (e Expect) truncated(r zone.Record) bool {
	return r.Type == "TXT" && e.Record.Type == "TXT" && len(r.Text()) == maxString && slices.ContainsFunc(e.wanted(), func(w zone.Record) bool {
		return len(w.Text()) > maxString && strings.HasPrefix(w.Text(), r.Text())
	})
}

func appended(want, got zone.Record, apex zone.Name) bool {
	w, ok := want.Target()
	g, ok2 := got.Target()
	return ok && ok2 && want.Type == got.Type && g == w+"."+apex
}

// flattened reports whether the records are addresses of the target that a
// CNAME was to lead to, and nothing else.
func (ev evidence) flattened(seen []zone.Record) bool {
	if ev.expect.Gone || ev.expect.Record.Type != "CNAME" || len(seen) == 0 || len(ev.targets) == 0 {
		return false
	}
	return !slices.ContainsFunc(seen, func(r zone.Record) bool {
		a, ok := r.Addr()
		return !ok || !slices.Contains(ev.targets, a)
	})
}

func addressesOf(recs []zone.Record) []netip.Addr {
	var out []netip.Addr
	for _, r := range recs {
		if a, ok := r.Addr(); ok {
			out = append(out, a)
		}
	}
	return out
}

package verify

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// match compares an expectation with what one answer holds at its owner:
// records of its type, or the CNAME in their place. peers are the expectations
// of records there: what one of them is about may stand beside an exclusive
// record, and is in nobody's place, except that a name has one CNAME only.
func match(e Expect, peers []Expect, seen []zone.Record) State {
	switch state := e.matchValue(seen); {
	case state == Differs && e.Match == MatchExact && !e.Gone && e.Record.Type != "CNAME":
		return e.matchValue(unwanted(peers, seen))
	case state == Right && e.Exclusive && len(e.strangers(peers, seen)) > 0:
		return Differs
	default:
		return state
	}
}

// unwanted is what none of the expectations is about.
func unwanted(peers []Expect, seen []zone.Record) []zone.Record {
	var out []zone.Record
	for _, r := range seen {
		if !slices.ContainsFunc(peers, func(e Expect) bool { return e.about(r) }) {
			out = append(out, r)
		}
	}
	return out
}

// strangers is what may not stand beside an exclusive record.
func (e Expect) strangers(peers []Expect, seen []zone.Record) []zone.Record {
	return slices.DeleteFunc(unwanted(peers, seen), func(r zone.Record) bool { return r.Type != e.Record.Type })
}

// about reports whether r is the record, or what Match goes for, whose spelling
// is free.
func (e Expect) about(r zone.Record) bool {
	return zone.Contains(e.wanted(), r) || e.Match != MatchExact && r.Type == "TXT" && e.Match.kind()(r.Text())
}

// kind tells the texts that Match goes for, of which there must be one only.
func (m Match) kind() func(string) bool {
	switch m {
	case MatchSPF:
		return spf.IsRecord
	case MatchDKIM:
		return dkim.IsKey
	case MatchDMARC:
		return dmarc.IsRecord
	default: // of a Match that this version does not know
		return func(string) bool { return false }
	}
}

// duplicate is the code of several texts of that kind.
func (m Match) duplicate() Code {
	switch m {
	case MatchSPF:
		return CodeDupSPF
	case MatchDKIM:
		return CodeDupDKIM
	default:
		return CodeDupDMARC
	}
}

// does reports whether a text of that kind says what is wanted.
func (e Expect) does(txt string) bool {
	return slices.ContainsFunc(e.wanted(), func(w zone.Record) bool {
		switch e.Match {
		case MatchSPF:
			return spf.Satisfies(string(w.Name), txt, w.Text())
		case MatchDKIM:
			return dkim.SameKey(txt, w.Text())
		case MatchDMARC:
			return dmarc.IsRecord(w.Text()) && len(dmarc.Differ(txt, w.Text())) == 0
		default:
			return txt == w.Text()
		}
	})
}

func (e Expect) matchValue(seen []zone.Record) State {
	wanted := func(r zone.Record) bool { return zone.Contains(seen, r) }
	switch {
	case e.Gone:
		if wanted(e.Record) {
			return Differs
		}
		return Right
	case e.Match != MatchExact:
		return matchOne(seen, e.Match.kind(), e.does)
	case slices.ContainsFunc(e.wanted(), wanted):
		return Right
	case len(seen) == 0 || e.Record.Type == "TXT" && !slices.ContainsFunc(seen, e.inPlace):
		return Missing
	}
	return Differs
}

// matchOne wants the one text of its kind to be right. With several, receivers
// choose one or none (RFC 7208 section 4.5, RFC 6376 section 3.6.2.2, RFC 7489
// section 6.6.3), so nothing is right.
func matchOne(seen []zone.Record, kind, right func(string) bool) State {
	of := texts(seen, kind)
	switch {
	case len(of) == 1 && right(of[0]):
		return Right
	case len(of) == 0 && (len(seen) == 0 || seen[0].Type == "TXT"):
		return Missing
	}
	return Differs
}

func texts(seen []zone.Record, kind func(string) bool) []string {
	var out []string
	for _, r := range seen {
		if r.Type == "TXT" && kind(r.Text()) {
			out = append(out, r.Text())
		}
	}
	return out
}

// inPlace reports whether a TXT record stands where the expected one should: a
// value of the same maker, told by what stands before its first '=', or a
// version tag. Other TXT records are nobody's mistake.
func (e Expect) inPlace(r zone.Record) bool {
	return r.Type != "TXT" || purpose(r.Text()) == purpose(e.Record.Text()) || e.quoted(r) || e.truncated(r)
}

func purpose(txt string) string {
	txt = strings.ToLower(strings.Trim(txt, ` "`))
	head, value, ok := strings.Cut(txt, "=")
	if ok && head == "v" {
		version, _, _ := strings.Cut(value, ";")
		version, _, _ = strings.Cut(version, " ")
		return "v=" + version
	}
	if !ok {
		return ""
	}
	return head
}

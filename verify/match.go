package verify

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// match compares an expectation with what one answer holds at its owner:
// records of its type, or the CNAME in their place. peers are the values that
// an exclusive RRset may have.
func match(e Expect, peers, seen []zone.Record) State {
	state := e.matchValue(seen)
	if state == Right && e.Exclusive && slices.ContainsFunc(zone.Subtract(seen, peers), e.stranger) {
		return Differs
	}
	return state
}

// stranger reports whether r is of the type and not what Match goes for, whose
// spelling is free.
func (e Expect) stranger(r zone.Record) bool {
	switch {
	case r.Type != e.Record.Type:
		return false
	case e.Gone:
		return true
	case e.Match == MatchSPF:
		return !spf.IsRecord(r.Text())
	case e.Match == MatchDKIM:
		return !dkim.IsKey(r.Text())
	}
	return true
}

func (e Expect) matchValue(seen []zone.Record) State {
	switch {
	case e.Gone:
		if zone.Contains(seen, e.Record) {
			return Differs
		}
		return Right
	case e.Match == MatchSPF:
		return matchOne(seen, spf.IsRecord, func(txt string) bool {
			return spf.Satisfies(string(e.Record.Name), txt, e.Record.Text())
		})
	case e.Match == MatchDKIM:
		return matchOne(seen, dkim.IsKey, func(txt string) bool { return dkim.SameKey(txt, e.Record.Text()) })
	case zone.Contains(seen, e.Record):
		return Right
	case len(seen) == 0 || e.Record.Type == "TXT" && !slices.ContainsFunc(seen, e.inPlace):
		return Missing
	}
	return Differs
}

// matchOne wants the one text of its kind to be right. With several, receivers
// choose one or none (RFC 7208 section 4.5, RFC 6376 section 3.6.2.2), so
// nothing is right.
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
	return r.Type != "TXT" || purpose(r.Text()) == purpose(e.Record.Text())
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

// mistakes is what people do to values in web pages, seen in an answer that is
// not right.
func mistakes(e Expect, apex zone.Name, seen []zone.Record) []Finding {
	if e.Gone {
		return nil
	}
	var out []Finding
	add := func(code Code, detail, hint string) {
		out = append(out, Finding{Code: code, Severity: Error, Detail: e.Record.Name.FQDN() + " " + e.Record.Type + ": " + detail, Hint: hint})
	}
	if e.Match == MatchSPF && len(texts(seen, spf.IsRecord)) > 1 {
		add(CodeDupSPF, "more than one SPF record", "receivers take that as an error (RFC 7208 section 4.5); merge them into one")
	}
	if e.Match == MatchDKIM && len(texts(seen, dkim.IsKey)) > 1 {
		add(CodeDupDKIM, "more than one key at one selector", "remove the old one")
	}
	for _, r := range seen {
		switch {
		case r.Type == "TXT" && e.Record.Type == "TXT" && r.Text() == `"`+e.Record.Text()+`"`:
			add(CodeTXTQuoted, "quotation marks are part of the value", "enter the value without quotation marks")
		case appended(e.Record, r, apex):
			add(CodeTargetAppended, "the target got the zone's name appended: "+r.Data, "end the target with a dot")
		}
	}
	return out
}

func appended(want, got zone.Record, apex zone.Name) bool {
	w, ok := want.Target()
	g, ok2 := got.Target()
	return ok && ok2 && want.Type == got.Type && g == w+"."+apex
}

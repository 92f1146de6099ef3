package entri

import (
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// caa reads a CAA record from its three fields, or from a value that holds
// all of it as zone text does.
func (r Record) caa(in plan.Intent, text string) (plan.Intent, *fault) {
	in.Kind, in.Flag, in.Tag = plan.KindCAA, r.Flag, strings.ToLower(strings.TrimSpace(r.Tag))
	flag, tag, rest, whole := wholeCAA(text)
	switch {
	case !whole && in.Tag == "":
		return in, faultf(Missing, "", `missing; write "tag": "issue", or the whole record in the value: 0 issue "ca.example"`).in("tag")
	case whole && in.Tag != "" && (in.Tag != tag || in.Flag != flag),
		whole && in.Tag == "" && in.Flag != 0 && in.Flag != flag:
		return in, faultf(Contradiction, text, "holds another flag or tag than the fields of the record; write them once")
	case whole:
		in.Flag, in.Tag, text = flag, tag, rest
	}
	if strs, err := zone.ParseStrings(text); err == nil && strings.HasPrefix(text, `"`) {
		text = strings.Join(strs, "")
	}
	in.Value = text
	switch in.Tag {
	case "issue", "issuewild":
		ca, _, _ := strings.Cut(text, ";")
		if ca = strings.TrimSpace(ca); ca == "" {
			return in, faultf(Invalid, r.Value, `names no certification authority; write its domain, such as "letsencrypt.org"`)
		}
		if _, f := target(ca); f != nil || !strings.Contains(ca, ".") {
			return in, faultf(Invalid, r.Value, `not the domain of a certification authority, such as "letsencrypt.org"`)
		}
	case "iodef":
		if !strings.HasPrefix(text, "mailto:") && !webURL(text) {
			return in, faultf(Invalid, r.Value, "not where to report to; write a mailto:, http or https URL")
		}
	default:
		return in, faultf(Unsupported, in.Tag, "want one of issue, issuewild, iodef").in("tag")
	}
	return in, textFault(text)
}

func wholeCAA(text string) (flag uint8, tag, value string, ok bool) {
	first, rest, _ := strings.Cut(text, " ")
	tag, value, ok = strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseUint(first, 10, 8)
	if err != nil || !ok {
		return 0, "", "", false
	}
	return uint8(n), strings.ToLower(tag), strings.TrimSpace(value), true
}

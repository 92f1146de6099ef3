package verify_test

import (
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/verify"
)

const falseAlarm = "false alarm"

// compare is what is wrong with a report: another verdict, a code that is not
// found, one that is found and is neither wanted nor a consequence, or a
// finding that tells nobody what to do.
func compare(r verify.Report, want verify.Verdict, codes, also []verify.Code) []string {
	var out []string
	if r.Verdict != want {
		out = append(out, fmt.Sprintf("verdict %s, want %s", r.Verdict, want))
	}
	for _, c := range codes {
		if !slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return f.Code == c }) {
			out = append(out, fmt.Sprintf("%s is not found", c))
		}
	}
	allowed := slices.Concat(codes, also, consequences(want, codes))
	for _, f := range r.Findings {
		if f.Hint == "" || f.Detail == "" {
			out = append(out, fmt.Sprintf("%s has no hint, or no detail: %+v", f.Code, f))
		}
		if !slices.Contains(allowed, f.Code) {
			out = append(out, fmt.Sprintf("%s: %s: %s", falseAlarm, f.Code, f.Detail))
		}
	}
	return out
}

// consequences is what is true of every world of that verdict: a server that
// has another content has another serial, and a record that is absent is so in
// one of three ways.
func consequences(want verify.Verdict, codes []verify.Code) []verify.Code {
	ways := []verify.Code{verify.CodeNXDomain, verify.CodeNoData, verify.CodeEmpty}
	switch want {
	case verify.Partial, verify.Unstable:
		return []verify.Code{verify.CodeSerial}
	case verify.Absent:
		if !slices.ContainsFunc(codes, func(c verify.Code) bool { return slices.Contains(ways, c) }) {
			return ways[:1] // the worlds here do not have the name
		}
	default:
	}
	return nil
}

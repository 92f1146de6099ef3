package spf

import "context"

// maxExplanation is how many octets of explanation are taken; a reply of SMTP
// has lines of 512 (RFC 5321 section 4.5.3.1.5).
const maxExplanation = 4096

// explain returns what the domain says about a Fail (RFC 7208 section 6.2), or
// otherwise if it says nothing, or nothing that can be used.
func (e *evaluation) explain(ctx context.Context, v verdict, otherwise string) string {
	if v.exp != "" {
		if text, ok := e.foreignText(ctx, v); ok {
			return text
		}
	}
	return otherwise
}

// foreignText fetches and expands an explanation. What it asks is not counted:
// the outcome stands.
func (e *evaluation) foreignText(ctx context.Context, v verdict) (string, bool) {
	if usesHost(v.exp) && e.resolveHost(ctx) != nil {
		return "", false
	}
	a, stop := e.ask(ctx, e.expandName(v.exp, v.domain), "TXT", "")
	if stop != nil || len(a.Values) != 1 || !explainable(a.Values[0]) {
		return "", false
	}
	text := a.Values[0]
	if usesHost(text) && e.resolveHost(ctx) != nil {
		return "", false
	}
	var b []byte
	for text != "" {
		b, text = e.appendNext(b, text, v.domain)
		if len(b) > maxExplanation {
			return "", false
		}
	}
	// A sender or HELO name may have brought in what no reply of SMTP holds.
	if !visible(string(b)) {
		return "", false
	}
	return string(b), true
}

// explainable reports whether s is an explain-string (RFC 7208 section 12).
func explainable(s string) bool {
	if len(s) >= maxText || !visible(s) {
		return false
	}
	_, reason := macroString(s, "slodiphcrtv")
	return reason == ""
}

// visible reports whether s has nothing but spaces and what printable says.
func visible(s string) bool {
	for i := range len(s) {
		if !printable(s[i]) && s[i] != ' ' {
			return false
		}
	}
	return true
}

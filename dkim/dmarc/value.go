package dmarc

import (
	"slices"
	"strings"
)

// policy reads p, sp or np. A wrong one makes all three none.
func (r *Record) policy(tag, value string) Policy {
	switch p := Policy(strings.ToLower(value)); p {
	case None, Quarantine, Reject:
		return p
	default:
		r.Implied = true
		r.warn(CodeInvalid, tag, "%s has to be none, quarantine or reject, not %q", tag, clip(value))
		return ""
	}
}

// letter returns the one of letters that value is, in any case; the first is the default.
func (r *Record) letter(tag, value, letters string) string {
	if v := strings.ToLower(value); len(v) == 1 && strings.Contains(letters, v) {
		return v
	}
	r.warn(CodeInvalid, tag, "%s has to be one letter of %q, not %q: receivers take %c", tag, letters, clip(value), letters[0])
	return letters[:1]
}

// options reads fo. A 0 or 1 within a list is no list to RFC 9989, but still one to receivers by RFC 7489.
func (r *Record) options(tag, value string) []string {
	var out []string
	for o := range strings.SplitSeq(strings.ToLower(value), ":") {
		o = strings.Trim(o, space)
		if !slices.Contains([]string{"0", "1", "d", "s"}, o) {
			r.warn(CodeInvalid, tag, "fo has to be of 0, 1, d and s, not %q: receivers take 0", clip(value))
			return []string{"0"}
		}
		out = append(out, o)
	}
	if len(out) > 1 && (slices.Contains(out, "0") || slices.Contains(out, "1")) {
		r.warn(CodeMixed, tag, "0 and 1 have to stand alone in fo: some receivers take %q for 0", clip(value))
	}
	return out
}

// addresses reads rua and ruf and returns what can be reported to.
func (r *Record) addresses(tag, value string) []string {
	var out []string
	for a := range strings.SplitSeq(value, ",") {
		a = strings.Trim(a, space)
		uri := withoutSize(a)
		switch {
		case strings.ContainsAny(uri, space):
			r.warn(CodeSeparator, tag, "%s needs a comma between addresses: %q", tag, clip(a))
			continue
		case !isURI(uri):
			r.warn(CodeNotURI, tag, "%s holds %q, which is no address such as mailto:reports@example.com", tag, clip(a))
			continue
		case uri != a:
			r.warn(CodeSize, tag, "RFC 9989 has no size at the end of an address any more: %q", clip(a))
		}
		out = append(out, uri)
	}
	return out
}

// withoutSize cuts the size limit off an address: "!", digits and a unit (RFC 7489 6.2).
func withoutSize(a string) string {
	uri, size, ok := strings.Cut(a, "!")
	digits := strings.TrimRight(strings.ToLower(size), "kmgt")
	if !ok || digits == "" || len(size)-len(digits) > 1 || strings.Trim(digits, "0123456789") != "" {
		return a
	}
	return uri
}

// isURI is strict where receivers have to understand the address, in mailto, and asks little of other schemes. A comma and
// an exclamation mark must be percent-encoded.
func isURI(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" || !isName(scheme) || strings.ContainsAny(s, "!\"<>\\^`{|}") || !isPrinting(s) {
		return false
	}
	local, host, at := strings.Cut(mailbox(s), "@")
	return !strings.EqualFold(scheme, "mailto") || at && local != "" && isHost(host)
}

// mailbox returns what stands between the scheme and a query.
func mailbox(uri string) string {
	_, rest, _ := strings.Cut(uri, ":")
	rest, _, _ = strings.Cut(rest, "?")
	return rest
}

// isHost reports whether s can be the name of a domain: non-empty labels of letters, digits, hyphens and underscores.
func isHost(s string) bool {
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if len(label) == 0 || len(label) > 63 {
			return false
		}
		for i := range len(label) {
			if !isName("a"+label[i:i+1]) && label[i] != '-' {
				return false
			}
		}
	}
	return len(s) <= 254
}

// isPrinting reports whether s has only printing ASCII characters and spaces, as everything we write must.
func isPrinting(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// host returns the domain that receives reports at a mailto address, in lower case; it is empty for other schemes.
func host(uri string) string {
	if len(uri) < len("mailto:") || !strings.EqualFold(uri[:len("mailto:")], "mailto:") {
		return ""
	}
	_, h, _ := strings.Cut(mailbox(uri), "@")
	return strings.ToLower(strings.TrimSuffix(h, "."))
}

// fold returns an address by which the same ones can be told: without size, and in lower case where case means nothing.
func fold(uri string) string {
	uri = withoutSize(strings.Trim(uri, space))
	scheme, rest, _ := strings.Cut(uri, ":")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[:i] + strings.ToLower(rest[i:])
	}
	return strings.ToLower(scheme) + ":" + rest
}

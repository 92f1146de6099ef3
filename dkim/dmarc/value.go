package dmarc

import (
	"slices"
	"strconv"
	"strings"
)

// policy reads p, sp or np. A wrong one makes all three none.
func (r *Record) policy(tag, value string) Policy {
	switch p := Policy(value); p { // most are in lower case
	case None, Quarantine, Reject:
		return p
	}
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
	if len(value) == 1 {
		if i := strings.IndexByte(letters, value[0]|0x20); i >= 0 && value[0] >= 'A' {
			return letters[i : i+1]
		}
	}
	r.warn(CodeInvalid, tag, "%s has to be one letter of %q, not %q: receivers take %c", tag, letters, clip(value), letters[0])
	return letters[:1]
}

// options reads fo. A 0 or 1 within a list is no list to RFC 9989, but still one to receivers by RFC 7489.
func (r *Record) options(tag, value string) []string {
	out := make([]string, 0, strings.Count(value, ":")+1)
	for o := range strings.SplitSeq(strings.ToLower(value), ":") {
		o = strings.Trim(o, space)
		if len(o) != 1 || !strings.Contains("01ds", o) {
			r.warn(CodeInvalid, tag, "fo has to be of 0, 1, d and s, not %q: receivers take 0", clip(value))
			return []string{"0"}
		}
		out = append(out, o)
	}
	if r.By == RFC9989 && len(out) > 1 && (slices.Contains(out, "0") || slices.Contains(out, "1")) {
		r.warn(CodeMixed, tag, "0 and 1 have to stand alone in fo: some receivers take %q for 0", clip(value))
	}
	return out
}

// addresses reads rua and ruf and returns what can be reported to.
func (r *Record) addresses(tag, value string) []string {
	out := make([]string, 0, strings.Count(value, ",")+1)
	for a := range strings.SplitSeq(value, ",") {
		a = strings.Trim(a, space)
		uri := withoutSize(a)
		switch {
		case isURI(uri) && strings.IndexByte(uri, ' ') < 0:
			if r.By == RFC7489 {
				r.Older.limit(tag, strings.TrimPrefix(a[len(uri):], "!"))
			} else if len(uri) != len(a) {
				r.warn(CodeSize, tag, "RFC 9989 has no size at the end of an address any more: %q", clip(a))
			}
		case strings.ContainsAny(uri, space):
			r.warn(CodeSeparator, tag, "%s needs a comma between addresses: %q", tag, clip(a))
			continue
		default:
			r.warn(CodeNotURI, tag, "%s holds %q, which is no address such as mailto:reports@example.com", tag, clip(a))
			continue
		}
		out = append(out, uri)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// limit notes how much a report to the next address may hold. What is too large to be counted is no limit.
func (o *Older) limit(tag, text string) {
	n, err := size(text)
	if err != nil {
		n = 0
	}
	if tag == "rua" {
		o.RUASizes = append(o.RUASizes, n)
		return
	}
	o.RUFSizes = append(o.RUFSizes, n)
}

// withoutSize cuts the size limit off an address: "!", digits and a unit (RFC 7489 6.2).
func withoutSize(a string) string {
	uri, size, ok := strings.Cut(a, "!")
	if !ok {
		return a
	}
	digits := strings.TrimRight(strings.ToLower(size), "kmgt")
	if digits == "" || len(size)-len(digits) > 1 || strings.Trim(digits, "0123456789") != "" {
		return a
	}
	return uri
}

// isURI is strict where receivers have to understand the address, in mailto, and asks little of other schemes. A comma and
// an exclamation mark must be percent-encoded.
func isURI(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" || !isName(scheme) {
		return false
	}
	for i := range len(s) {
		if unsafe(s[i]) {
			return false
		}
	}
	if !isMailto(s) {
		return true
	}
	local, host, at := strings.Cut(mailbox(s), "@")
	return at && local != "" && isHost(host)
}

// unsafe reports whether an octet cannot stand in a report address as it is.
func unsafe(c byte) bool {
	switch c {
	case '!', '"', '<', '>', '\\', '^', '`', '{', '|', '}':
		return true
	default:
		return c < ' ' || c > '~'
	}
}

// isMailto reports whether an address is one to send mail to.
func isMailto(uri string) bool {
	return hasScheme(uri, "mailto:")
}

func hasScheme(uri, scheme string) bool {
	return len(uri) >= len(scheme) && strings.EqualFold(uri[:len(scheme)], scheme)
}

// mailbox returns what stands between the scheme and a query.
func mailbox(uri string) string {
	_, rest, _ := strings.Cut(uri, ":")
	rest, _, _ = strings.Cut(rest, "?")
	return rest
}

// isHost reports whether s can be the name of a domain: non-empty labels of letters, digits, hyphens and underscores.
func isHost(s string) bool {
	if len(s) > 254 {
		return false
	}
	s = strings.TrimSuffix(s, ".")
	n := 0 // octets of the label so far
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			n++
		case c == '.' && 0 < n && n <= 63:
			n = 0
		default:
			return false
		}
	}
	return 0 < n && n <= 63
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
	if !isMailto(uri) {
		return ""
	}
	_, h, _ := strings.Cut(mailbox(uri), "@")
	return canonical(h)
}

// canonical returns a domain in lower case and without a final dot.
func canonical(domain string) string { return strings.ToLower(strings.TrimSuffix(domain, ".")) }

// fold returns an address by which the same ones can be told: without size, with the octets that need no percent-encoding
// decoded (RFC 3986 6.2.2), and in lower case where case means nothing. The part before the @ keeps its case.
func fold(uri string) string {
	uri = decode(withoutSize(strings.Trim(uri, space)))
	scheme, rest, _ := strings.Cut(uri, ":")
	from, to := 0, 0 // of the host
	if authority, ok := strings.CutPrefix(rest, "//"); ok {
		to = 2 + len(authority)
		if i := strings.IndexAny(authority, "/?#"); i >= 0 {
			to = 2 + i
		}
		from = strings.LastIndexByte(rest[:to], '@') + 1
	} else if at := strings.IndexByte(rest, '@'); at >= 0 {
		from, to = at+1, len(rest)
		if i := strings.IndexByte(rest[from:], '?'); i >= 0 {
			to = from + i
		}
	}
	return strings.ToLower(scheme) + ":" + rest[:from] + canonical(rest[from:to]) + rest[to:]
}

// decode undoes the percent-encoding of letters, digits and -._~, and writes that of other octets in upper case.
func decode(uri string) string {
	if strings.IndexByte(uri, '%') < 0 {
		return uri
	}
	var b strings.Builder
	for i := 0; i < len(uri); i++ {
		if uri[i] != '%' || i+2 >= len(uri) {
			b.WriteByte(uri[i])
			continue
		}
		n, err := strconv.ParseUint(uri[i+1:i+3], 16, 8)
		switch c := byte(n); {
		case err != nil:
			b.WriteByte('%')
			continue
		case c < 0x80 && isName("a"+string(rune(c))), c == '-', c == '.', c == '~':
			b.WriteByte(c)
		default:
			b.WriteString(strings.ToUpper(uri[i : i+3]))
		}
		i += 2
	}
	return b.String()
}

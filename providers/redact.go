package providers

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Shorter values are not looked for in texts: they would be found in words.
// Only long ones make a zone or a record suspicious, where nothing could be left
// out: the tokens of hosts are longer than this, and passwords that are somebody's
// domain name seldom.
const (
	shortSecret = 4
	longSecret  = 16
)

// redact is text without the secrets.
func redact(text string, secrets []string) string {
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, redacted)
	}
	return text
}

// secrets is the values that must not appear in an error, as they are and as
// trimming, URLs, quoting, HTML and basic authentication spell them. Of
// "KEY:SECRET" each half is one too. The longest come first, lest a secret that
// holds another one stays in part.
func (c Credentials) secrets(fields []Field) []string {
	open := map[string]bool{}
	for _, f := range fields {
		open[f.Name] = !f.Secret
	}
	var out []string
	for k, v := range c {
		if open[k] {
			continue
		}
		out = append(out, v)
		for _, part := range append(strings.Split(v, ":"), v) {
			if part = strings.TrimSpace(part); len(part) >= shortSecret {
				out = append(out, spellings(part)...)
			}
		}
	}
	out = slices.DeleteFunc(out, func(s string) bool { return len(s) < shortSecret })
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(out)
}

// spellings is the ways in which requests and answers write a value.
func spellings(v string) []string {
	quoted, _ := json.Marshal(v) // a string never fails
	out := []string{
		v, url.QueryEscape(v), url.PathEscape(v), html.EscapeString(v),
		strings.Trim(strconv.Quote(v), `"`), strings.Trim(string(quoted), `"`),
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		out = append(out, enc.EncodeToString([]byte(v)))
		for before := range 3 {
			out = append(out, within64(enc.WithPadding(base64.NoPadding), v, before))
		}
	}
	return out
}

// within64 is the characters that a value has in the base64 of any text that it
// stands in, so many octets modulo 3 after the beginning ("user:" is before it
// in basic authentication, RFC 7617 section 2). Those that it shares with its
// neighbours are not among them (RFC 4648 section 4: four for three octets).
func within64(enc *base64.Encoding, v string, before int) string {
	s := enc.EncodeToString(append(make([]byte, before), v...))
	if (before+len(v))%3 != 0 {
		s = s[:len(s)-1]
	}
	return s[min(len(s), []int{0, 2, 3}[before]):]
}

var errTelling = errors.New("the driver has put a credential into what it says of the zone, which would be written down: this is a fault of the driver")

// telling refuses a zone that would carry a credential into plans and journals.
func (a *Account) telling(z Zone) error {
	text, err := json.Marshal(z)
	if err == nil && a.holdsSecret(string(text)) {
		return &Error{Code: Internal, Err: errTelling}
	}
	return err
}

// tellingSnapshot does so for what a driver keeps beside the records. What the
// records themselves say is public.
func (a *Account) tellingSnapshot(s zone.Snapshot) error {
	bad, last := a.holdsSecret(s.Meta) || a.holdsSecret(s.Tag), ""
	for _, r := range s.Records {
		if r.Meta != last { // most are alike
			last = r.Meta
			bad = bad || a.holdsSecret(r.Meta)
		}
	}
	if bad {
		return &Error{Code: Internal, Err: errTelling}
	}
	return nil
}

func (a *Account) holdsSecret(text string) bool {
	return slices.ContainsFunc(a.secrets, func(s string) bool { return len(s) >= longSecret && strings.Contains(text, s) })
}

package providers

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
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

// Redact is text with [redacted] in the place of every secret of c: the values
// of all keys but those of fields that are not Secret. It finds them as they are
// and as trimming, URLs, quoting, JSON, HTML, hex and base64, also that of basic
// authentication, spell them, one within another to a depth of three. Of
// "KEY:SECRET" each half is one too. What has less than four octets is left,
// since it would be found in words.
//
// A driver that shortens a text redacts it first: half a secret is found nowhere.
func (c Credentials) Redact(fields []Field, text string) string {
	return c.Redactor(fields).Redact(text)
}

// A Redactor is the secrets of some credentials with all their spellings worked
// out, for whoever looks through many texts. It does not change, and may be used
// from several goroutines. The zero value knows no secret.
type Redactor struct{ known hidden[needles] }

// Redactor is what Redact looks for.
func (c Credentials) Redactor(fields []Field) Redactor {
	return Redactor{hide(newNeedles(c.secrets(fields)))}
}

// JoinRedactors is a Redactor of the secrets of all of them. It looks through a
// text once, however many they are.
func JoinRedactors(all ...Redactor) Redactor {
	out := needles{}
	for _, r := range all {
		for begin, values := range r.needles() {
			out[begin] = append(out[begin], values...)
		}
	}
	return Redactor{hide(out)}
}

func (r Redactor) needles() needles {
	if r.known == nil {
		return nil
	}
	return r.known()
}

// Redact is text with [redacted] in the place of every secret, as that of
// [Credentials] is.
func (r Redactor) Redact(text string) string { return redact(text, r.needles()) }

// Longest is the octets of the longest spelling that is looked for. A text that
// was cut before it was redacted may end with almost as many of a secret.
func (r Redactor) Longest() (octets int) {
	for _, values := range r.needles() {
		for _, v := range values {
			octets = max(octets, len(v))
		}
	}
	return octets
}

// redact is text without the secrets.
func redact(text string, secrets needles) string {
	found := find(text, secrets)
	if len(found) == 0 {
		return text
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	var out strings.Builder
	end := 0
	for _, f := range found {
		if f.from >= end {
			out.WriteString(text[end:f.from] + redacted)
		}
		end = max(end, f.to)
	}
	return out.String() + text[end:]
}

// hidden is a value that nobody prints by accident: fmt asks no method of an
// unexported field and follows pointers in it, and prints a function as an
// address.
type hidden[T any] func() T

func hide[T any](v T) hidden[T] { return func() T { return v } }

// secrets is what an account must not say.
type secrets struct {
	all  needles // looked for in errors
	long needles // those of at least longSecret octets
}

func newSecrets(c Credentials, fields []Field) hidden[secrets] {
	all := c.secrets(fields)
	long := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return len(s) < longSecret })
	return hide(secrets{all: newNeedles(all), long: newNeedles(long)})
}

// secrets is the values that must not appear in an error, in the spellings that
// cannot be told from the text they stand in. Of "KEY:SECRET" each half is one
// too.
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
	slices.Sort(out)
	return slices.Compact(out)
}

// spellings is the ways in which requests and answers write a value that
// no layer takes back: with a plus for a space as forms do, with the mark that
// encoding/json puts for what is no UTF-8, and in base64.
func spellings(v string) []string {
	inHex := hex.EncodeToString([]byte(v))
	out := []string{inHex, strings.ToUpper(inHex), v, strings.ReplaceAll(v, " ", "+"), string([]rune(v))}
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
	return len(find(text, a.secrets().long)) > 0
}

package providertest

import (
	"fmt"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

var textCases = []Case{
	{"text-255", "A TXT of 255 octets is stored whole.", long(255)},
	{"text-256", "A TXT of 256 octets, in two strings, is stored whole.", long(256)},
	{"text-510", "A TXT of 510 octets is stored whole.", long(510)},
	{"text-2048", "A TXT of 2048 octets, such as a DKIM key, is stored whole.", long(2048)},
	{"text-borders", "The borders between the strings of a TXT record that is not touched stay where they are.", borders},
	{"text-quotes", "Quotes in a TXT are data.", value(`say "hi" to "them"`)},
	{"text-backslash", "Backslashes in a TXT are data.", value(`a\b\\c\032d`)},
	{"text-semicolon", "Semicolons in a TXT are data, not comments.", value("v=DMARC1; p=none;; rua=mailto:a@b.example")},
	{"text-spaces", "Spaces in a TXT, at its ends too, are data.", value("  two  spaces  ")},
	{"text-case", "Upper and lower case in a TXT are data.", value("MiXeD CaSe=AbC")},
	{"text-utf8", "Octets above 127 in a TXT come back as they were.", value("grüße ✓")},
	{"text-binary", "Octets that are no UTF-8, and control characters, come back as they were.", value("\xff\xfe\t\x01")},
	{"text-empty", "An empty TXT is a value.", value("")},
}

// long writes a TXT of n octets beside another.
func long(n int) func(*env) error {
	return value(strings.Repeat("0123456789abcdef", n/16+1)[:n])
}

// value writes a TXT beside another, and takes it away again.
func value(s string) func(*env) error {
	return func(e *env) error {
		caps := e.zone.Caps
		if caps.MaxTXT > 0 && len(s) > caps.MaxTXT || caps.RefusedText != "" && strings.ContainsAny(s, caps.RefusedText) {
			return notHere("the host stores no such text")
		}
		before, err := e.seed(e.txt("text", "beside"))
		if err != nil {
			return err
		}
		c := zone.Change{Owner: e.name("text"), Add: []zone.Record{e.txt("text", s)}}
		if err := e.becomes(before, c); err != nil {
			return err
		}
		if err := e.apply(c.Inverse()); err != nil {
			return fmt.Errorf("taking it away again: %w", err)
		}
		return e.holds(before)
	}
}

func borders(e *env) error {
	before, err := e.seed(
		e.rec("text", "TXT", `"v=DKIM1; " "k=rsa; " "p=abc"`),
		e.rec("text", "TXT", `"one" "" "two"`),
		e.txt("text", "plain"),
	)
	if err != nil {
		return err
	}
	c := zone.Change{Owner: e.name("text"), Add: []zone.Record{e.txt("text", "mine")}}
	if err := e.becomes(before, c); err != nil {
		return err
	}
	return e.becomes(before.With(c), zone.Change{Owner: e.name("text"), Remove: []zone.Record{e.txt("text", "plain")}})
}

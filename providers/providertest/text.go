package providertest

import (
	"fmt"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

var textCases = []Case{
	{"text-255", "A TXT of 255 octets is stored whole.", long(255)},
	{"text-254", "A TXT of 254 octets is stored whole.", long(254)},
	{"text-256", "A TXT of 256 octets, in two strings, is stored whole.", long(256)},
	{"text-509", "A TXT of 509 octets is stored whole.", long(509)},
	{"text-510", "A TXT of 510 octets, two full strings, is stored whole.", long(510)},
	{"text-511", "A TXT of 511 octets is stored whole.", long(511)},
	{"text-764", "A TXT of 764 octets is stored whole.", long(764)},
	{"text-766", "A TXT of 766 octets, in four strings, is stored whole.", long(766)},
	{"text-dkim-4096", "A DKIM key of 4096 bits is stored whole.", value("v=DKIM1; k=rsa; p=" + octets(736))},
	{"text-2048", "A TXT of 2048 octets, such as a DKIM key, is stored whole.", long(2048)},
	{"text-borders", "The borders between the strings of a TXT record that is not touched stay where they are.", borders},
	{"text-quotes", "Quotes in a TXT are data.", value(`say "hi" to "them"`)},
	{"text-quote-first", "A TXT may begin with a quote that nothing closes.", value(`"half quoted`)},
	{"text-quoted-whole", "Quotes around the whole of a TXT are data.", value(`"quoted whole"`)},
	{"text-quote-space", "What looks like the border between two strings is data.", value(`one" "two`)},
	{"text-single-quote", "Single quotes in a TXT are data.", value(`it's 'so'`)},
	{"text-backtick", "Backticks in a TXT are data.", value("a `tick` b")},
	{"text-backslash", "Backslashes in a TXT are data.", value(`a\b\\c\032d`)},
	{"text-backslash-runs", "Runs of one to four backslashes, at the end too, are data.", value(`1\ 2\\ 3\\\ 4\\\\ "\`)},
	{"text-percent", "Percent signs, plus signs and ampersands in a TXT are data.", value("100%20 a+b&c=d %zz")},
	{"text-markup", "Angle brackets and entities in a TXT are data.", value("<b>a</b> &amp; ]]>")},
	{"text-punctuation", "What means something in zone text or a template is data in a TXT.", value("$ORIGIN @ (a) {b} [c] #d !e ^f ~g |h, *i")},
	{"text-semicolon", "Semicolons in a TXT are data, not comments.", value("v=DMARC1; p=none;; rua=mailto:a@b.example")},
	{"text-spaces", "Spaces in a TXT, at its ends too, are data.", value("  two  spaces  ")},
	{"text-space-last", "A space that ends a TXT is data.", value("ends with a space ")},
	{"text-only-spaces", "A TXT of spaces alone is data.", value("   ")},
	{"text-case", "Upper and lower case in a TXT are data.", value("MiXeD CaSe=AbC")},
	{"text-utf8", "Octets above 127 in a TXT come back as they were.", value("grüße ✓")},
	{"text-binary", "Octets that are no UTF-8, and control characters, come back as they were.", value("\xff\xfe\t\x01")},
	{"text-empty", "An empty TXT is a value, or is refused whole.", orRefused("text", "the host refuses an empty text", "")},
	{"text-refused", "A text that the host cannot hold is refused, never changed, and nothing is written.", textRefused},
	{"text-too-long", "A text that is longer than the host holds is refused, never cut, and nothing is written.", textTooLong},
}

// octets is n octets of which no part repeats another at a border of strings.
func octets(n int) string {
	return strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/+=._-", n/67+1)[:n]
}

// long writes a TXT of n octets beside another.
func long(n int) func(*env) error { return value(octets(n)) }

// holdable rules out a text that the host does not store.
func (e *env) holdable(r zone.Record) error {
	if r.Type != "TXT" {
		return nil
	}
	caps := e.zone.Caps
	if caps.MaxTXT > 0 && len(r.Text()) > caps.MaxTXT {
		return notHere(fmt.Sprintf("the host stores texts of at most %d octets", caps.MaxTXT))
	}
	if why := caps.RefusesText(r.Text()); why != "" {
		return notHere("the host " + why)
	}
	return nil
}

// value writes a TXT beside another, and takes it away again.
func value(s string) func(*env) error {
	return func(e *env) error {
		if err := e.holdable(e.txt("text", s)); err != nil {
			return err
		}
		before, err := e.seed(e.txt("text", "beside"))
		if err != nil {
			return err
		}
		return e.undone(before, zone.Change{Owner: e.name("text"), Add: []zone.Record{e.txt("text", s)}})
	}
}

func textRefused(e *env) error {
	chars := e.zone.Caps.RefusedText
	if e.zone.Caps.ASCIIText {
		chars += "\t\x7fü✓"
	}
	if chars == "" {
		return notHere("the host refuses no character")
	}
	if _, err := e.seed(); err != nil {
		return err
	}
	for _, c := range chars {
		if err := e.refused(e.txt("text", "a"+string(c)+"b")); err != nil {
			return fmt.Errorf("with %q: %w", c, err)
		}
	}
	return nil
}

func textTooLong(e *env) error {
	n := e.zone.Caps.MaxTXT
	if n == 0 {
		return notHere("no limit of texts is known")
	}
	if _, err := e.seed(); err != nil {
		return err
	}
	return e.refused(e.txt("text", octets(n+1)))
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

package providers_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

func tokenField() []providers.Field {
	return []providers.Field{{Name: "token", Secret: true}, {Name: "account"}}
}

// TestRedact: nothing of a secret is left, and all else is.
func TestRedact(t *testing.T) {
	for _, tt := range []struct{ name, token, text, want string }{
		{"as it is", "abcd/efgh+==", "bad token abcd/efgh+== of a1b2", "bad token [redacted] of a1b2"},
		{"twice", "abcd/efgh+==", "abcd/efgh+==abcd/efgh+==!", "[redacted][redacted]!"},
		{"JSON of PHP, which escapes slashes", "abcd/efgh+==", `{"error":"bad token abcd\/efgh+=="}`, `{"error":"bad token [redacted]"}`},
		{"JSON of .NET, which escapes plus signs", "abcd/efgh+==", `bad token abcd/efgh\u002B==`, "bad token [redacted]"},
		{"JSON within JSON", "abcd/efgh+==", `"body":"{\"token\":\"abcd\\\/efgh+==\"}"`, `"body":"{\"token\":\"[redacted]\"}"`},
		{"JSON beyond U+FFFF", "pass😀word", `pass\ud83d\ude00word`, "[redacted]"},
		{"a URL in lower case", "abcd/efgh+==", "/v1?token=abcd%2fefgh%2b%3d%3d&page=1", "/v1?token=[redacted]&page=1"},
		{"a URL in both cases", "abcd/efgh+==", "token=abcd%2fefgh%2B==", "token=[redacted]"},
		{"a URL within a URL", "abcd/efgh+==", "next=%3Ftoken%3Dabcd%252Fefgh%252B%253D%253D", "next=%3Ftoken%3D[redacted]"},
		{"a form's spaces", "two words/", "p=two+words%2F", "p=[redacted]"},
		{"HTML by name", `a"b'c&d<e`, "<b>a&quot;b&apos;c&amp;d&lt;e</b>", "<b>[redacted]</b>"},
		{"HTML by number", `a"b'c&d<e`, "<b>a&#34;b&#039;c&#x26;d&#X3C;e</b>", "<b>[redacted]</b>"},
		{"quoted by Go", "tab\tand \"é\"\xff", fmt.Sprintf("%q", "tab\tand \"é\"\xff"), `"[redacted]"`},
		{"an escape that is in it", "ab%2Fcd", "ab%2Fcd and ab%252Fcd", "[redacted] and [redacted]"},
		{"hex", "abcd/efgh+==", "61626364 is not 616263642f656667682b3d3d", "61626364 is not [redacted]"},
		{"hex in upper case", "abcd/efgh+==", "X'616263642F656667682B3D3D'", "X'[redacted]'"},
		{"half of it", "key1234:secret99", "key1234 and secret99 and key1234:secret99", "[redacted] and [redacted] and [redacted]"},
		{"over each other", "abcabc", "abcabcabc", "[redacted]"},
		{"too short to look for", "abc", "abc", "abc"},
		{"escapes of others", "abcd/efgh", `100%, a\b, &amp; \u12 %2 &nosuch; \`, `100%, a\b, &amp; \u12 %2 &nosuch; \`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := providers.Credentials{"token": tt.token, "account": "a1b2"}
			if got := c.Redact(tokenField(), tt.text); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestRedactFirst: what is redacted and then cut has no half of a secret at its
// end, wherever it is cut.
func TestRedactFirst(t *testing.T) {
	c := providers.Credentials{"token": canaryHalf}
	text := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("api:"+canaryHalf))
	clean := c.Redact(tokenField(), text)
	for end := range len(clean) + 1 {
		if sings(clean[:end]) {
			t.Errorf("the canary is in %s", clean[:end])
		}
	}
	if !strings.HasPrefix(clean, "Authorization: Basic ") || clean == text {
		t.Errorf("got %s", clean)
	}
}

// escapes is how one program hands a text on to another.
var escapes = map[string]func(string) string{
	"query":  url.QueryEscape,
	"path":   url.PathEscape,
	"lower":  func(s string) string { return lowerPercent(url.PathEscape(s)) },
	"html":   html.EscapeString,
	"quoted": strconv.Quote,
	"ascii":  strconv.QuoteToASCII,
	"json": func(s string) string {
		text, _ := json.Marshal(s) // a string never fails
		return string(text)
	},
	"slashes": func(s string) string { return strings.ReplaceAll(strconv.Quote(s), "/", `\/`) },
}

// lowerPercent writes the digits of percent escapes in lower case.
func lowerPercent(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], strings.ToLower(s[i+1:i+3]))
		}
	}
	return string(b)
}

// TestRedactRandom: a secret is found under any three escapings, and what stands
// around it stays.
func TestRedactRandom(t *testing.T) {
	seed := drawtest.Checks(t, drawtest.Times(20_000, 2000))
	names := slices.Sorted(maps.Keys(escapes))
	rapid.Check(t, func(rt *rapid.T) {
		// No escape spells a capital Z, so that both ends can be looked for.
		token := "Z" + rapid.StringMatching(`[a-zé/+=%&<>"'\\]{4,20}`).Draw(rt, "token") + "Z"
		text := token
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 3).Draw(rt, "escapes") {
			text = escapes[name](text)
		}
		got := providers.Credentials{"token": token}.Redact(tokenField(), "before "+text+" after")
		if strings.Count(got, "[redacted]") != 1 || strings.Contains(got, "Z") || !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
			rt.Fatalf("%q as %q: got %q", token, text, got)
		}
	})
	t.Logf("seed %d", seed)
}

// TestLongError: an error that holds a whole answer is cut, and a secret that
// stands across the cut is not shown in part.
func TestLongError(t *testing.T) {
	const secret = "secret-of-the-customer"
	for at := 16<<10 - len(secret) - 1; at <= 16<<10+1; at++ {
		host := memory.New(memory.Options{Token: secret})
		d := saying{host.Driver(), strings.Repeat("x", at) + secret + strings.Repeat("y", 1<<20)}
		acct, err := providers.Open(d, providers.Credentials{"token": secret}, providers.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = acct.Find(t.Context(), "customer.example")
		if text := err.Error(); strings.Contains(text, "secret") || len(text) > 17<<10 {
			t.Fatalf("at %d: %d octets, which end in %q", at, len(text), text[max(0, len(text)-40):])
		}
	}
}

// saying is a driver whose every answer to Find is an error of this text.
type saying struct {
	providers.Driver
	text string
}

func (s saying) Open(c providers.Credentials) (providers.Session, error) {
	inner, err := s.Driver.Open(c)
	return sayingSession{inner, s.text}, err
}

type sayingSession struct {
	providers.Session
	text string
}

func (s sayingSession) Find(context.Context, zone.Name) (providers.Zone, error) {
	return providers.Zone{}, &providers.Error{Code: providers.Invalid, Err: errors.New(s.text)}
}

// TestRedactor: what is worked out once finds what Credentials.Redact finds, and
// several together find what each of them does.
func TestRedactor(t *testing.T) {
	one := providers.Credentials{"token": "token-number-1", "account": "a1b2"}.Redactor(tokenField())
	two := providers.Credentials{"token": "token-number-22", "account": "c3d4"}.Redactor(tokenField())
	const text = "token-number-1 of a1b2, token-number-22 of c3d4, token-number-333"
	for _, tt := range []struct {
		name    string
		of      providers.Redactor
		want    string
		longest int
	}{
		{"none", providers.Redactor{}, text, 0},
		{"none together", providers.JoinRedactors(), text, 0},
		{"one", one, "[redacted] of a1b2, token-number-22 of c3d4, token-number-333", 2 * len("token-number-1")}, // in hex
		{"both", providers.JoinRedactors(one, providers.Redactor{}, two), "[redacted] of a1b2, [redacted] of c3d4, token-number-333", 2 * len("token-number-22")},
		{"of both", providers.JoinRedactors(providers.JoinRedactors(one, two), one), "[redacted] of a1b2, [redacted] of c3d4, token-number-333", 2 * len("token-number-22")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.of.Redact(text); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got := tt.of.Longest(); got != tt.longest {
				t.Errorf("the longest spelling has %d octets, want %d", got, tt.longest)
			}
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
				if got := fmt.Sprintf(verb, tt.of) + fmt.Sprintf(verb, &tt.of); strings.Contains(got, "number") {
					t.Errorf("%s prints %s", verb, got)
				}
			}
		})
	}
	if got := one.Redact(text); got != "[redacted] of a1b2, token-number-22 of c3d4, token-number-333" {
		t.Errorf("to be put together has changed one: %s", got)
	}
}

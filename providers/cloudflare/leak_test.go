package cloudflare_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
)

// TestTokenNotShown: no error shows the token or a part of it, wherever in an
// answer the host repeats it, and wherever the text is cut.
func TestTokenNotShown(t *testing.T) {
	token := cloudflaretest.AnyToken
	mine := cloudflaretest.DefaultAccount
	says := func(text string) string {
		return fmt.Sprintf(`{"success":false,"errors":[{"code":6003,"message":%q}],"result":null}`, text)
	}
	named := func(id, name, status string) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"status":%q,"type":"full","account":{"id":%q,"name":%q},"permissions":["#dns_records:read"]}`, id, apex, status, mine, name)
	}
	for _, tc := range []struct {
		name, methods string
		status        int
		body          string
	}{
		{"in a message", "Find Read List Check Write", 400, says("bad token " + token)},
		{"where a message is cut", "Find Read List Check Write", 400, says(strings.Repeat("x", 250) + " " + token)},
		{"where a message is cut, spelled as in a URL", "Find", 400, says(strings.Repeat("x", 250) + " " + strings.Replace(token, "_", "%5F", 1))},
		{"in base64, where a message is cut", "Find", 400, says(strings.Repeat("x", 280) + "Y2Z1dF9GYWtlRmFrZUZha2VGYWtlRmFrZUZha2VGYWtlRmFrZUZha2VGYWtlMGExYjJjM2Q=")},
		{"as its state", "Check", 200, ok(`{"status":"` + token + `"}`)},
		{"as its state, late", "Check", 200, ok(`{"status":"` + strings.Repeat("x", 280) + token + `"}`)},
		{"as the name of an account", "Find", 200, whole(named(idA, token, "active"), named(idB, "other", token))},
		{"late in the name of an account", "Find", 200, whole(named(idA, strings.Repeat("x", 280)+token, "active"), named(idB, "other", "active"))},
		{"as the name of a zone", "Check", 200, whole(strings.Replace(named(idA, "Mine", "active"), string(apex), token+".example", 1))},
		{"as a record's name", "Read", 200, whole(recordJSON(idB, token+".example", address))},
		{"as a number that is none", "Find", 200, `{"success":` + token + `}`},
	} {
		for method := range strings.FieldsSeq(tc.methods) {
			t.Run(tc.name+" "+method, func(t *testing.T) {
				l := lies(t, func(r *http.Request) (int, string) {
					if strings.HasSuffix(r.URL.Path, "/tokens/verify") && strings.Contains(tc.body, `"result":[`) {
						return 200, ""
					}
					return tc.status, tc.body
				})
				err := l.call(t, method)
				if err == nil {
					t.Fatal("no error")
				}
				hidden(t, err)
				if method == "Find" {
					_, err := l.acct.Find(t.Context(), apex)
					hidden(t, err)
				}
			})
		}
	}
}

// TestTokenInEdit: a token that has got into a record is not shown either.
func TestTokenInEdit(t *testing.T) {
	l := lies(t, always(200, whole()))
	err := l.Write(t.Context(), its(), adds(with(rec("b", "A", "192.0.2.1"), "foo="+cloudflaretest.AnyToken)))
	if err == nil {
		t.Fatal("no error")
	}
	hidden(t, err)
}

// hidden wants no eight octets of the token in an error.
func hidden(t *testing.T, err error) {
	t.Helper()
	secret := strings.ToLower(strings.TrimPrefix(cloudflaretest.AnyToken, "cfut_"))
	text := strings.ToLower(fmt.Sprintf("%v %+v %#v", err, err, err))
	for i := range len(secret) - 8 {
		if strings.Contains(text, secret[i:i+8]) {
			t.Fatalf("the error shows the token: %v", err)
		}
	}
	for _, part := range []string{"y2z1df9gywtl", "rmfrzuzha2v"} { // of its base64
		if strings.Contains(text, part) {
			t.Fatalf("the error shows the token in base64: %v", err)
		}
	}
}

// TestErrorLength: an error is of bounded length, however much the host has to say.
func TestErrorLength(t *testing.T) {
	const deep = 4000
	long := strings.Repeat("m", 300)
	wide := strings.TrimSuffix(strings.Repeat(`{"code":1,"message":"`+long+`"},`, deep), ",")
	for _, tc := range []struct {
		name   string
		status int
		body   string
	}{
		{"a chain of 4000", 400, `{"success":false,"errors":[` + strings.Repeat(`{"code":1,"message":"`+long+`","error_chain":[`, deep) + strings.Repeat(`]}`, deep) + `]}`},
		{"4000 errors", 400, `{"success":false,"errors":[` + wide + `]}`},
		{"a long message", 400, `{"success":false,"errors":[{"code":1,"message":"` + strings.Repeat(long, deep) + `"}]}`},
		{"a long number", 400, `{"success":false,"errors":[{"code":1` + strings.Repeat("0", 100_000) + `}]}`},
		{"a long number in an answer of success", 200, `{"success":true,"errors":[{"code":1` + strings.Repeat("0", 100_000) + `}]}`},
		{"a long state", 200, ok(`{"status":"` + strings.Repeat(long, deep) + `"}`)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := lies(t, always(tc.status, tc.body))
			err := l.call(t, "Check")
			if err == nil || len(err.Error()) > 5000 {
				t.Errorf("an error of %d octets: %.100v", len(fmt.Sprint(err)), err)
			}
			if n := strings.Count(fmt.Sprint(err), "(code "); n > 8 {
				t.Errorf("%d errors in one, want 8 at most", n)
			}
			if tc.name == "a long message" && len(err.Error()) > 500 {
				t.Errorf("one message of %d octets", len(err.Error()))
			}
		})
	}
}

// TestOneLine: a text of the host's is on one line, and prints.
func TestOneLine(t *testing.T) {
	l := lies(t, always(400, `{"success":false,"errors":[{"code":1,"message":"a\nb\u001b[31m\u202ec\u0000"}]}`))
	err := l.call(t, "Find")
	if err == nil || !strings.Contains(err.Error(), "a b [31m c  (code 1)") {
		t.Errorf("got %q", err)
	}
}

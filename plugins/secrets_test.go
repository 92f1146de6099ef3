package plugins

import (
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
)

// TestCutLine: a line that is cut in the middle of a secret tells nothing of that
// one, though the redaction of what is before it makes the line short.
func TestCutLine(t *testing.T) {
	const token = "s3cret-of-somebody-with-many-octets"
	for _, tt := range []struct{ name, token, line string }{
		{"again and again", token, "x:" + strings.Repeat(token+"&", maxLine/len(token))},
		{"a secret of more than a line", strings.Repeat(token, maxLine/len(token)+10), "the key " + strings.Repeat(token, maxLine/len(token)+10)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := logged(t, providers.Credentials{"token": tt.token}, tt.line+"\nnext\n")
			if strings.Contains(got, token[:6]) || !strings.Contains(got, "…") || !strings.Contains(got, "text=next") {
				t.Errorf("the log has %d octets: %.200q", len(got), got)
			}
		})
	}
}

// TestSecretsDescribedLater: what is no secret is shown when the plugin has said
// that it is none.
func TestSecretsDescribedLater(t *testing.T) {
	var s secrets
	s.add(account{1}, providers.Credentials{"token": "token-of-somebody", "user": "somebody"})
	const text = "somebody has token-of-somebody"
	for _, tt := range []struct {
		name   string
		fields []providers.Field
		want   string
	}{
		{"nothing is described", nil, "[redacted] has [redacted]"},
		{"described", []providers.Field{{Name: "token", Secret: true}, {Name: "user"}}, "somebody has [redacted]"},
		{"described otherwise", []providers.Field{{Name: "token"}, {Name: "user", Secret: true}}, "[redacted] has token-of-[redacted]"},
	} {
		if got := s.redactor(tt.fields).Redact(text); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

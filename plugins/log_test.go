package plugins

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
)

// logged is what becomes of what a plugin prints.
func logged(t *testing.T, creds providers.Credentials, prints ...string) string {
	t.Helper()
	var out bytes.Buffer
	handler := slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	p := newPrinter(slog.New(handler), func() []providers.Field {
		return []providers.Field{{Name: "token", Secret: true}, {Name: "account"}}
	})
	p.secrets.add(account{1}, creds)
	s := p.stream("stderr", func() string { return "7" })
	for _, text := range prints {
		if n, err := s.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("Write is %d, %v", n, err)
		}
	}
	return out.String()
}

func TestPrinter(t *testing.T) {
	creds := providers.Credentials{"token": "s3cret-of-somebody", "account": "customer", "key": "-----BEGIN-----\nMIIabcdefghijkl\n-----END-----"}
	cases := []struct {
		name   string
		prints []string
		want   string
	}{
		{"plain", []string{"hello\n"}, "level=INFO msg=\"a plugin says\" text=hello stream=stderr pid=7\n"},
		{"in pieces", []string{"he", "llo\nwor", "ld\n"}, "level=INFO msg=\"a plugin says\" text=hello stream=stderr pid=7\nlevel=INFO msg=\"a plugin says\" text=world stream=stderr pid=7\n"},
		{"unfinished", []string{"hello"}, ""},
		{"empty", []string{"\n\r\n"}, ""},
		{"marked", []string{"[WARN] disk is full\n"}, "level=WARN msg=\"a plugin says\" text=\"disk is full\" stream=stderr pid=7\n"},
		{"hclog", []string{`{"@level":"error","@message":"no","@timestamp":"x","b":2,"a":"1"}` + "\n"}, "level=ERROR msg=\"a plugin says\" text=\"no {\\\"a\\\":\\\"1\\\",\\\"b\\\":2}\" stream=stderr pid=7\n"},
		{"other JSON", []string{`{"level":"error"}` + "\n"}, "level=INFO msg=\"a plugin says\" text=\"{\\\"level\\\":\\\"error\\\"}\" stream=stderr pid=7\n"},
		{"panic", []string{"panic: no\n\ngoroutine 1:\n"}, "level=ERROR msg=\"a plugin says\" text=\"panic: no\" stream=stderr pid=7\nlevel=ERROR msg=\"a plugin says\" text=\"goroutine 1:\" stream=stderr pid=7\n"},
		{"secret", []string{"with s3cret-of-", "somebody for customer\n"}, "level=INFO msg=\"a plugin says\" text=\"with [redacted] for customer\" stream=stderr pid=7\n"},
		{"a line of a secret", []string{"line MIIabcdefghijkl\n"}, "level=INFO msg=\"a plugin says\" text=\"line [redacted]\" stream=stderr pid=7\n"},
		{"no text", []string{"a\xff\n"}, "level=INFO msg=\"a plugin says\" text=\"a\ufffd\" stream=stderr pid=7\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := logged(t, creds, c.prints...); got != c.want {
				t.Errorf("the log is %q, want %q", got, c.want)
			}
		})
	}
}

func TestPrinterBounds(t *testing.T) {
	creds := providers.Credentials{"token": "s3cret-of-somebody"}
	long := logged(t, creds, strings.Repeat("x", maxLogged-5)+"s3cret-of-somebody"+strings.Repeat("y", 1<<20)+"\nnext\n")
	if len(long) > 2*maxLogged || strings.Contains(long, "s3cr") || !strings.Contains(long, "next") {
		t.Errorf("a line of a mebioctet makes %d octets of log, or tells half of a secret", len(long))
	}
	if cut := logged(t, creds, strings.Repeat("x", maxLine-5)+"s3cret-of-somebody\n"); strings.Contains(cut, "s3c") {
		t.Error("a line that is cut tells half of a secret")
	}
	var lines []string
	for n := range 10_000 {
		lines = append(lines, fmt.Sprintf("line %d %s\n", n, strings.Repeat("x", 100)))
	}
	if flood := logged(t, creds, lines...); len(flood) > 4*logBurst {
		t.Errorf("10,000 lines make %d octets of log", len(flood))
	}
}

func TestSecretsForgotten(t *testing.T) {
	var s secrets
	for n := range 3 * maxRecent {
		over := s.add(account{byte(n), byte(n >> 8)}, providers.Credentials{"token": fmt.Sprintf("token-number-%d", n)})
		again := s.add(account{0}, providers.Credentials{"token": "token-number-0"})
		over()
		again()
	}
	if len(s.known) > maxRecent || s.idle.Len() > maxRecent {
		t.Errorf("%d credentials are known, want at most %d", len(s.known), maxRecent)
	}
	if got := s.redactor(nil).Redact("token-number-0 token-number-1"); got != "[redacted] token-number-1" {
		t.Errorf("redacted is %q, want the one that is still used, and not the one that is long gone", got)
	}
}

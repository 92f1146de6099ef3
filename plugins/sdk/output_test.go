package sdk

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// paper takes what is handed on.
type paper struct {
	mu   sync.Mutex
	text strings.Builder
	hold chan struct{} // nil: nothing holds it
}

func (p *paper) Write(b []byte) (int, error) {
	if p.hold != nil {
		<-p.hold
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

const pem = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQDTaQ\n-----END KEY-----\n"

func TestOutput(t *testing.T) {
	s := newSessions(fake{}, providers.Info{Fields: []providers.Field{{Name: "user"}, {Name: "token", Secret: true}, {Name: "key", Secret: true}}})
	_, _, err := s.open(t.Context(), providers.Credentials{"token": token, "key": pem, "user": "somebody"})
	if err != nil {
		t.Fatal(err)
	}
	_, done, err := s.open(t.Context(), customer(7))
	if err != nil {
		t.Fatal(err)
	}
	done(nil)
	tests := []struct{ name, print, want string }{
		{"plain", "hello somebody\n", "hello somebody\n"},
		{"a token", "Authorization: Bearer " + token + "\n", "Authorization: Bearer [redacted]\n"},
		{"somebody else's", "token-of-customer-7, " + token + "\n", "[redacted], [redacted]\n"},
		{"a secret of many lines", pem, "[redacted]\n"},
		{"no end of line", "and " + token, "and [redacted]\n"},
		{"empty lines", "\n\n  \nx\n", "x\n"},
		{"a long line", strings.Repeat("x", 3*maxText) + "\nnext\n", strings.Repeat("x", maxLine) + "…\nnext\n"},
		{"a secret again and again", "x:" + strings.Repeat(token+"&", maxText/len(token)) + "\nnext\n", "…\nnext\n"},
		{"a secret where it is cut", strings.Repeat("x", maxText-8) + token + "\n", strings.Repeat("x", maxLine) + "…\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &paper{}
			o := newOutput(p, s.secrets)
			l := o.writer()
			for i := range len(tt.print) { // in the smallest pieces
				_, _ = l.Write([]byte{tt.print[i]})
			}
			l.end()
			o.flush(time.Minute)
			got := p.String()
			for one := "[redacted]\n"; strings.Contains(got, one+one); { // a line at a time, or several at once
				got = strings.ReplaceAll(got, one+one, one)
			}
			if got != tt.want {
				t.Errorf("got %.200q, want %.200q", got, tt.want)
			}
		})
	}
}

// Whoever prints faster than the host reads does not wait, and is told of.
func TestFlood(t *testing.T) {
	p := &paper{hold: make(chan struct{})}
	o := newOutput(p, func() providers.Redactor { return providers.Redactor{} })
	l := o.writer()
	for n := 0; o.left.Load() == 0; n++ {
		if n > 1_000_000 {
			t.Fatal("nothing is left out")
		}
		fmt.Fprintf(l, "line %d\n", n)
	}
	close(p.hold)
	o.flush(time.Minute)
	if got := p.String(); !strings.HasPrefix(got, "line 0\nline 1\n") && !strings.HasPrefix(got, "line 0\n[WARN]") || !strings.Contains(got, "lines are left out") {
		t.Errorf("got %.200q", got)
	}
}

func TestWatchParent(t *testing.T) {
	parents := make(chan int, 4)
	for _, n := range []int{1, 1, 1, 77} { // 1 at first: a host in a container
		parents <- n
	}
	ended := make(chan struct{})
	go watchParent(func() int { return <-parents }, time.Millisecond, func() { close(ended) })
	<-ended
	if len(parents) != 0 {
		t.Errorf("it ended before the parent was another one")
	}
}

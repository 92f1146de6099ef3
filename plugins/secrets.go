package plugins

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/mooring-dns/mooring/providers"
)

const (
	maxRecent   = 64 // accounts whose secrets are still looked for when their calls are over
	shortSecret = 8  // octets of a line of a secret that are looked for by itself
)

// secrets are the credentials that a plugin may know: those of the calls under
// way, and of some that have just ended, since what is printed comes later than
// what is answered.
type secrets struct {
	mu     sync.Mutex
	known  map[account]*secret
	recent []account // whose calls are over, the oldest first
}

type secret struct {
	creds providers.Credentials
	calls int
}

// add makes the credentials of a call known. The function that it returns is
// called when the call is over.
func (s *secrets) add(of account, creds providers.Credentials) (over func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[account]*secret{}
	}
	k := s.known[of]
	if k == nil {
		k = &secret{creds: creds}
		s.known[of] = k
	}
	k.calls++
	return func() { s.over(of) }
}

func (s *secrets) over(of account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.known[of]
	if k.calls--; k.calls > 0 {
		return
	}
	s.recent = append(slices.DeleteFunc(s.recent, func(a account) bool { return a == of }), of)
	if len(s.recent) <= maxRecent {
		return
	}
	oldest := s.recent[0]
	s.recent = slices.Delete(s.recent, 0, 1)
	if k := s.known[oldest]; k != nil && k.calls == 0 { // it may have calls again
		delete(s.known, oldest)
	}
}

func (s *secrets) redact(fields []providers.Field, text string) string {
	s.mu.Lock()
	all := make([]providers.Credentials, 0, len(s.known))
	for _, k := range s.known {
		all = append(all, k.creds)
	}
	s.mu.Unlock()
	for _, c := range all {
		text = byLine(c).Redact(fields, text)
	}
	return text
}

// byLine is credentials with each line of a value of several ones, such as a
// private key, as a secret too, since it is printed in as many.
func byLine(c providers.Credentials) providers.Credentials {
	out, cloned := c, false
	for field, value := range c {
		if !strings.Contains(value, "\n") {
			continue
		}
		if !cloned {
			cloned = true
			out = maps.Clone(c)
		}
		for n, line := range strings.Split(value, "\n") {
			if line = strings.TrimSpace(line); len(line) >= shortSecret {
				out[fmt.Sprintf("%s\x00%d", field, n)] = line
			}
		}
	}
	return out
}

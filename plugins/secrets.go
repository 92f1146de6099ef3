package plugins

import (
	queues "container/list"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/mooring-dns/mooring/providers"
)

const (
	maxRecent   = 1024 // accounts whose secrets are still looked for when their calls are over
	shortSecret = 8    // octets of a line of a secret that are looked for by itself
)

// secrets are the credentials that a plugin may know: those of the calls under
// way, and of some that have just ended, since what is printed comes later than
// what is answered.
type secrets struct {
	mu     sync.Mutex
	known  map[account]*secret
	idle   queues.List // of the accounts in known without a call, the oldest first
	change uint64      // counts what was put into known and taken out
	joined joined
}

type secret struct {
	creds  providers.Credentials
	calls  int
	idle   *queues.Element     // nil: it has calls
	fields []providers.Field   // that hidden was made for
	hidden *providers.Redactor // nil: not asked for yet
}

// joined is the secrets of all that were known in one moment.
type joined struct {
	change uint64
	fields []providers.Field
	all    providers.Redactor
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
		s.change++
	}
	k.calls++
	if k.idle != nil {
		s.idle.Remove(k.idle)
		k.idle = nil
	}
	return func() { s.over(of) }
}

func (s *secrets) over(of account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.known[of]
	if k.calls--; k.calls > 0 {
		return
	}
	k.idle = s.idle.PushBack(of)
	if s.idle.Len() > maxRecent {
		delete(s.known, s.idle.Remove(s.idle.Front()).(account))
		s.change++
	}
}

// redactor is all that is known. Fields are those that the plugin has described
// itself with, which may not have been there the last time.
func (s *secrets) redactor(fields []providers.Field) providers.Redactor {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.joined.change == s.change && slices.Equal(s.joined.fields, fields) {
		return s.joined.all
	}
	each := make([]providers.Redactor, 0, len(s.known))
	for _, k := range s.known {
		if k.hidden == nil || !slices.Equal(k.fields, fields) {
			r := byLine(k.creds).Redactor(fields)
			k.fields, k.hidden = fields, &r
		}
		each = append(each, *k.hidden)
	}
	s.joined = joined{s.change, fields, providers.JoinRedactors(each...)}
	return s.joined.all
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

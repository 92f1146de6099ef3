package verify

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/verify/internal/mux"
)

const (
	// maxPaces bounds the servers whose pace a Verifier keeps.
	maxPaces = 1 << 14
	// slack is what the server asked next is given above the time that the
	// first one usually takes, or above nothing where that is not known. With
	// the timeout of one question it stays within the second that one dead
	// server may cost.
	slack = 100 * time.Millisecond
	// shortest is the least time before a second server is asked: answers on
	// one machine take microseconds, and a busy one is late by more.
	shortest = 25 * time.Millisecond
)

// paces is how fast servers answer.
type paces struct {
	mu   sync.Mutex
	rtt  map[netip.AddrPort]time.Duration // smoothed
	dead map[netip.AddrPort]time.Time     // silent the last time, until then
}

// note learns from one answer, or from one that did not come.
func (p *paces) note(at netip.AddrPort, rtt time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case errors.Is(err, mux.ErrTimeout), errors.Is(err, mux.ErrSilent), errors.Is(err, mux.ErrRefused), errors.Is(err, mux.ErrNoRoute):
		p.dead = room(p.dead, maxPaces)
		p.dead[at] = time.Now().Add(penalty)
	case err == nil:
		delete(p.dead, at)
		p.rtt = room(p.rtt, maxPaces)
		if old, known := p.rtt[at]; known {
			rtt = old + (rtt-old)/8 // RFC 6298 section 2
		}
		p.rtt[at] = rtt
	}
}

// penalty is how long a server that was silent is asked after all others.
const penalty = 30 * time.Second

// hedge is how long to wait for a server before the next one is asked too.
func (p *paces) hedge(at netip.AddrPort) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	rtt, known := p.rtt[at]
	if !known {
		return slack
	}
	return rtt + min(max(rtt, shortest), slack)
}

// order is the servers with the fast ones first, then those not known, in
// their order, and last those that were silent.
func (p *paces) order(servers []netip.AddrPort) []netip.AddrPort {
	if len(servers) < 2 {
		return servers
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	rank := func(at netip.AddrPort) (class int, rtt time.Duration) {
		if until, dead := p.dead[at]; dead && now.Before(until) {
			return 2, 0
		}
		if rtt, known := p.rtt[at]; known {
			return 0, rtt
		}
		return 1, 0
	}
	out := slices.Clone(servers)
	slices.SortStableFunc(out, func(a, b netip.AddrPort) int {
		x, near := rank(a)
		y, far := rank(b)
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(near, far))
	})
	return out
}

// room is the map, made where there is none, with room for one more entry:
// where it is full, some entries go, whichever come first.
func room[K comparable, V any](m map[K]V, most int) map[K]V {
	if m == nil {
		return make(map[K]V)
	}
	if len(m) < most {
		return m // to begin going over a map costs more than to ask how large it is
	}
	for k := range m {
		if len(m) < most {
			break
		}
		delete(m, k)
	}
	return m
}

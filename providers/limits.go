package providers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxClosed bounds how long a host's word keeps a credential from it: a wrong
// Retry-After must not close it for good.
const maxClosed = time.Hour

// Limits keeps what each credential has sent to its host within what the host
// allows, for all accounts that share it. The zero value works; it must not be
// copied after use. It holds no credential that could be read from it, and
// forgets those that have been idle.
type Limits struct {
	mu      sync.Mutex
	key     []byte // of this process: what credentials are told apart by says nothing about them
	buckets map[credential]*bucket
	sweep   int // how many buckets there may be before those that are full are dropped
}

// credential tells one customer's credential at a host from all others.
type credential [sha256.Size]byte

// bucket is what one credential may still send.
type bucket struct {
	limiters map[Rate]*rate.Limiter
	queue    []*waiter // in the order in which they came
	closed   time.Time // by the host, until then
}

// of is a credential's name in these Limits: what of it is secret, or all of it
// where nothing is, without the spaces at its ends that a driver trims. What
// is beside a token, such as the account it is to look into, makes it no other
// token for the host.
func (l *Limits) of(i Info, c Credentials) credential {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.key == nil {
		l.key = make([]byte, sha256.Size)
		_, _ = rand.Read(l.key) // never fails (crypto/rand)
	}
	h := hmac.New(sha256.New, l.key)
	add := func(s string) { // with its length, lest two lists run together into one
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	add(i.ID)
	given := func(field string) bool { return strings.TrimSpace(c[field]) != "" }
	var names []string
	for _, f := range i.Fields {
		if f.Secret && given(f.Name) {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		names = slices.DeleteFunc(slices.Collect(maps.Keys(c)), func(field string) bool { return !given(field) })
	}
	slices.Sort(names)
	for _, field := range slices.Compact(names) {
		add(field)
		add(strings.TrimSpace(c[field]))
	}
	return credential(h.Sum(nil))
}

// close keeps everybody from sending with a credential for a while.
func (l *Limits) close(of credential, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	b := l.bucket(of, now)
	if until := now.Add(min(d, maxClosed)); until.After(b.closed) {
		b.closed = until
	}
}

// bucket is the one of a credential, made where there is none. The caller holds
// the lock.
func (l *Limits) bucket(of credential, now time.Time) *bucket {
	if b := l.buckets[of]; b != nil {
		return b
	}
	if l.buckets == nil {
		l.buckets = map[credential]*bucket{}
	}
	if len(l.buckets) >= l.sweep {
		maps.DeleteFunc(l.buckets, func(_ credential, b *bucket) bool { return b.full(now) })
		l.sweep = 2*len(l.buckets) + 64 // so that a sweep costs each new bucket little
	}
	b := &bucket{limiters: map[Rate]*rate.Limiter{}}
	l.buckets[of] = b
	return b
}

// full reports whether a bucket says no more than a new one would.
func (b *bucket) full(now time.Time) bool {
	for _, lim := range b.limiters {
		if lim.TokensAt(now) < float64(lim.Burst()) {
			return false
		}
	}
	return len(b.queue) == 0 && !b.closed.After(now)
}

// of is the limiters of rates, each once; a rate that bounds nothing has none.
func (b *bucket) of(rates []Rate) (limiters []*rate.Limiter) {
	for _, r := range rates {
		if r.Requests < 1 || r.Per <= 0 {
			continue
		}
		if b.limiters[r] == nil {
			b.limiters[r] = limiter(r)
		}
		if lim := b.limiters[r]; !slices.Contains(limiters, lim) {
			limiters = append(limiters, lim)
		}
	}
	return limiters
}

// limiter lets no more than r.Requests through in any stretch of r.Per. One that
// held as many, and filled as fast, would let twice as many through in the
// first stretch: so half of them may come at once, and the others refill it.
func limiter(r Rate) *rate.Limiter {
	atOnce := (r.Requests + 1) / 2
	// It reckons in float64: its rounding must not let one through early.
	every := r.Per/time.Duration(r.Requests-atOnce+1) + time.Microsecond
	return rate.NewLimiter(rate.Every(every), atOnce)
}

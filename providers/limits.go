package providers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
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
	closed   time.Time // by the host, until then
}

// of is a credential's name in these Limits.
func (l *Limits) of(driver string, c Credentials) credential {
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
	add(driver)
	for _, field := range slices.Sorted(maps.Keys(c)) {
		add(field)
		add(c[field])
	}
	return credential(h.Sum(nil))
}

// take draws one request from each rate of a credential, and is how long to
// wait before it is sent. cancel gives it back.
func (l *Limits) take(of credential, rates []Rate) (pause time.Duration, cancel func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	b := l.bucket(of, now)
	from := now
	if b.closed.After(now) { // the turns after it are given out from its end on
		from = b.closed
	}
	pause = from.Sub(now)
	var drawn []*rate.Reservation
	for _, r := range rates {
		if lim := b.limiter(r, now); lim != nil {
			res := lim.ReserveN(from, 1)
			drawn = append(drawn, res)
			pause = max(pause, res.DelayFrom(now))
		}
	}
	return pause, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, res := range drawn {
			res.CancelAt(time.Now())
		}
	}
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

// open reports whether the host has not closed a credential.
func (l *Limits) open(of credential) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[of]
	return b == nil || !b.closed.After(time.Now())
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
	return !b.closed.After(now)
}

// limiter is the one of a rate; nil for a rate that bounds nothing. A bucket
// that holds as many requests as the host allows, and fills as fast, would let
// twice as many through in the first stretch. So half of them may come at once,
// and the others refill it: no stretch of r.Per sees more than r.Requests.
func (b *bucket) limiter(r Rate, now time.Time) *rate.Limiter {
	if r.Requests < 1 || r.Per <= 0 {
		return nil
	}
	lim := b.limiters[r]
	if lim == nil {
		atOnce := (r.Requests + 1) / 2
		every := r.Per / time.Duration(r.Requests-atOnce+1)
		lim = rate.NewLimiter(rate.Every(every), atOnce)
		lim.SetLimitAt(now, lim.Limit())
		b.limiters[r] = lim
	}
	return lim
}

package verify

import (
	"context"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	// A Verifier keeps what it has learned for as long as the TTL says, within
	// these bounds: records of a TTL of 0 would be asked for with every look,
	// and a delegation that was moved must be noticed the same day.
	shortestStay = 10 * time.Second
	longestStay  = time.Hour
	// failedStay is for servers that could not be found (RFC 9520 section 3.2).
	failedStay = 5 * time.Second

	maxLevels = 1 << 12 // zones kept
	maxHosts  = 1 << 14 // names of name servers kept
)

// cache is what all calls of a Verifier share: the zones on the way down, and
// the addresses of name servers. Its lock is held for map access only. The
// zero value is empty.
type cache struct {
	mu      sync.Mutex
	levels  map[zone.Name]kept[level]
	hosts   map[zone.Name]kept[hostAddrs]
	flights map[string]chan struct{}
}

type kept[T any] struct {
	value T
	until time.Time
}

// stay is how long something of that TTL is kept.
func stay(ttl uint32) time.Duration {
	return min(max(time.Duration(ttl)*time.Second, shortestStay), longestStay)
}

func (c *cache) level(apex zone.Name) (level, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.levels[apex]
	if !ok || !time.Now().Before(k.until) {
		delete(c.levels, apex)
		return level{}, false
	}
	return k.value, true
}

func (c *cache) putLevel(l level, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.levels = room(c.levels, maxLevels)
	c.levels[l.apex] = kept[level]{l, time.Now().Add(d)}
}

// finish notes that a walk has ended at a level.
func (c *cache) finish(apex zone.Name) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, ok := c.levels[apex]; ok && !k.value.final {
		k.value.final = true
		c.levels[apex] = k
	}
}

func (c *cache) drop(apex zone.Name) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.levels, apex)
}

func (c *cache) host(name zone.Name) (hostAddrs, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.hosts[name]
	if !ok || !time.Now().Before(k.until) {
		delete(c.hosts, name)
		return hostAddrs{}, false
	}
	return k.value, true
}

func (c *cache) putHost(name zone.Name, h hostAddrs, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hosts = room(c.hosts, maxHosts)
	c.hosts[name] = kept[hostAddrs]{h, time.Now().Add(d)}
}

// join makes one of all callers of the same key the first: it gets a function
// to call when it is done. The others wait for that, or for ctx, and get nil;
// what the first learned is then in the cache, if it learned anything.
func (c *cache) join(ctx context.Context, key string) (done func()) {
	c.mu.Lock()
	busy, ok := c.flights[key]
	if !ok {
		if c.flights == nil {
			c.flights = make(map[string]chan struct{})
		}
		mine := make(chan struct{})
		c.flights[key] = mine
		c.mu.Unlock()
		return sync.OnceFunc(func() {
			c.mu.Lock()
			delete(c.flights, key)
			c.mu.Unlock()
			close(mine)
		})
	}
	c.mu.Unlock()
	select {
	case <-busy:
	case <-ctx.Done():
	}
	return nil
}

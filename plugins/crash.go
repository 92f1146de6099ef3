package plugins

import (
	"math/rand/v2"
	"slices"
	"time"
)

// crash takes note of a crash, or of a start that has failed, and says when the
// next start may be: at once after the first one, then twice as late each time.
// The caller holds the lock.
func (p *plugin) crash(fault error, up time.Duration) {
	now := time.Now()
	p.crashes++
	p.err, p.since = fault, now
	p.recent = append(slices.DeleteFunc(p.recent, func(t time.Time) bool { return now.Sub(t) > crashWindow }), now)
	if up >= healthy {
		p.failures = 0
	}
	p.failures++
	p.quarantined = p.quarantined && up < crashWindow || len(p.recent) >= p.options.crashes()
	p.next = now.Add(pause(p.failures, p.quarantined))
}

// pause is how long a plugin is left alone after so many failures in a row.
func pause(failures int, quarantined bool) time.Duration {
	d := longestPause
	switch {
	case quarantined:
	case failures < 2:
		return 0
	case failures < 12: // 100 ms, 200 ms, … to a minute
		d = min(firstPause<<(failures-2), longestPause)
	}
	return d/2 + rand.N(d/2) //nolint:gosec // it spreads starts and hides nothing
}

func (p *plugin) nextStart() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next
}

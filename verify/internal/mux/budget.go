package mux

import "time"

const (
	leastRate   = 1                    // question per second, however badly a server bears them
	cutPause    = int64(time.Second)   // between two cuts: what was under way at the first says nothing new
	window      = 256                  // questions over which timeouts are counted
	windowLeast = 32                   // before which they say nothing
	lossPercent = 3                    // of timeouts that a server may have
	refusals    = 16                   // in a row, which no list of zones explains
	second      = float64(time.Second) // in nanoseconds
)

// bucket lets questions through at a rate: next is when the next one would be
// due if they came evenly (the leaky bucket as a meter that ATM calls the
// generic cell rate algorithm, ITU-T I.371).
type bucket struct{ next int64 }

// wait is how long until one more may pass where burst may come at once.
func (b *bucket) wait(now int64, rate, burst float64) int64 {
	return max(0, b.next-now-int64((burst-1)/rate*second))
}

func (b *bucket) take(now int64, rate, burst float64) {
	// What is sent again does not wait for its turn, and those who do wait
	// for one interval at most because of it.
	b.next = min(max(b.next, now), now+int64((burst-1)/rate*second)) + int64(second/rate)
}

// pace is how fast one server is asked: additive increase, multiplicative
// decrease.
type pace struct {
	bucket   bucket
	rate     float64 // questions per second; less than 0: no bound
	cutAfter int64   // no cut before
	count    uint16  // questions that came to an end, in this window
	lost     uint16  // of those, without an answer
	refused  uint16  // in a row
}

// burst shrinks with the rate: who was told to slow down does not begin with
// a burst.
func (p *pace) burst(b Budget) float64 {
	return max(1, float64(b.Burst)*min(1, p.rate/b.Start))
}

// delay is how long a question to the server has to wait.
func (m *Mux) delay(sv *server, now int64) int64 {
	p := &sv.budget
	var wait int64
	if p.rate > 0 {
		wait = p.bucket.wait(now, p.rate, p.burst(m.budget))
	}
	if sv.group != nil {
		wait = max(wait, sv.group.bucket.wait(now, m.budget.Provider, float64(m.budget.Burst)))
	}
	return wait
}

// spend counts one packet to the server.
func (m *Mux) spend(sv *server, now int64) {
	if sv.budget.rate > 0 {
		sv.budget.bucket.take(now, sv.budget.rate, sv.budget.burst(m.budget))
	}
	if sv.group != nil {
		sv.group.bucket.take(now, m.budget.Provider, float64(m.budget.Burst))
	}
}

// bore notes an answer: the rate grows by half of Start in each second in
// which all of it is used.
func (sv *server) bore(now int64, b Budget, refused bool) {
	p := &sv.budget
	if p.rate <= 0 {
		return
	}
	p.note(false, now)
	p.rate = min(b.Most, p.rate+b.Start/2/p.rate)
	if !refused {
		p.refused = 0
		return
	}
	if p.refused++; p.refused >= refusals {
		p.refused = 0
		p.cut(now)
	}
}

// missed notes a question that had no answer.
func (sv *server) missed(now int64) {
	if sv.budget.rate > 0 {
		sv.budget.note(true, now)
	}
}

// note counts, and cuts where too many are lost.
func (p *pace) note(lost bool, now int64) {
	p.count++
	if lost {
		p.lost++
	}
	if p.count >= windowLeast && int(p.lost)*100 > int(p.count)*lossPercent {
		p.cut(now)
		p.count, p.lost = 0, 0
	}
	if p.count >= window {
		p.count, p.lost = p.count/2, p.lost/2
	}
}

// cut halves the rate.
func (p *pace) cut(now int64) {
	if p.rate <= 0 || now < p.cutAfter {
		return
	}
	p.rate = max(min(leastRate, p.rate), p.rate/2)
	p.cutAfter = now + cutPause
}

package mux

import "time"

const (
	tickLength = 1 << 23 // nanoseconds: about 8 ms, what a retry may be late
	wheelSlots = 256     // ticks in one turn, about 2 s; what is due later goes round again
)

// tickOf is the first tick at or after a time of the Mux's clock.
func tickOf(at int64) uint32 { return uint32((at + tickLength - 1) / tickLength) }

// wheel is what is to be done when: questions to look at again, and servers
// whose queue has its turn.
type wheel struct {
	questions [wheelSlots]list
	servers   [wheelSlots][]*server
	n         int    // of both
	now       uint32 // the last tick that is done
}

func (w *wheel) add(q *Question, at int64) {
	q.due = w.now + uint32(max(1, w.until(tickOf(at))))
	w.questions[q.due%wheelSlots].push(q)
	w.n++
}

// until is the ticks from now to another one, less than 0 where that is over.
// Ticks begin again after 417 days.
func (w *wheel) until(tick uint32) int32 { return int32(tick - w.now) }

func (w *wheel) remove(q *Question) {
	w.questions[q.due%wheelSlots].remove(q)
	w.n--
}

// wakeServer puts a server in, once; one that is due after this turn is woken
// at its end, and finds then that it has to wait on.
func (w *wheel) wakeServer(sv *server, at int64) {
	if sv.waking {
		return
	}
	sv.waking = true
	due := w.now + uint32(min(max(w.until(tickOf(at)), 1), wheelSlots-1))
	slot := &w.servers[due%wheelSlots]
	*slot = append(*slot, sv)
	w.n++
}

// turn moves what is due up to the tick to questions and servers, which it
// appends to.
func (w *wheel) turn(to uint32, questions *list, servers []*server) []*server {
	if w.n == 0 && w.until(to) > 0 {
		w.now = to
	}
	for ; w.until(to) > 0; w.now++ {
		slot := (w.now + 1) % wheelSlots
		due := &w.questions[slot]
		for range due.n {
			q := due.pop()
			if int32(q.due-to) > 0 { // in a later turn
				due.push(q)
				continue
			}
			w.n--
			q.state = lapsed
			questions.push(q)
		}
		w.n -= len(w.servers[slot])
		for _, sv := range w.servers[slot] {
			sv.waking = false
		}
		servers = append(servers, w.servers[slot]...)
		clear(w.servers[slot])
		w.servers[slot] = w.servers[slot][:0]
	}
	return servers
}

// clock is the one goroutine that waits for time to pass: it turns the wheel,
// fails what could not be sent, and closes sockets that have served their time.
// It sleeps while nothing is under way.
func (m *Mux) clock() {
	timer := time.NewTimer(tickLength)
	defer timer.Stop()
	quiet := 0
	for {
		select {
		case <-m.wake:
		case <-timer.C:
		case <-m.done:
			return
		}
		m.turn()
		m.mu.Lock()
		if quiet++; m.wheel.n > 0 {
			quiet = 0
		}
		// Not at once: a caller that asks one question after the other
		// would wake it for each.
		m.asleep = quiet > wheelSlots/2
		asleep := m.asleep
		m.mu.Unlock()
		if !asleep {
			timer.Reset(tickLength)
		}
	}
}

// rouse wakes the clock. Call it with the lock held.
func (m *Mux) rouse() {
	m.asleep = false
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// giveUp ends what waits in the queue of a server since before it was asked in
// vain, if it has answered nobody since: it was as silent to them.
func (m *Mux) giveUp(sv *server, asked int64) {
	for {
		m.mu.Lock()
		q := sv.queue.waitedSince(asked, sv.heard)
		if q == nil {
			m.mu.Unlock()
			return
		}
		m.end(q, Answer{Err: ErrSilent})
	}
}

// turn does all that is due.
func (m *Mux) turn() {
	m.mu.Lock()
	m.ready = m.wheel.turn(uint32(m.now()/tickLength), &m.lapsed, m.ready[:0])
	ready, closing := m.ready, m.drained
	m.drained = nil
	m.mu.Unlock()
	for _, s := range closing {
		_ = s.conn.Close()
	}
	m.failAll()
	for {
		m.mu.Lock()
		q := m.lapsed.head
		if q == nil {
			m.mu.Unlock()
			break
		}
		if now := m.now(); now >= q.first+int64(m.timeout) {
			sv, asked := q.server, q.first
			sv.missed(now)
			m.end(q, Answer{Err: ErrTimeout})
			m.giveUp(sv, asked)
		} else {
			m.post(q, now)
		}
	}
	for _, sv := range ready {
		m.serve(sv)
	}
	clear(ready)
}

package mux

import (
	"net/netip"
	"sync"
	"time"
)

// Mux asks. It is safe for concurrent use.
type Mux struct {
	sockets int // for each family
	timeout time.Duration
	floor   time.Duration // before which no packet is sent again
	budget  Budget
	batch   bool
	began   time.Time // where its clock starts

	wake chan struct{} // to the clock
	done chan struct{} // closed by Close
	wg   sync.WaitGroup

	mu       sync.Mutex // guards all below, and is never held across I/O or Answer
	closed   bool
	asleep   bool // the clock waits for wake alone
	wheel    wheel
	lapsed   list
	ready    []*server // whose turn it is; the clock's
	failures map[*Question]error
	servers  map[netip.AddrPort]*server
	groups   map[string]*group
	crowd    int // servers at which forget looks again
	pools    [families]pool
	drained  []*socket // to be closed by the clock
	tcp      tcp
	push     chan struct{} // to the sender: there is something to send
	batching int           // goroutines that will soon send what sockets hold
	holding  []*socket     // those that hold something
}

// New makes a Mux. It opens no socket before it is asked.
func New(o Options) *Mux {
	m := &Mux{
		sockets:  o.sockets(),
		timeout:  o.timeout(),
		floor:    retryFloor,
		budget:   o.Budget.filled(),
		batch:    o.Batch,
		began:    time.Now(),
		wake:     make(chan struct{}, 1),
		push:     make(chan struct{}, 1),
		done:     make(chan struct{}),
		failures: map[*Question]error{},
		servers:  map[netip.AddrPort]*server{},
		groups:   map[string]*group{},
		crowd:    fewServers,
		tcp:      tcp{jobs: map[*Question]*job{}},
	}
	m.wg.Go(m.clock)
	if m.batch {
		m.wg.Go(m.sender)
	}
	return m
}

// now is the time since New, in nanoseconds.
func (m *Mux) now() int64 { return int64(time.Since(m.began)) }

// Ask sends q, or puts it into the queue of its server where that is over its
// budget; its timeout begins when it is sent. It does not wait.
func (m *Mux) Ask(q *Question) {
	f := familyOf(q)
	m.mu.Lock()
	err := m.open(f)
	if m.closed {
		m.mu.Unlock()
		q.Answer(q, Answer{Err: ErrClosed})
		return
	}
	now := m.now()
	if m.wheel.n == 0 { // it may have stood still for long
		m.wheel.now = uint32(now / tickLength)
	}
	sv := m.serverOf(q, now)
	q.server, q.socket, q.sent, q.how, q.plain = sv, nil, 0, 0, false
	q.spoofed, q.garbage = sv.spoofed, sv.garbage
	sv.refs++
	switch {
	case err != nil:
		m.fail(q, err)
	case !sound(q.Name):
		m.fail(q, ErrName)
	case sv.queue.n > 0 || m.delay(sv, now) > 0 || m.pools[f].full():
		q.state, q.first = waiting, now
		sv.queue.push(q)
		m.wheel.wakeServer(sv, now+m.delay(sv, now))
		if p := &m.pools[f]; len(p.open) == 0 {
			p.stalled = append(p.stalled, sv)
		}
		if m.asleep {
			m.rouse()
		}
	default:
		m.post(q, now)
		return
	}
	m.mu.Unlock()
}

// Cancel ends q: its Answer is called with ErrCanceled before Cancel returns,
// unless it was called before, or is being called. A question that was not
// asked, or has its answer, is left alone.
func (m *Mux) Cancel(q *Question) {
	m.mu.Lock()
	if q.state == idle {
		m.mu.Unlock()
		return
	}
	m.end(q, Answer{Err: ErrCanceled})
}

// Close answers all that is under way with ErrClosed and waits until no socket
// and no goroutine remains. It must not be called from within Answer.
func (m *Mux) Close() {
	m.mu.Lock()
	if !m.closed {
		m.closed = true
		close(m.done)
	}
	var closing []*socket
	for f := range m.pools {
		closing = append(closing, m.pools[f].open...)
		closing = append(closing, m.pools[f].leaving...)
	}
	for m.drain() {
	}
	m.mu.Unlock()
	for _, s := range closing {
		_ = s.conn.Close()
	}
	m.wg.Wait()
}

// drain answers with ErrClosed and reports whether there was anything to
// answer. It holds the lock but while it answers, when questions may move from
// one list to another, so it is to be called until nothing is left.
func (m *Mux) drain() (found bool) {
	closed := func(q *Question) {
		found = true
		m.end(q, Answer{Err: ErrClosed})
		m.mu.Lock()
	}
	all := func(l *list) {
		for l.head != nil {
			closed(l.head)
		}
	}
	all(&m.lapsed)
	for i := range m.wheel.questions {
		all(&m.wheel.questions[i])
	}
	for _, sv := range m.servers {
		all(&sv.queue)
		all(&sv.lined)
	}
	for q := range m.failures {
		closed(q)
	}
	for q := range m.tcp.jobs {
		closed(q)
	}
	return found
}

// end takes q out of wherever it is, lets go of the lock, which must be held,
// and answers.
func (m *Mux) end(q *Question, a Answer) {
	sv := q.server
	m.unlink(q)
	m.release(q)
	a.How |= q.how &^ truncated
	if a.Err == nil {
		a.How |= sv.how()
	}
	a.Sent += int(q.sent)
	a.Spoofed, a.Garbage = sv.spoofed-q.spoofed, sv.garbage-q.garbage
	sv.refs--
	q.server, q.state = nil, idle
	m.mu.Unlock()
	q.Answer(q, a)
}

// unlink takes q out of the list that it is in.
func (m *Mux) unlink(q *Question) {
	switch q.state {
	case waiting:
		q.server.queue.remove(q)
	case asked:
		m.wheel.remove(q)
	case failed:
		delete(m.failures, q)
	case lined:
		q.server.lined.remove(q)
	case connected:
		m.tcp.jobs[q].cancel()
		delete(m.tcp.jobs, q)
	case lapsed:
		m.lapsed.remove(q)
	case idle:
	}
}

// sound reports whether name is a name in wire form.
func sound(name []byte) bool {
	if len(name) > maxName {
		return false
	}
	for i := 0; i < len(name); i += 1 + int(name[i]) {
		if name[i] == 0 {
			return i == len(name)-1
		}
		if name[i] > 63 {
			return false
		}
	}
	return false
}

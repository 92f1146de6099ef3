package mux

import "runtime"

// train moves many datagrams of one socket with one system call.
type train interface {
	// receive waits for datagrams, has s accept each, and sends what the
	// sockets of its Mux hold by then.
	receive(s *socket) error
	// hold keeps a question's packet for the next send, while there is room,
	// and says whether it is the first that is kept. The lock is held.
	hold(q *Question) (ok, first bool)
	// send writes what is held. The lock is not held.
	send(s *socket)
}

// hurried is the questions under way over a family up to which each packet
// leaves at once: it would wait for others longer than they save.
const hurried = 32

// hold keeps a question's packet until the goroutine that is giving out answers
// has given out all it has: who gets an answer often has the next question.
// Where none is, and there is much to do, the sender soon takes it. The lock is
// held.
func (s *socket) hold(q *Question) bool {
	m := s.mux
	if s.train == nil || m.batching == 0 && m.pools[s.family].load <= hurried {
		return false
	}
	ok, first := s.train.hold(q)
	if first {
		m.holding = append(m.holding, s)
	}
	if ok && m.batching == 0 {
		m.batching++
		m.push <- struct{}{} // there is room: it is empty while nobody is to flush
	}
	return ok
}

// sender sends what is held while no answers are given out. Before, it lets
// every goroutine run that can: many who ask at the same time are the rule, and
// their packets then leave together.
func (m *Mux) sender() {
	for {
		select {
		case <-m.push:
		case <-m.done:
			return
		}
		runtime.Gosched()
		m.flush()
	}
}

// beginBatch has packets held until flush.
func (m *Mux) beginBatch() {
	m.mu.Lock()
	m.batching++
	m.mu.Unlock()
}

// flush sends what is held. Whoever is the last to flush leaves nothing.
func (m *Mux) flush() {
	for {
		m.mu.Lock()
		n := len(m.holding)
		if n == 0 {
			m.batching--
			m.mu.Unlock()
			return
		}
		s := m.holding[n-1]
		m.holding = m.holding[:n-1]
		m.mu.Unlock()
		s.train.send(s)
	}
}

package mux

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// TestHeld has many ask at the same time, and again from within their answers:
// what is held leaves once.
func TestHeld(t *testing.T) {
	const askers, each, rounds = 8, 24, 20 // no more at once than fit into the buffer of the server's socket
	f := newFake(t, right, nil)
	m := newMux(t, Options{Timeout: patience, Batch: true, Budget: Budget{Start: -1}})
	m.setFloor(patience)
	var wg sync.WaitGroup
	var answers atomic.Int64
	for g := range askers {
		wg.Add(each)
		go func() {
			for i := range each {
				left := rounds
				m.Ask(&Question{Server: f.at, Name: nameOf(g*each + i), Type: 16, Answer: func(q *Question, a Answer) {
					answers.Add(1)
					if a.Err != nil || a.Sent != 1 {
						t.Errorf("%+v, want an answer to one packet", a)
					}
					if left--; left == 0 {
						wg.Done()
						return
					}
					m.Ask(q)
				}})
			}
		}()
	}
	wg.Wait()
	const want = askers * each * rounds
	if asked := f.asked.Load(); asked != want || answers.Load() != want {
		t.Errorf("%d packets and %d answers, want %d", asked, answers.Load(), want)
	}
}

// TestHeldEnds cancels questions whose packets are held, and closes the Mux
// before or after the packets of all have left.
func TestHeldEnds(t *testing.T) {
	const n = 40 // fewer than are held at once
	for name, leave := range map[string]bool{"held": false, "left": true} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, right, nil)
			m := newMux(t, Options{Timeout: patience, Batch: true})
			m.setFloor(patience)
			m.beginBatch()
			var questions []*Question
			var all []chan Answer
			for range n {
				q, got := newQuestion(f.at)
				m.Ask(q)
				questions, all = append(questions, q), append(all, got)
			}
			if asked := f.asked.Load(); asked != 0 {
				t.Errorf("%d packets left, want all held", asked)
			}
			for _, q := range questions[:n/2] {
				m.Cancel(q)
			}
			if leave {
				m.flush()
			} else {
				m.Close()
			}
			for i, got := range all {
				want := ErrClosed
				if leave {
					want = nil
				}
				if i < n/2 {
					want = ErrCanceled
				}
				if a := <-got; !errors.Is(a.Err, want) || a.Spoofed != 0 {
					t.Errorf("question %d: %+v, want %v", i, a, want)
				}
			}
			m.Close()
			for i, got := range all {
				if len(got) > 0 {
					t.Errorf("question %d has a second answer", i)
				}
			}
		})
	}
}

package mux

import (
	"errors"
	"testing"
	"time"
)

// TestSilent ends, with one question that was asked in vain, those that waited
// for the same server meanwhile, if it answered nobody.
func TestSilent(t *testing.T) {
	for _, tc := range []struct {
		why                string
		asked, heard, want int64 // of the questions that came at 1, 2 and 3, those up to want end
	}{
		{"asked before they came", 0, 0, 0},
		{"asked after two of them came", 2, 0, 2},
		{"asked after all came", 5, 0, 3},
		{"heard after they came", 5, 4, 0},
		{"heard when the first came", 5, 1, 0},
	} {
		for _, transport := range []string{"UDP", "TCP"} {
			m := New(Options{})
			var ended, closed int
			m.mu.Lock()
			sv := m.serverOf(&Question{}, 0)
			sv.heard, sv.heardTCP = tc.heard, tc.heard
			for first := range int64(3) {
				q := &Question{server: sv, first: first + 1, Answer: func(q *Question, a Answer) {
					switch {
					case errors.Is(a.Err, ErrClosed):
						closed++
					case !errors.Is(a.Err, ErrSilent) || a.Sent != 0 || (a.How == NoTCP) != (transport == "TCP") || q.first > tc.want:
						t.Errorf("%s over %s: question %d: %+v", tc.why, transport, q.first, a)
					case transport == "UDP" && a.Err != ErrSilent: //nolint:errorlint // what wraps it came over TCP
						t.Errorf("%s: %v", tc.why, a.Err)
					case transport == "TCP" && a.Err == ErrSilent: //nolint:errorlint // as above
						t.Errorf("%s: %v, as if the server had not answered over UDP", tc.why, a.Err)
					default:
						ended++
					}
				}}
				sv.refs++
				if q.state = waiting; transport == "UDP" {
					sv.queue.push(q)
					continue
				}
				q.state, q.how = lined, truncated
				sv.lined.push(q)
			}
			m.mu.Unlock()
			if transport == "UDP" {
				m.giveUp(sv, tc.asked)
			} else {
				m.hangUp(sv, tc.asked)
			}
			m.Close()
			if ended != int(tc.want) || closed != 3-int(tc.want) || sv.refs != 0 {
				t.Errorf("%s over %s: %d ended, %d were left to Close, %d references; want %d and %d", tc.why, transport, ended, closed, sv.refs, tc.want, 3-tc.want)
			}
		}
	}
}

// TestDeadQueue asks a dead server more than its budget allows in a second:
// who waits does not wait for each before.
func TestDeadQueue(t *testing.T) {
	f := newFake(t, silent, nil)
	m := newMux(t, Options{Timeout: 50 * time.Millisecond, Budget: Budget{Start: 20, Burst: 1}})
	var all []chan Answer
	for range 100 {
		q, got := newQuestion(f.at)
		m.Ask(q)
		all = append(all, got)
	}
	asked, unasked := 0, 0
	for i, got := range all {
		switch a := <-got; {
		case errors.Is(a.Err, ErrTimeout) && a.Sent > 0:
			asked++
		case errors.Is(a.Err, ErrSilent) && a.Sent == 0:
			unasked++
		default:
			t.Errorf("question %d: %+v, want %v, or %v and nothing sent", i, a, ErrTimeout, ErrSilent)
		}
	}
	if asked == 0 || unasked == 0 {
		t.Errorf("%d were asked and %d were not, want some of both", asked, unasked)
	}
}

// TestTurns asks over TCP a server that stalls there, and then one that does
// not: it has its turn.
func TestTurns(t *testing.T) {
	truncating := func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{small(q)} }
	over := make(chan struct{})
	stalled := newFake(t, truncating, func(*fake, int, []byte) [][]byte {
		<-over
		return nil
	})
	defer close(over)
	live := newFake(t, truncating, right)
	m := newMux(t, Options{Timeout: patience, Budget: Budget{Start: -1}})
	var all []*Question
	for range 2 * connections {
		q, _ := newQuestion(stalled.at)
		m.Ask(q)
		all = append(all, q)
	}
	at := func() (asking, waiting int) {
		m.mu.Lock()
		defer m.mu.Unlock()
		sv := m.servers[stalled.at]
		return sv.connected, sv.lined.n
	}
	for asking, waiting := at(); asking+waiting < len(all); asking, waiting = at() {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	if a := ask(t, m, live.at); a.Err != nil || time.Since(began) > patience/2 {
		t.Errorf("%+v after %v", a, time.Since(began))
	}
	if asking, waiting := at(); asking != toOneServer || waiting != len(all)-toOneServer {
		t.Errorf("%d connections to one server and %d questions waiting, want %d and %d", asking, waiting, toOneServer, len(all)-toOneServer)
	}
	for _, q := range all {
		m.Cancel(q)
	}
}

// TestSlowWithoutEDNS gives a server that cannot read EDNS, and took nearly all
// of the time to say so, all of the time for the question without.
func TestSlowWithoutEDNS(t *testing.T) {
	m := newMux(t, Options{Timeout: patience})
	m.setFloor(patience)
	var q *Question
	f := newFake(t, func(_ *fake, _ int, query []byte) [][]byte {
		m.mu.Lock()
		defer m.mu.Unlock()
		if withEDNS(query) {
			q.first -= int64(patience) * 3 / 4
			return [][]byte{failing(query, 1)}
		}
		if took := time.Duration(m.now() - q.first); took > patience/2 {
			t.Errorf("the time of the question without EDNS began %v ago", took)
		}
		return [][]byte{answered(query)}
	}, nil)
	q, got := newQuestion(f.at)
	m.Ask(q)
	if a := <-got; a.Err != nil || a.How != WithoutEDNS || a.Sent != 2 {
		t.Errorf("%+v, want an answer without EDNS", a)
	}
}

// TestUsedIDs takes messages with an id that was another question's before for
// late ones, not for forgeries.
func TestUsedIDs(t *testing.T) {
	strays := func(_ *fake, nth int, q []byte) [][]byte {
		if nth == 1 {
			return [][]byte{answered(q)}
		}
		return [][]byte{
			changed(q, func(m []byte) { m[14] = 'z' }),  // the question before with this id
			changed(q, func(m []byte) { m[0] ^= 0x55 }), // one that is answered
			nil, // one to another server
			answered(q),
		}
	}
	bothPaths(t, func(t *testing.T, o Options) {
		f := newFake(t, strays, nil)
		m := newMux(t, o)
		m.setFloor(patience)
		if a := ask(t, m, f.at); a.Err != nil {
			t.Fatal(a.Err)
		}
		m.mu.Lock()
		for _, s := range m.pools[ipv4].open {
			for i := range s.ids {
				s.ids[i] = 1<<64 - 1
			}
		}
		m.mu.Unlock()
		if a := ask(t, m, f.at); a.Err != nil || a.Spoofed != 0 || a.Garbage != 0 {
			t.Errorf("%+v, want an answer and nothing forged", a)
		}
	})
}

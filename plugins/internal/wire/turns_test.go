package wire

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// unread is the stream of a plugin that asks for turns without end and reads no
// answer.
type unread struct {
	asked  atomic.Int64
	twice  bool // for the same turn
	closed chan struct{}
}

func (u *unread) Recv() (*TurnsResponse, error) {
	select {
	case <-u.closed:
		return nil, io.EOF
	default:
	}
	time.Sleep(time.Millisecond) // until it has had what it asked for before
	n := u.asked.Add(1)
	if n > 10*maxAsked {
		<-u.closed
		return nil, io.EOF
	}
	if u.twice {
		n = 1
	}
	return &TurnsResponse{Call: 1, Turn: uint64(n)}, nil
}

func (u *unread) Send(*TurnsRequest) error {
	<-u.closed
	return io.EOF
}

// TestTurnsUnread: a plugin that reads no answer is not read either, so that what
// waits in this program is bounded. The call's end leaves none of it, but for the
// one answer that is being sent.
func TestTurnsUnread(t *testing.T) {
	for _, twice := range []bool{false, true} {
		most := int64(maxAsked)
		if twice {
			most = 1
		}
		synctest.Test(t, func(t *testing.T) {
			var (
				c      calls
				waited atomic.Int64
				stream = &unread{twice: twice, closed: make(chan struct{})}
			)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o := c.begin(providers.WithWait(ctx, func(ctx context.Context) error {
				waited.Add(1)
				if twice {
					<-ctx.Done()
				}
				return ctx.Err()
			}))
			over := make(chan struct{})
			go func() { defer close(over); c.grant(stream) }()
			time.Sleep(time.Minute)
			if n := waited.Load(); n > most {
				t.Errorf("it has had %d turns, want %d at most before it reads an answer", n, most)
			}
			if n := stream.asked.Load(); n > maxAsked+2 {
				t.Errorf("it was heard %d times, want %d at most: a place each, and a refusal", n, maxAsked+2)
			}
			c.end(o)
			cancel()
			time.Sleep(2 * patience)
			synctest.Wait()
			o.mu.Lock()
			if o.places > 1 || len(o.asked) != 0 {
				t.Errorf("after the call %d answers wait to be sent and %d turns are waited for, want the one that is being sent", o.places, len(o.asked))
			}
			o.mu.Unlock()
			close(stream.closed)
			<-over
			if o.places != 0 {
				t.Errorf("%d places are taken for ever", o.places)
			}
		})
	}
}

// TestTurnsUnheard: a plugin takes answers though the host does not hear it.
func TestTurnsUnheard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			a     asker
			heard = make(chan struct{})
			block atomic.Bool
		)
		closed := a.open(func(*TurnsResponse) error {
			if block.Load() {
				<-heard
			}
			return nil
		})
		defer closed()
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { first <- a.ask(t.Context(), 1) }()
		synctest.Wait()
		block.Store(true)
		go func() { second <- a.ask(t.Context(), 1) }()
		synctest.Wait()
		if !a.mu.TryLock() {
			close(heard)
			t.Fatal("who asks and is not heard keeps the answers of others away")
		}
		a.mu.Unlock()
		a.answer(&TurnsRequest{Turn: 1})
		if err := <-first; err != nil {
			t.Error(err)
		}
		close(heard)
		synctest.Wait()
		a.answer(&TurnsRequest{Turn: 2, Error: refusedTurn(errors.New("no"))})
		if err := <-second; !errors.Is(err, errTurn) {
			t.Errorf("the second is told %v, want a refusal", err)
		}
	})
}

package libdnsdriver

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// work is what one call of the session does. sent is set before the first
// request that may change the zone.
type work[T any] func(ctx context.Context, sent *atomic.Bool) (T, error)

// errExited is said of a module that ends its goroutine, as a failing test does.
var errExited = errors.New("the module ended the goroutine of the call")

// alone runs w with no other work on the account, and returns when ctx ends
// though the module may not: then w goes on by itself, and no other work begins
// until it has come back. So no request of ours overtakes another, and what a
// write has lost is put back though its caller has gone.
func alone[T any](ctx context.Context, s *session, w work[T]) (T, error) {
	var none T
	if err := s.enter(ctx); err != nil {
		return none, err
	}
	type answer struct {
		value T
		err   error
	}
	var sent atomic.Bool
	done, left := make(chan answer), make(chan struct{})
	go func() {
		defer func() { <-s.turn }()
		var a answer
		failed := errExited
		defer func() { // however the work ends
			if failed != nil {
				a.err = broken(failed, sent.Load())
			}
			select {
			case done <- a:
			case <-left:
				s.debt.owe(a.err)
			}
		}()
		failed = caught(func() { a.value, a.err = w(ctx, &sent) })
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		close(left)
		return none, ended(ctx, unknownIf(sent.Load()))
	}
}

// enter takes the turn. Its patience is with a module that does not come back;
// work that waits for the host's limit of requests is waited for.
func (s *session) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return ended(ctx, providers.WroteNo)
	}
	patience := s.driver.patience()
	wait := time.NewTimer(patience)
	defer wait.Stop()
	for {
		select {
		case s.turn <- struct{}{}:
			return nil
		case <-ctx.Done():
			return ended(ctx, providers.WroteNo)
		case <-wait.C:
		}
		rest := patience
		if since := s.asked.Load(); since != nil {
			rest -= time.Since(*since)
		}
		if rest <= 0 {
			return refuse(providers.Unavailable, "not sent: an earlier call to the module has not come back for %s", patience)
		}
		wait.Reset(rest)
	}
}

// ask makes one request to the module, when the host's limit lets it through.
// What the module answers is its own code too: an error that cannot even be
// printed is one more panic. sent is nil for a request that only reads.
func (s *session) ask(ctx context.Context, apex zone.Name, sent *atomic.Bool, f func() error) error {
	if err := providers.Wait(ctx); err != nil {
		return err
	}
	if sent != nil {
		sent.Store(true) // before ctx is looked at: whoever leaves sees one of the two
	}
	if ctx.Err() != nil {
		return ended(ctx, providers.WroteNo)
	}
	var answer error
	failed := errExited
	now, done := time.Now(), make(chan struct{})
	s.asked.Store(&now)
	defer s.asked.Store(nil)
	go func() { // its own, for a module may end it
		defer close(done)
		failed = caught(func() {
			if err := f(); err != nil {
				answer = s.explain(ctx, err, apex, sent != nil)
			}
		})
	}()
	if <-done; failed != nil {
		return broken(failed, sent != nil)
	}
	return answer
}

// broken is the error of a call that did not even fail.
func broken(why error, write bool) *providers.Error {
	return &providers.Error{Code: providers.Internal, Wrote: unknownIf(write), Err: why}
}

func ended(ctx context.Context, wrote providers.Wrote) *providers.Error {
	return &providers.Error{Code: providers.Timeout, Wrote: wrote, Err: fmt.Errorf("given up: %w", context.Cause(ctx))}
}

package libdnsdriver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// work is what one call of the session does. sent is set before the first
// request that may change the zone.
type work[T any] func(ctx context.Context, sent *atomic.Bool) (T, error)

// alone runs w with no other work on the account, and returns when ctx ends
// though the module may not: then w goes on by itself, and no other work begins
// until it has come back. So no request of ours overtakes another, and what a
// write has lost is put back though its caller has gone.
func alone[T any](ctx context.Context, s *session, w work[T]) (T, error) {
	var none T
	if ctx.Err() != nil {
		return none, ended(ctx, providers.WroteNo)
	}
	wait := time.NewTimer(s.driver.patience())
	defer wait.Stop()
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return none, ended(ctx, providers.WroteNo)
	case <-wait.C:
		return none, refuse(providers.Unavailable, "not sent: an earlier call to the module has not come back for %s", s.driver.patience())
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
		if p := caught(func() { a.value, a.err = w(ctx, &sent) }); p != nil {
			a.err = s.explain(ctx, p, sent.Load())
		}
		select {
		case done <- a:
		case <-left:
			s.debt.owe(a.err)
		}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		close(left)
		return none, ended(ctx, unknownIf(sent.Load()))
	}
}

func ended(ctx context.Context, wrote providers.Wrote) *providers.Error {
	return &providers.Error{Code: providers.Timeout, Wrote: wrote, Err: fmt.Errorf("given up: %w", context.Cause(ctx))}
}

// debt is what a write has done whose caller had gone when it was found out.
type debt struct {
	mu   sync.Mutex
	loss *loss
}

// owe keeps the error of a write that was left, where it says that records of
// others were lost.
func (d *debt) owe(err error) {
	var l *loss
	if !errors.As(err, &l) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.loss = l
}

// pay is what is owed, once.
func (d *debt) pay() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.loss == nil {
		return nil
	}
	err := refuse(providers.Internal, "not sent, for a write before it, whose caller had gone, did harm: %w", d.loss)
	d.loss = nil
	return err
}

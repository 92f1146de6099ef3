package sdk

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// ledger counts the turns that one call has waited for and not used: a driver
// that calls providers.Wait before its request has paid for it, and a module
// that makes several requests, or knows nothing of turns, has not.
type ledger struct {
	call context.Context
	paid atomic.Int64
}

type ledgerKey struct{}

// account is ctx for a call whose turns are counted.
func account(ctx context.Context) context.Context {
	l := &ledger{call: ctx}
	ctx = providers.WithWait(ctx, func(ctx context.Context) error {
		err := l.ask(ctx)
		if err == nil {
			l.paid.Add(1)
		}
		return err
	})
	return context.WithValue(ctx, ledgerKey{}, l)
}

// ask waits for one turn as the call's own context does. The host knows of no
// turns of a call that is over. What a driver does then, with a context that
// outlives the call, is to put back what the call has harmed: it must not fail
// for want of a turn, and is so little that no limit is there for it.
func (l *ledger) ask(ctx context.Context) error {
	if l.call.Err() != nil && ctx.Err() == nil {
		return nil
	}
	err := providers.Wait(ctx)
	if providers.CodeOf(err) == providers.Timeout && l.outlived(ctx) {
		return nil
	}
	return err
}

const (
	farewell = 10 * time.Second       // until the end of a call is known here when the host has said so
	handDown = 100 * time.Millisecond // until it has ended the contexts made from that of the call
)

// outlived reports whether ctx goes on though the call is over.
func (l *ledger) outlived(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(farewell):
		return false
	case <-l.call.Done():
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(handDown):
		return true
	}
}

// take uses a turn that was waited for, if there is one.
func (l *ledger) take() bool {
	for n := l.paid.Load(); n > 0; n = l.paid.Load() {
		if l.paid.CompareAndSwap(n, n-1) {
			return true
		}
	}
	return false
}

// takeTurn uses a turn that was waited for, or waits for one. Without a call
// there is nothing to ask.
func takeTurn(ctx context.Context) error {
	l, ok := ctx.Value(ledgerKey{}).(*ledger)
	if !ok || l.take() {
		return nil
	}
	if err := providers.Wait(ctx); err != nil {
		return err
	}
	l.take() // where another request has it, that one has not asked
	return nil
}

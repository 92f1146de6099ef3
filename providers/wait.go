package providers

import (
	"context"
	"errors"
	"time"
)

// Rate is a host's limit: so many requests in any stretch of time of this
// length.
type Rate struct {
	Requests int           `json:"requests"` // at least 1; a Rate with less bounds nothing
	Per      time.Duration `json:"per"`      // nanoseconds; above 0, else it bounds nothing
}

// turn is what the context of a driver's call carries: whose requests these
// are, and what bounds them.
type turn struct {
	limits *Limits
	of     credential
	rates  []Rate
}

type turnKey struct{}

// errQueue is the cause of a refusal that is our own and not the host's.
var errQueue = errors.New("the limit of requests to this host lets no other one through in the time that the caller has")

// ErrNotAsked is the cause of an error with RetryAfter that is no word of the
// host's: what asks it was not there. It closes no credential.
var ErrNotAsked = errors.New("the host was not asked")

// waitHook is what WithWait was given, and what held before.
type waitHook struct {
	wait  func(context.Context) error
	outer *waitHook
}

type waitKey struct{}

// WithWait makes Wait on the context, and on any made from it, call wait. The
// context that wait gets is the one of the caller of Wait, on which Wait does
// again what it did before. It is for whoever hands calls on to a driver in
// another process, while the limit is kept here.
func WithWait(ctx context.Context, wait func(context.Context) error) context.Context {
	outer, _ := ctx.Value(waitKey{}).(*waitHook)
	return context.WithValue(ctx, waitKey{}, &waitHook{wait, outer})
}

// Wait waits until the credential behind a call of a Session may send one more
// request, in the order of asking; those who give up hold nobody back. A driver
// calls it before each request to its host, with the context of the call or one
// made from it; any other context lets it return at once, so that a driver may
// be used and tested without an Account.
//
// Its errors are *Error with Wrote no, for the driver to return as they are:
// RateLimited with RetryAfter where the wait would outlast the deadline of ctx,
// which is said at once, and Timeout when ctx has ended. A driver that has
// written before says so instead of Wrote no.
func Wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return waitEnded(ctx)
	}
	if w, _ := ctx.Value(waitKey{}).(*waitHook); w != nil {
		return w.wait(context.WithValue(ctx, waitKey{}, w.outer))
	}
	t, ok := ctx.Value(turnKey{}).(turn)
	if !ok {
		return nil
	}
	return t.limits.wait(ctx, t.of, t.rates)
}

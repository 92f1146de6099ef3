package providers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// patience is how long a call that reads is made again.
type patience int

const (
	fewTries patience = iota // three times, and never after a longer pause than maxPause
	toTheEnd                 // until its context ends: after a write, when everything hangs on the answer
	once                     // not at all
)

// maxPause is the longest that an ordinary call waits for a host that says when
// to come back. A caller who has more time decides on that himself.
const maxPause = 30 * time.Second

// worth reports whether try n, counted from 0, may be followed by another one.
// A host that is slow has had the time of an ordinary call.
func (p patience) worth(n int, c Code) bool {
	switch c {
	case RateLimited, Unavailable:
		return p == toTheEnd || p == fewTries && n < 3
	case Timeout:
		return p == toTheEnd
	default:
		return false
	}
}

// read makes a call that writes nothing, and makes it again as p says. A host
// that says when to come back is asked then; where that is too late for the
// caller, its answer is handed on at once.
func (a *Account) read(ctx context.Context, method string, p patience, f func(context.Context) error) error {
	for n := 0; ; n++ {
		err := a.call(ctx, method, WroteNo, f)
		if err == nil || ctx.Err() != nil || !p.worth(n, CodeOf(err)) {
			return err
		}
		pause := backoff(n)
		if e, ok := errors.AsType[*Error](err); ok && e.RetryAfter > 0 {
			pause = e.RetryAfter
		}
		end, bounded := ctx.Deadline()
		tooLong := p == fewTries && pause > maxPause || bounded && time.Until(end) < pause
		if tooLong || sleep(ctx, pause) != nil {
			return err
		}
	}
}

// backoff is how long to wait after try n, counted from 0: twice as long each
// time, up to some seconds, and never in step with others.
func backoff(n int) time.Duration {
	d := 250 * time.Millisecond << min(n, 4)
	return d/2 + rand.N(d) //nolint:gosec // it spreads requests and hides nothing
}

// call makes one call of the driver: in its turn, and with nothing secret in
// what comes back. A host that says when to come back is left alone until then
// by everybody who has its credential. wrote is what a call that ends in an
// unknown way may have written.
func (a *Account) call(ctx context.Context, method string, wrote Wrote, f func(context.Context) error) error {
	ctx = context.WithValue(ctx, turnKey{}, a.turn)
	return a.guard(method, wrote, func() error {
		err := f(ctx)
		if e, ok := errors.AsType[*Error](err); ok && e != nil && e.RetryAfter > 0 && !errors.Is(err, errQueue) && !errors.Is(err, ErrNotAsked) {
			a.turn.limits.close(a.turn.of, e.RetryAfter)
		}
		return err
	})
}

// send makes one write. It is never made again.
func (a *Account) send(ctx context.Context, z Zone, e zone.Edit) error {
	return a.call(ctx, "Write", WroteUnknown, func(ctx context.Context) error { return a.session().Write(ctx, z, e) })
}

// guard runs what is the driver's, and makes any failure of it an *Error: a
// driver that panics harms its own call alone, and so does one whose error
// panics when it is read. It cannot help where a goroutine does that the driver
// has started.
func (a *Account) guard(method string, wrote Wrote, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			text := fmt.Sprintf("the driver panicked in %s: %s", method, panicText(v))
			err = &Error{Code: Internal, Wrote: wrote, Err: errors.New(brief(text, a.secrets().all))}
		}
	}()
	if err := f(); err != nil {
		return asError(err, wrote, a.secrets().all)
	}
	return nil
}

// panicText is what a panic says in words. Of a value without words it is the
// type, since printed it might spell a credential in a way that nobody looks
// for, and so it is of an error that panics with itself.
func panicText(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T", v)
		}
	}()
	switch v.(type) {
	case error, string:
		return fmt.Sprint(v) // which outlives most Error methods that panic
	}
	return fmt.Sprintf("a %T", v)
}

// named puts the host's name before an error.
func (a *Account) named(err error) error { return fmt.Errorf("%s: %w", a.info.ID, err) }

package providers

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// waiter is one request that waits for its turn. Nothing is reserved for it: the
// first of a queue takes its turn when that has come, and whoever leaves the
// queue before leaves no gap.
type waiter struct {
	first chan struct{} // it has become the first of its queue
}

// wait returns when a credential may send one more request: in the order of
// asking, once every one of rates allows it and the host has not closed the
// credential. The error is that of [Wait].
func (l *Limits) wait(ctx context.Context, of credential, rates []Rate) error {
	w := &waiter{first: make(chan struct{}, 1)}
	for {
		pause, ahead := l.take(of, w, rates)
		if pause <= 0 && ahead == 0 {
			return nil
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < pause {
			l.leave(of, w)
			return &Error{Code: RateLimited, RetryAfter: pause, Err: errQueue}
		}
		var due <-chan time.Time // nil while others are ahead, and none of its own
		if ahead == 0 {
			due = time.After(pause)
		}
		select {
		case <-w.first:
		case <-due:
		case <-ctx.Done():
			l.leave(of, w)
			return waitEnded(ctx)
		}
	}
}

// take takes a turn for the waiter, whom it puts at the end of the queue where it
// is not in it yet. pause is how long it has to wait at least, and ahead how many
// are before it: it has the turn, and has left the queue, where both are 0.
func (l *Limits) take(of credential, w *waiter, rates []Rate) (pause time.Duration, ahead int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	b := l.bucket(of, now)
	if ahead = slices.Index(b.queue, w); ahead < 0 {
		ahead = len(b.queue)
		b.queue = append(b.queue, w)
	}
	from := now
	if b.closed.After(from) {
		from = b.closed
	}
	limiters := b.of(rates)
	pause = from.Sub(now)
	for _, lim := range limiters {
		pause = max(pause, from.Sub(now)+missing(lim, from, ahead+1))
	}
	if pause > 0 || ahead > 0 {
		return pause, ahead
	}
	for _, lim := range limiters {
		lim.ReserveN(now, 1)
	}
	b.leave(w)
	return 0, 0
}

// leave takes a waiter out of its queue.
func (l *Limits) leave(of credential, w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bucket(of, time.Now()).leave(w)
}

// leave takes a waiter out of the queue, and tells the one who is the first then.
func (b *bucket) leave(w *waiter) {
	i := slices.Index(b.queue, w)
	if i < 0 {
		return
	}
	b.queue = slices.Delete(b.queue, i, i+1)
	if i == 0 && len(b.queue) > 0 {
		b.queue[0].first <- struct{}{} // it has room: nobody becomes the first twice
	}
}

// missing is how long after a time so many requests more may have been sent.
func missing(lim *rate.Limiter, at time.Time, requests int) time.Duration {
	if tokens := lim.TokensAt(at); tokens < float64(requests) {
		return time.Duration(math.Round((float64(requests) - tokens) / float64(lim.Limit()) * float64(time.Second)))
	}
	return 0
}

func waitEnded(ctx context.Context) error {
	return &Error{Code: Timeout, Err: fmt.Errorf("waiting for a turn to send a request: %w", context.Cause(ctx))}
}

package providers

import (
	"context"
	"fmt"
	"sync"
)

// Locks lets one writer at a time into each zone of a host. It must not be
// copied after use.
type Locks struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// Lock waits until the zone is free or ctx ends.
func (l *Locks) Lock(ctx context.Context, driver string, z Zone) (unlock func(), err error) {
	key := zoneKey(driver, z)
	for {
		l.mu.Lock()
		busy, ok := l.held[key]
		if !ok {
			if l.held == nil {
				l.held = map[string]chan struct{}{}
			}
			done := make(chan struct{})
			l.held[key] = done
			l.mu.Unlock()
			return func() {
				l.mu.Lock()
				delete(l.held, key)
				l.mu.Unlock()
				close(done)
			}, nil
		}
		l.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, waiting(ctx, z)
		}
	}
}

// zoneKey names a zone among all hosts.
func zoneKey(driver string, z Zone) string { return driver + " " + z.ID + " " + string(z.Apex) }

func waiting(ctx context.Context, z Zone) error {
	return &Error{Code: Timeout, Err: fmt.Errorf("waiting for another run on %s: %w", z.Apex.FQDN(), context.Cause(ctx))}
}

// hold keeps everybody else out of the zone until release: the goroutines that
// share the Locks, and with a Lease other processes and machines. Work is done
// under run, which ends with ctx and with the lease; what must be brought to
// an end whatever became of ctx, under held, which ends with the lease alone.
func (a *Account) hold(ctx context.Context, z Zone) (run, held context.Context, release func(), err error) {
	unlock, err := a.locks.Lock(ctx, a.info.ID, z)
	if err != nil {
		return nil, nil, nil, err
	}
	held, free := context.WithoutCancel(ctx), func() {}
	if a.lease != nil {
		if held, free, err = a.lease(ctx, zoneKey(a.info.ID, z)); err != nil {
			unlock()
			if ctx.Err() != nil {
				return nil, nil, nil, waiting(ctx, z)
			}
			return nil, nil, nil, &Error{Code: Unavailable, Err: fmt.Errorf("no lease on %s: %w", z.Apex.FQDN(), err)}
		}
	}
	run, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(held, func() { cancel(fmt.Errorf("the lease is lost: %w", context.Cause(held))) })
	return run, held, func() {
		stop()
		cancel(nil)
		free()
		unlock()
	}, nil
}

package plugins

import (
	queues "container/list"
	"context"
	"errors"
	"sync"
)

// slowStart is how many calls a plugin gets at once after it has crashed. The
// number doubles each time as many have been completed: thousands of accounts
// that all read their zones back find the host's API as they left it.
const slowStart = 8

// gate lets calls to one plugin in: so many at once, and so many of one
// account. Who comes first is let in first; who waits for others of his own
// account holds up nobody else.
type gate struct {
	most       int // calls at once
	perAccount int

	mu       sync.Mutex
	all      turnstile
	accounts map[account]*turnstile
	done     int   // calls completed since the limit was last changed
	shut     error // why nobody is let in any more
}

func newGate(most, perAccount int) *gate {
	return &gate{most: most, perAccount: min(perAccount, most), all: turnstile{limit: most}, accounts: map[account]*turnstile{}}
}

// turnstile lets so many in at once, in the order in which they came. Its
// methods are called with the lock of its gate.
type turnstile struct {
	limit, in int
	queue     queues.List // of chan error, each with room for its answer
}

// enter is nil for who is let in, and else gives the answer when there is room.
func (t *turnstile) enter() *queues.Element {
	if t.in < t.limit && t.queue.Len() == 0 {
		t.in++
		return nil
	}
	return t.queue.PushBack(make(chan error, 1))
}

func (t *turnstile) leave() {
	t.in--
	t.admit()
}

func (t *turnstile) admit() {
	for e := t.queue.Front(); e != nil && t.in < t.limit; e = t.queue.Front() {
		t.in++
		t.queue.Remove(e).(chan error) <- nil
	}
}

func (t *turnstile) refuse(err error) {
	for e := t.queue.Front(); e != nil; e = t.queue.Front() {
		t.queue.Remove(e).(chan error) <- err
	}
}

// enter waits until a call of an account may begin. Its error is that of ctx,
// or what the gate was shut with. leave is called when the call is over, and
// told whether it was completed.
func (g *gate) enter(ctx context.Context, of account) (leave func(completed bool), err error) {
	g.mu.Lock()
	if g.shut != nil {
		defer g.mu.Unlock()
		return nil, g.shut
	}
	own := g.accounts[of]
	if own == nil {
		own = &turnstile{limit: g.share()}
		g.accounts[of] = own
	}
	if err := g.pass(ctx, own); err != nil {
		g.forget(of, own)
		g.mu.Unlock()
		return nil, err
	}
	if err := g.pass(ctx, &g.all); err != nil {
		own.leave()
		g.forget(of, own)
		g.mu.Unlock()
		return nil, err
	}
	g.mu.Unlock()
	return func(completed bool) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.completed(completed)
		g.all.leave()
		own.leave()
		g.forget(of, own)
	}, nil
}

// pass goes through one turnstile. The lock is held before and after.
func (g *gate) pass(ctx context.Context, t *turnstile) error {
	if g.shut != nil {
		return g.shut
	}
	e := t.enter()
	if e == nil {
		return nil
	}
	answer := e.Value.(chan error)
	g.mu.Unlock()
	select {
	case err := <-answer:
		g.mu.Lock()
		return err
	case <-ctx.Done():
	}
	g.mu.Lock()
	select {
	case err := <-answer: // let in at the same moment
		if err == nil {
			t.leave()
		}
	default:
		t.queue.Remove(e)
	}
	return context.Cause(ctx)
}

func (g *gate) forget(of account, own *turnstile) {
	if own.in == 0 && own.queue.Len() == 0 && g.accounts[of] == own {
		delete(g.accounts, of)
	}
}

func (g *gate) completed(ok bool) {
	if !ok || g.all.limit >= g.most {
		return
	}
	if g.done++; g.done >= g.all.limit {
		g.done, g.all.limit = 0, min(2*g.all.limit, g.most)
		for _, own := range g.accounts {
			own.limit = g.share()
			own.admit()
		}
	}
}

// slow begins again with few calls at once.
func (g *gate) slow() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done, g.all.limit = 0, min(slowStart, g.most)
	for _, own := range g.accounts {
		own.limit = g.share()
	}
}

// share is how many calls of one account are let in: as large a part of the
// limit as it has of all, lest the first accounts after a crash keep out all
// others.
func (g *gate) share() int {
	if g.all.limit >= g.most {
		return g.perAccount
	}
	part := float64(g.perAccount) * float64(g.all.limit) / float64(g.most) // of ints, it may be more than one holds
	return max(1, int(part))
}

// close refuses whoever waits and whoever comes.
func (g *gate) close(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = err
	g.all.refuse(err)
	for _, own := range g.accounts {
		own.refuse(err)
	}
}

// open lets calls in again that err kept out.
func (g *gate) open(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if errors.Is(g.shut, err) {
		g.shut = nil
	}
}

// load is how many calls are under way, and how many wait.
func (g *gate) load() (in, waiting int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	waiting = g.all.queue.Len()
	for _, own := range g.accounts {
		waiting += own.queue.Len()
	}
	return g.all.in, waiting
}

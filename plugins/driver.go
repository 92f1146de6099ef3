package plugins

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

// errSilent is the cause of the end of a call whose plugin has said nothing for
// too long.
var errSilent = errors.New("the plugin has been silent for too long")

// Call brings one call to a process of the plugin, which is started where none
// runs. It is made once or, where its error is Wrote no and none of the
// driver's, never.
func (p *plugin) Call(ctx context.Context, of providers.Credentials, f func(context.Context, *wire.Client) error) (err error) {
	if ctx.Err() != nil {
		return ended(ctx, "plugin "+p.id)
	}
	who := p.key.of(of)
	leave, err := p.gate.enter(ctx, who)
	if err != nil {
		if ctx.Err() != nil {
			return ended(ctx, "plugin "+p.id+": waiting for other calls to end")
		}
		return p.unavailable(err, 0)
	}
	completed := false
	defer func() { leave(completed) }()
	proc, err := p.ready(ctx)
	if err != nil {
		return err
	}
	defer p.release(proc)
	defer p.print.secrets.add(who, of)()
	clock, cctx := newClock(ctx, p.options.silence())
	defer clock.stop()
	err = f(cctx, proc.client)
	completed = !errors.Is(err, wire.ErrProcess) && cctx.Err() == nil
	return p.explain(ctx, cctx, proc, err)
}

// explain puts the plugin's name, and what has become of its process, before
// an error that no driver has given.
func (p *plugin) explain(ctx, cctx context.Context, proc *process, err error) error {
	e, ok := errors.AsType[*providers.Error](err)
	silent := errors.Is(context.Cause(cctx), errSilent) && ctx.Err() == nil
	if !ok || !silent && !errors.Is(err, wire.ErrProcess) {
		return err
	}
	out := *e
	switch {
	case silent:
		out.Err = fmt.Errorf("plugin %s: it has said nothing for %v (Options.Silence): %w", p.id, p.options.silence(), e.Err)
	case ctx.Err() != nil:
		out.Err = fmt.Errorf("plugin %s: %w", p.id, e.Err)
	default:
		out.Err = fmt.Errorf("plugin %s: in the middle of the call %s: %w", p.id, p.fate(proc), e.Err)
	}
	return &out
}

// fate says what has become of the process of a call that broke. It waits a
// moment for that, so that the next call gets another process.
func (p *plugin) fate(proc *process) string {
	select {
	case <-proc.gone:
		if proc.fault != nil {
			return proc.fault.Error()
		}
		return "it was stopped"
	case <-time.After(2 * crashNotice):
		return "the connection to it failed"
	}
}

// ended is the error of a call that has sent nothing before its context ended.
func ended(ctx context.Context, doing string) error {
	return &providers.Error{Code: providers.Timeout, Err: fmt.Errorf("%s: %w", doing, context.Cause(ctx))}
}

// clock ends a call whose plugin is silent. It stands still while the plugin
// waits for a turn, which is not its own time.
type clock struct {
	most   time.Duration
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	timer   *time.Timer
	waiting int           // turns
	left    time.Duration // when it last began to run
	since   time.Time     // that
}

// newClock starts a clock for one call. The context that it returns is that of
// the call; providers.Wait on it takes a turn of ctx.
func newClock(ctx context.Context, most time.Duration) (*clock, context.Context) {
	timed, cancel := context.WithCancelCause(ctx)
	c := &clock{most: most, cancel: cancel, left: most, since: time.Now()}
	c.timer = time.AfterFunc(most, func() { cancel(errSilent) })
	return c, providers.WithWait(timed, func(wanted context.Context) error {
		c.pause()
		defer c.resume()
		turn, over := context.WithCancel(ctx)
		defer over()
		defer context.AfterFunc(wanted, over)()
		return providers.Wait(turn)
	})
}

func (c *clock) pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == 0 {
		c.left -= time.Since(c.since)
	}
	c.waiting++
	c.timer.Stop()
}

func (c *clock) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting--; c.waiting == 0 && c.most > 0 {
		c.since = time.Now()
		c.timer.Reset(max(c.left, 0))
	}
}

// stop ends the call and its clock. A turn that is still waited for does not
// start it again.
func (c *clock) stop() {
	c.mu.Lock()
	c.most = 0
	c.timer.Stop()
	c.mu.Unlock()
	c.cancel(context.Canceled)
}

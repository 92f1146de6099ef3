package plugins

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

const (
	firstPause    = 100 * time.Millisecond // before the second start after a crash; the first is at once
	longestPause  = time.Minute            // before any start
	healthy       = 5 * time.Minute        // after so long a crash is the first one again
	crashWindow   = 2 * time.Minute        // in which Options.Crashes count
	shortPause    = time.Second            // that a call waits for
	probesMissed  = 3                      // in a row, until a process is killed
	crashNotice   = 200 * time.Millisecond // from a broken call until the process is known to have ended
	mostDrain     = 5 * time.Second        // that Close gives
	shareOfProbes = 5                      // of Options.Probe is what a probe may take
)

// house is what all plugins of a host share.
type house struct {
	options Options
	log     *slog.Logger
	state   *state
	key     accountKey
	opened  context.Context // ends when the host is closed
	wg      sync.WaitGroup  // all goroutines
}

// plugin keeps the processes of one plugin: one at most that takes calls, and
// those that finish theirs.
//
//	stopped ──► starting ──► ready ──► draining ──► stopped
//	               │           │
//	               └──► backoff / quarantined ──► starting
type plugin struct {
	*house
	id    string
	gate  *gate
	print *printer

	info atomic.Pointer[providers.Info] // nil: not known yet

	mu      sync.Mutex
	program program
	current *process // nil: none takes calls
	leaving map[*process]struct{}
	attempt *attempt // nil: none is started
	over    error    // not nil: no process is started any more

	generation      int // of program
	starts, crashes int
	failures        int         // in a row
	recent          []time.Time // of crashes
	quarantined     bool
	next            time.Time // when it may be started
	err             error     // the last one
	since           time.Time // of its state
}

// attempt is one start, which all callers wait for.
type attempt struct {
	done chan struct{}
	err  error // for who has seen done closed
}

func newPlugin(h *house, p program) *plugin {
	s := &plugin{
		house: h, id: p.id, program: p, leaving: map[*process]struct{}{}, since: time.Now(),
		gate: newGate(h.options.calls(), h.options.callsPerAccount()),
	}
	if p.known != nil {
		s.info.Store(&p.known.Info)
	}
	s.print = newPrinter(h.log.With("plugin", p.id), func() []providers.Field { return s.Info().Fields })
	return s
}

// Info is that of the driver in the version that is run now.
func (p *plugin) Info() providers.Info {
	if i := p.info.Load(); i != nil {
		return *i
	}
	return providers.Info{ID: p.id}
}

// ready is a process for one call, which must be released.
func (p *plugin) ready(ctx context.Context) (*process, error) {
	for {
		proc, a, err := p.take(ctx)
		if proc != nil || err != nil {
			return proc, err
		}
		select {
		case <-a.done:
		case <-ctx.Done():
			return nil, ended(ctx, "plugin "+p.id+": waiting for its process to start")
		}
		if a.err != nil {
			return nil, p.unavailable(a.err, time.Until(p.nextStart()))
		}
	}
}

// take is a process, or an error, or what to wait for before it is asked again.
func (p *plugin) take(ctx context.Context) (*process, *attempt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over != nil {
		return nil, nil, p.unavailable(p.over, 0)
	}
	if c := p.current; c != nil {
		select {
		case <-c.runner.exited: // its supervisor will know in a moment
			return nil, &attempt{done: c.gone}, nil
		default:
		}
		c.calls++
		return c, nil, nil
	}
	if p.attempt != nil {
		return nil, p.attempt, nil
	}
	rest := time.Until(p.next)
	if rest <= 0 {
		return nil, p.start(), nil
	}
	if end, bounded := ctx.Deadline(); rest > shortPause || bounded && time.Until(end) < rest {
		return nil, nil, p.unavailable(fmt.Errorf("it is started again in %v: %w", rest.Round(time.Millisecond), p.err), rest)
	}
	pause := &attempt{done: make(chan struct{})}
	time.AfterFunc(rest, func() { close(pause.done) })
	return nil, pause, nil
}

// release gives a process back when a call is over.
func (p *plugin) release(proc *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	proc.calls--
	proc.used = time.Now()
	if proc.retired && proc.calls == 0 {
		close(proc.idle)
	}
}

// start begins an attempt. The caller holds the lock.
func (p *plugin) start() *attempt {
	a := &attempt{done: make(chan struct{})}
	p.attempt, p.since = a, time.Now()
	program, generation := p.program, p.generation
	p.wg.Go(func() {
		defer close(a.done)
		proc, err := p.launch(program)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.attempt = nil
		switch {
		case err != nil && p.over == nil && p.generation != generation: // another program is run by now
		case err != nil:
			a.err = err
			if p.over == nil {
				p.crash(err, 0)
			}
		case p.over != nil || p.generation != generation: // not wanted any more
			p.attend(proc)
			p.retire(proc)
		default:
			p.install(proc)
		}
	})
	return a
}

// launch starts a process of a program, for as long as the host is open.
func (p *plugin) launch(program program) (*process, error) {
	p.mu.Lock()
	p.starts++
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(p.opened, p.options.start())
	defer cancel()
	began := time.Now()
	proc, err := launch(ctx, program, p.options, p.state, p.print)
	if err != nil {
		p.log.Warn("a plugin does not start", "plugin", p.id, "error", p.print.redact(err.Error())) // it may hold what was printed
		if _, named := errors.AsType[*Refused](err); program.unpinned && !named && !errors.Is(err, errClosed) {
			err = &Refused{ID: p.id, File: program.source, Err: err} // who develops one may have several
		}
		return nil, err
	}
	p.log.Info("a plugin has started", "plugin", p.id, "version", proc.desc.Version, "pid", proc.runner.pid(), "took", time.Since(began))
	return proc, nil
}

// unavailable is an error of the plugin itself, before anything was sent.
func (p *plugin) unavailable(err error, after time.Duration) error {
	if _, named := errors.AsType[*Refused](err); !named {
		err = fmt.Errorf("plugin %s: %w", p.id, err)
	}
	return &providers.Error{Code: providers.Unavailable, RetryAfter: max(0, after), Err: notAsked{err}}
}

// notAsked is an error that says nothing of the DNS host.
type notAsked struct{ error }

func (e notAsked) Unwrap() []error { return []error{e.error, providers.ErrNotAsked} }

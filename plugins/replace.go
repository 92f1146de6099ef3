package plugins

import (
	"context"
	"errors"
	"slices"
	"time"
)

// introduce starts a plugin of which nothing is known, to learn who it is. Its
// error is a *Refused, but for a host that is closed meanwhile.
func (p *plugin) introduce(ctx context.Context) error {
	proc, err := p.ready(ctx)
	if err == nil {
		p.release(proc)
		return nil
	}
	if refused, ok := errors.AsType[*Refused](err); ok {
		return refused
	}
	return err
}

// replace makes another program the one that is run. Where a process runs, one
// of the new program takes its place when it is ready, and only then. A plugin
// that was removed takes calls again.
func (p *plugin) replace(next program) error {
	p.mu.Lock()
	running := p.current != nil || p.attempt != nil
	p.mu.Unlock()
	var proc *process
	if running || next.known == nil {
		var err error
		if proc, err = p.launch(next); err != nil {
			return p.unavailable(err, 0)
		}
	}
	defer p.gate.open(errRemoved)
	p.mu.Lock()
	defer p.mu.Unlock()
	if errors.Is(p.over, errRemoved) {
		p.over = nil
	}
	p.program, p.err, p.next = next, nil, time.Time{}
	p.generation++
	p.failures, p.recent, p.quarantined = 0, nil, false
	switch {
	case proc == nil:
		p.info.Store(&next.known.Info)
		if p.current != nil { // it has started since
			p.retire(p.current)
		}
	case p.over != nil:
		p.attend(proc)
		p.retire(proc)
	default:
		p.install(proc)
	}
	return nil
}

// close starts no process any more, refuses calls, and lets the processes
// finish those they have.
func (p *plugin) close(err error) {
	p.gate.close(err)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = err
	if p.current != nil {
		p.retire(p.current)
	}
}

// known reports whether it is known who the plugin is.
func (p *plugin) known() bool {
	return p.info.Load() != nil
}

// removed reports whether the plugin takes no more calls.
func (p *plugin) removed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Is(p.over, errRemoved)
}

// busy reports whether a process of it is left.
func (p *plugin) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current != nil || p.attempt != nil || len(p.leaving) > 0
}

// runs reports whether a program is the one that is run already. One that is
// not pinned may have been built anew.
func (p *plugin) runs(next program) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.program
	return p.over == nil && !next.unpinned && now.path == next.path && now.sha256 == next.sha256 &&
		now.want == next.want && now.version == next.version && slices.Equal(now.args, next.args)
}

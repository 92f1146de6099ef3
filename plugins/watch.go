package plugins

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// install makes a process the one that takes calls, and lets the other one
// finish its own. The caller holds the lock.
func (p *plugin) install(proc *process) {
	old := p.current
	p.current, p.since = proc, time.Now()
	p.info.Store(&proc.desc.Info)
	p.attend(proc)
	if old != nil {
		p.retire(old)
	}
}

// retire gives a process no more calls. It ends when it has finished those that
// it has. The caller holds the lock.
func (p *plugin) retire(proc *process) {
	if p.current == proc {
		p.current, p.since = nil, time.Now()
	}
	if proc.retired {
		return
	}
	proc.retired = true
	p.leaving[proc] = struct{}{}
	close(proc.retiring)
	if proc.calls == 0 {
		close(proc.idle)
	}
}

// attend watches over a process until it has ended. The caller holds the lock.
func (p *plugin) attend(proc *process) {
	p.wg.Go(func() {
		fault := p.watch(proc)
		p.finished(proc, fault)
		proc.discard()
	})
}

// watch returns when the process has ended, or has been killed. It is nil where
// that was meant to be.
func (p *plugin) watch(proc *process) (fault error) {
	var (
		retiring, closing = proc.retiring, p.opened.Done()
		idle              chan struct{}
		drained           <-chan time.Time
		missed            int
		answers           chan bool // nil: no probe is under way
	)
	probes := time.NewTicker(p.options.probe())
	defer probes.Stop()
	for {
		select {
		case <-proc.runner.exited:
			return fmt.Errorf("it %s; what it printed is in Options.Log", proc.runner.how())
		case <-proc.lost:
			if !proc.runner.wait(crashNotice) {
				proc.runner.kill()
				return errors.New("the connection to it has broken: it was killed")
			}
		case <-retiring:
			retiring, idle = nil, proc.idle
		case <-closing:
			closing, drained = nil, time.After(min(p.options.drain(), mostDrain))
		case <-idle:
			proc.runner.end(endGrace)
			return nil
		case <-drained:
			proc.runner.kill()
			return nil
		case <-probes.C:
			p.retireIdle(proc)
			if answers == nil {
				answers = make(chan bool, 1)
				p.wg.Go(func() { p.probe(proc, answers) })
			}
		case answered := <-answers:
			answers = nil
			if answered {
				missed = 0
			} else if missed++; missed == probesMissed {
				proc.runner.kill()
				return fmt.Errorf("it has not answered %d times in a row: it was killed", missed)
			}
		}
	}
}

// probe asks a process whether it lives.
func (p *plugin) probe(proc *process, answers chan<- bool) {
	ctx, cancel := context.WithTimeout(context.Background(), p.options.probe()/shareOfProbes)
	defer cancel()
	_, err := proc.client.Health(ctx)
	answers <- err == nil
}

// retireIdle retires a process that has had nothing to do for long.
func (p *plugin) retireIdle(proc *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle := p.options.idle()
	if idle > 0 && proc.calls == 0 && time.Since(proc.used) >= idle {
		p.retire(proc)
	}
}

// finished takes note of the end of a process.
func (p *plugin) finished(proc *process, fault error) {
	proc.runner.wait(time.Second)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.leaving, proc)
	if p.current == proc {
		p.current = nil
		p.crash(fault, time.Since(proc.since))
		p.gate.slow()
	} else if up := time.Since(proc.since); up >= crashWindow { // it has stood its trial
		p.quarantined = false
		if up >= healthy && fault == nil {
			p.failures = 0
		}
	}
	p.since = time.Now()
	proc.fault = fault
	close(proc.gone)
	if fault != nil {
		p.log.Error("a plugin has crashed", "plugin", p.id, "version", proc.desc.Version, "pid", proc.runner.pid(), "error", fault)
	} else {
		p.log.Info("a plugin has been stopped", "plugin", p.id, "version", proc.desc.Version, "pid", proc.runner.pid())
	}
}

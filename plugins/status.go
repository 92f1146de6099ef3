package plugins

import (
	"errors"
	"time"
)

// State is what becomes of a plugin.
type State string

// The states of a plugin.
const (
	Stopped     State = "stopped"     // no process: the next call starts one
	Starting    State = "starting"    // calls wait for it
	Ready       State = "ready"       // it takes calls
	Draining    State = "draining"    // its last process finishes its calls
	Backoff     State = "backoff"     // it has crashed, and is started again at Next
	Quarantined State = "quarantined" // it has crashed so often that a start at Next is a trial
)

// Status is how one plugin does. It holds no credential.
type Status struct {
	ID      string    `json:"id"`
	Version string    `json:"version,omitempty"` // "": not known before its first start
	Source  string    `json:"source"`            // the file it came from
	SHA256  string    `json:"sha256,omitempty"`  // of the binary, in hex; "": this program's own, or not pinned
	State   State     `json:"state"`
	PID     int       `json:"pid,omitempty"` // of the process that takes calls; 0: none
	Since   time.Time `json:"since"`         // of the state
	Calls   int       `json:"calls"`         // under way
	Waiting int       `json:"waiting"`       // calls that wait for others to end
	Starts  int       `json:"starts"`        // of processes, since Load
	Crashes int       `json:"crashes"`       // and of starts that failed, since Load
	Err     string    `json:"err,omitempty"` // what the last of them died of
	Next    time.Time `json:"next,omitzero"` // when it may be started again; zero: at any time
}

var errClosed = errors.New("the host of the plugins is closed")

var errRemoved = errors.New("it is not among the plugins any more: its binary, or its entry in the lock, is gone")

// status is the plugin as it is now.
func (p *plugin) status() Status {
	calls, waiting := p.gate.load()
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Status{
		ID: p.id, Version: p.program.version, Source: p.program.source, SHA256: p.program.sha256,
		State: p.where(), Since: p.since, Calls: calls, Waiting: waiting, Starts: p.starts, Crashes: p.crashes,
	}
	if p.current != nil {
		s.PID, s.Version = p.current.runner.pid(), p.current.desc.Version
	}
	if p.err != nil {
		s.Err = p.print.redact(p.err.Error())
	}
	if s.State == Backoff || s.State == Quarantined {
		s.Next = p.next
	}
	return s
}

// where is the state. The caller holds the lock.
func (p *plugin) where() State {
	switch {
	case p.attempt != nil:
		return Starting
	case p.current != nil:
		return Ready
	case len(p.leaving) > 0:
		return Draining
	case p.quarantined:
		return Quarantined
	case time.Now().Before(p.next):
		return Backoff
	default:
		return Stopped
	}
}

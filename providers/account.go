package providers

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Options of an Account. The zero value works, with a journal in memory.
type Options struct {
	Journal Journal          // where runs are written down; nil: in memory
	Locks   *Locks           // shared by all accounts of a process; nil: this account's own
	Now     func() time.Time // nil: time.Now
	// ReadBack bounds the reading after the last write, which goes on even
	// when the caller's context has ended. 0: 30 seconds.
	ReadBack time.Duration
}

func (o Options) journal() Journal {
	if o.Journal == nil {
		return JournalMemory()
	}
	return o.Journal
}

func (o Options) locks() *Locks {
	if o.Locks == nil {
		return &Locks{}
	}
	return o.Locks
}

func (o Options) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

func (o Options) readBack() time.Duration {
	if o.ReadBack == 0 {
		return 30 * time.Second
	}
	return o.ReadBack
}

// Account is one customer's account at a host, and the only way Mooring writes
// to one. It is safe for concurrent use.
type Account struct {
	info    Info
	session Session
	secrets []string
	opts    Options
	journal Journal
	locks   *Locks
}

// Open makes an account without I/O. It fails with InvalidCredentials when
// the driver finds a credential missing or malformed.
func Open(d Driver, c Credentials, o Options) (*Account, error) {
	info := d.Info()
	secrets := c.secrets(info.Fields)
	if err := c.Missing(info.Fields); err != nil {
		return nil, fmt.Errorf("%s: %w", info.ID, err)
	}
	s, err := d.Open(c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", info.ID, asError(err, WroteNo, secrets))
	}
	return &Account{info: info, session: s, secrets: secrets, opts: o, journal: o.journal(), locks: o.locks()}, nil
}

// Format prints the host's ID whatever the verb: an account holds secrets.
func (a *Account) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "account at "+a.info.ID) }

// Info is the driver's.
func (a *Account) Info() Info { return a.info }

func (a *Account) fail(err error, wrote Wrote) error {
	return fmt.Errorf("%s: %w", a.info.ID, asError(err, wrote, a.secrets))
}

// Find looks up the zone whose apex is apex.
func (a *Account) Find(ctx context.Context, apex zone.Name) (Zone, error) {
	z, err := a.session.Find(ctx, apex)
	if err != nil {
		return Zone{}, a.fail(err, WroteNo)
	}
	return z, nil
}

// Check asks the host whether the credentials are valid, where its driver can.
func (a *Account) Check(ctx context.Context) error {
	if c, ok := a.session.(Checker); ok {
		if err := c.Check(ctx); err != nil {
			return a.fail(err, WroteNo)
		}
	}
	return nil
}

// Read is the whole zone.
func (a *Account) Read(ctx context.Context, z Zone) (zone.Snapshot, error) {
	snap, err := a.session.Read(ctx, z)
	if err != nil {
		return zone.Snapshot{}, a.fail(err, WroteNo)
	}
	return snap, nil
}

// Apply writes the changes, at most one for each owner, and says for each
// what became of it. What the run needs beside the changes (ID, Request) is
// the caller's; the rest of it is filled in, and it is in the journal before
// the first write. A run that has nothing to write is not journalled.
//
// A change whose guards do not hold is a conflict and is not written. A write
// whose answer was lost is settled by reading the zone.
func (a *Account) Apply(ctx context.Context, z Zone, changes []zone.Change, run *Run) []Outcome {
	outcomes, err := a.Transact(ctx, z, func(zone.Snapshot) ([]zone.Change, *Run, error) { return changes, run, nil })
	if err != nil {
		outcomes = newOutcomes(changes)
		for i := range outcomes {
			outcomes[i].fail(Failed, err)
		}
	}
	return outcomes
}

// Transact reads the zone, lets plan decide on that very reading what must
// change, and writes it, all under the zone's lock. An error means that
// nothing was written: the zone could not be read, the journal could not be
// written, or plan returned it.
func (a *Account) Transact(ctx context.Context, z Zone, plan func(zone.Snapshot) ([]zone.Change, *Run, error)) ([]Outcome, error) {
	unlock, err := a.locks.Lock(ctx, a.info.ID, z)
	if err != nil {
		return nil, err
	}
	defer unlock()
	snap, err := a.Read(ctx, z)
	if err != nil {
		return nil, err
	}
	changes, run, err := plan(snap)
	if err != nil {
		return nil, err
	}
	return a.write(ctx, z, snap, changes, run, false)
}

// write performs the changes on a zone that was just read as snap. cutOff is
// for the rest of a run that is in the journal already.
func (a *Account) write(ctx context.Context, z Zone, snap zone.Snapshot, changes []zone.Change, run *Run, cutOff bool) ([]Outcome, error) {
	outcomes := newOutcomes(changes)
	var begun []SetImage
	if cutOff {
		begun = run.Sets
	}
	var todo []zone.Change
	var index []int // of todo in changes
	for i, c := range changes {
		switch reason := guard(snap, c, begun); {
		case seen(snap, c) == complete:
			outcomes[i].State = Unchanged
		case reason != "":
			outcomes[i] = Outcome{Owner: c.Owner, State: Conflicts, Code: Conflict, Detail: reason, Part: part(snap, c, begun)}
		default:
			todo, index = append(todo, c), append(index, i)
		}
	}
	// One transaction: where the host writes all or nothing, one conflict
	// keeps the rest from being written too.
	atomic := z.Caps.Grain == GrainBatch || z.Caps.Grain == GrainZone
	if atomic && len(todo) > 0 && slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.State == Conflicts }) {
		for _, i := range index {
			outcomes[i] = Outcome{
				Owner: changes[i].Owner, State: Failed, Code: Conflict,
				Detail: "not written: another change of the same transaction conflicts", Part: part(snap, changes[i], begun),
			}
		}
		todo = nil
	}
	steps := lower(snap, todo, z.Caps.Grain)
	if len(steps) == 0 {
		for _, i := range index {
			if outcomes[i].State == "" {
				outcomes[i].State = Unchanged
			}
		}
		return outcomes, nil
	}
	if !cutOff {
		a.fill(run, z, snap, todo)
		if err := a.journal.Begin(ctx, *run); err != nil {
			return nil, fmt.Errorf("nothing was written: %w", err)
		}
	}
	todoOutcomes := newOutcomes(todo)
	sent := slices.Repeat([]bool{cutOff}, len(todo)) // what was sent before it was cut off, nobody knows
	a.perform(ctx, z, steps, todoOutcomes, sent)
	a.settle(ctx, z, *run, todo, todoOutcomes, sent)
	for k, i := range index {
		outcomes[i] = todoOutcomes[k]
	}
	if slices.ContainsFunc(outcomes, func(o Outcome) bool { return o.State == Unknown }) {
		return outcomes, nil // the run stays open for Recover
	}
	end := End{At: a.opts.now(), Outcomes: todoOutcomes}
	if cutOff {
		end.Outcomes = ofRun(outcomes)
	}
	run.End = &end
	if err := a.journal.End(context.WithoutCancel(ctx), run.ID, end); err != nil {
		// The zone is as the outcomes say; the run stays open and Recover
		// will settle it again.
		outcomes[index[0]].Detail = strings.TrimPrefix(outcomes[index[0]].Detail+"; the run could not be closed: "+err.Error(), "; ")
	}
	return outcomes, nil
}

// ofRun is outcomes as a run that was cut off has them: what stands already, it
// wrote before it was cut off.
func ofRun(outcomes []Outcome) []Outcome {
	out := slices.Clone(outcomes)
	for i := range out {
		if out[i].State == Unchanged {
			out[i].State = Applied
		}
	}
	return out
}

// fill completes the journal entry of a run that will write these changes.
func (a *Account) fill(run *Run, z Zone, snap zone.Snapshot, changes []zone.Change) {
	run.Started = a.opts.now()
	if run.ID == "" {
		run.ID = NewRunID(run.Started)
	}
	run.Driver, run.Zone, run.Changes, run.Sets, run.End = a.info.ID, z, changes, images(snap, changes), nil
	if z.Caps.Grain == GrainZone {
		run.Snapshot = &snap
	}
}

// perform writes step by step. An owner whose write failed gets no further
// one; a failure that will meet every other write too ends the whole. It marks
// in sent of which changes a write landed or may have.
func (a *Account) perform(ctx context.Context, z Zone, steps []step, outcomes []Outcome, sent []bool) {
	stopped := error(nil)
	for _, s := range steps {
		broken := slices.ContainsFunc(s.changes, func(i int) bool { return outcomes[i].State != "" })
		if broken {
			continue
		}
		err := stopped
		if err == nil && ctx.Err() != nil {
			err = &Error{Code: Timeout, Err: fmt.Errorf("not sent: %w", context.Cause(ctx))}
		}
		if err == nil {
			err = a.session.Write(ctx, z, s.edit)
		}
		e := &Error{Wrote: WroteYes}
		if err != nil {
			e = asError(err, WroteUnknown, a.secrets)
		}
		for _, i := range s.changes {
			sent[i] = sent[i] || e.Wrote != WroteNo
		}
		if err == nil {
			continue
		}
		state := Failed
		switch {
		case e.Wrote != WroteNo:
			state = Unknown
		case e.Code == Conflict:
			state = Conflicts
		case e.Code == Invalid || e.Code == Unsupported:
			state = Rejected
		}
		for _, i := range s.changes {
			outcomes[i].fail(state, e)
		}
		if stopped == nil && e.Code != Conflict && e.Code != Invalid && e.Code != Unsupported {
			stopped = &Error{Code: e.Code, Err: fmt.Errorf("not sent after an earlier failure: %w", e)}
		}
	}
}

// settle reads the zone and lets it decide: what stands is applied, whatever
// the host answered, and what does not stand is not. A change of which
// anything was sent gets Settle to show.
func (a *Account) settle(ctx context.Context, z Zone, run Run, changes []zone.Change, outcomes []Outcome, sent []bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.opts.readBack())
	defer cancel()
	snap, err := a.Read(ctx, z)
	if err == nil && z.Caps.Settle > 0 && pending(snap, changes, sent) {
		if sleep(ctx, z.Caps.Settle) == nil {
			snap, err = a.Read(ctx, z)
		}
	}
	for i, c := range changes {
		o := &outcomes[i]
		if err != nil {
			if sent[i] {
				o.fail(Unknown, fmt.Errorf("the zone could not be read back: %w", err))
			}
			continue
		}
		switch p := seen(snap, c); {
		case p == complete:
			*o = Outcome{Owner: c.Owner, State: Applied}
		case p == partly && (sent[i] || o.State != Conflicts):
			if o.State = Failed; sent[i] {
				o.Part = part(snap, c, run.Sets)
			}
			o.Detail = strings.TrimPrefix(o.Detail+"; part of it stands in the zone", "; ")
		case o.State == "":
			*o = Outcome{Owner: c.Owner, State: Failed, Code: Internal, Detail: "the host answered success, and the zone does not hold the change"}
		case o.State == Unknown:
			o.State = Failed
			o.Detail += "; the zone was read and does not hold the change"
		}
	}
}

func pending(snap zone.Snapshot, changes []zone.Change, sent []bool) bool {
	for i, c := range changes {
		if sent[i] && seen(snap, c) != complete {
			return true
		}
	}
	return false
}

func newOutcomes(changes []zone.Change) []Outcome {
	out := make([]Outcome, len(changes))
	for i, c := range changes {
		out[i].Owner = c.Owner
	}
	return out
}

func (o *Outcome) fail(s State, err error) {
	o.State, o.Code, o.Detail = s, CodeOf(err), err.Error()
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Locks lets one writer at a time into each zone of a host. It must not be
// copied after use.
type Locks struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// Lock waits until the zone is free or ctx ends.
func (l *Locks) Lock(ctx context.Context, driver string, z Zone) (unlock func(), err error) {
	key := driver + " " + z.ID + " " + string(z.Apex)
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
			return nil, &Error{Code: Timeout, Err: fmt.Errorf("waiting for another run on %s: %w", z.Apex.FQDN(), context.Cause(ctx))}
		}
	}
}

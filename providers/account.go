package providers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Options of an Account. The zero value works, with a journal in memory.
type Options struct {
	Journal Journal // where runs are written down; nil: in memory
	Locks   *Locks  // shared by all accounts of a process; nil: this account's own
	// Limits keeps what each credential sends within the host's Caps.Rates, for
	// all accounts that share it; nil: this account's own. It knows of this
	// process alone.
	Limits *Limits
	// Rates is what a credential may send, instead of the driver's Caps.Rates.
	// nil: the driver's; empty: no limit but what the host asks for with
	// RetryAfter.
	Rates []Rate
	// Lease keeps other processes and machines out. nil: with a JournalDir one
	// by file locks below it, so that the processes of one machine that share
	// the directory wait for each other; with any other journal none.
	Lease Lease
	Now   func() time.Time // nil: time.Now
	// Lost is how long a write whose answer was lost, or was success without
	// showing, is looked for in the zone before it is said to have failed. The
	// host's settle time comes on top. It may land later still: then it stands
	// though its run has ended without it, and planning again shows it.
	// 0: 3 seconds; at most a day.
	Lost time.Duration
	// ReadBack bounds the reading after the last write, which goes on even
	// when the caller's context has ended, and is tried again that long where
	// the host is busy or out of reach. 0: 30 seconds; at most a day.
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

func (o Options) limits() *Limits {
	if o.Limits == nil {
		return &Limits{}
	}
	return o.Limits
}

func (o Options) rates(i Info) []Rate {
	if o.Rates == nil {
		return i.Caps.Rates
	}
	return o.Rates
}

func (o Options) lease() Lease {
	if d, ok := o.Journal.(dirJournal); ok && o.Lease == nil {
		return LeaseDir(filepath.Join(string(d), "locks"))
	}
	return o.Lease
}

func (o Options) lost() time.Duration {
	if o.Lost == 0 {
		return 3 * time.Second
	}
	return min(o.Lost, 24*time.Hour)
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
	return min(o.ReadBack, 24*time.Hour)
}

// Account is one customer's account at a host, and the only way Mooring writes
// to one. It is safe for concurrent use.
type Account struct {
	info    Info
	session Session
	secrets []string
	long    []string // those of secrets that make a zone suspicious
	opts    Options
	journal Journal
	locks   *Locks
	lease   Lease // nil: none
	turn    turn
}

// Open makes an account without I/O. It fails with InvalidCredentials when
// the driver finds a credential missing or malformed.
func Open(d Driver, c Credentials, o Options) (*Account, error) {
	info := d.Info()
	secrets := c.secrets(info.Fields)
	if err := c.Missing(info.Fields); err != nil {
		return nil, fmt.Errorf("%s: %w", info.ID, err)
	}
	long := slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return len(s) < longSecret })
	a := &Account{info: info, secrets: secrets, long: long, opts: o, journal: o.journal(), locks: o.locks(), lease: o.lease()}
	limits := o.limits()
	a.turn = turn{limits: limits, of: limits.of(info.ID, c), rates: o.rates(info)}
	// What a driver answers to Open it has not heard from its host.
	err := a.guard("Open", WroteNo, func() (err error) {
		a.session, err = d.Open(c)
		return err
	})
	if err != nil {
		return nil, a.named(err)
	}
	return a, nil
}

// Format prints the host's ID whatever the verb: an account holds secrets.
func (a *Account) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "account at "+a.info.ID) }

// Info is the driver's.
func (a *Account) Info() Info { return a.info }

// Find looks up the zone whose apex is apex. Like Check and Read it tries three
// times more where the host is RateLimited or Unavailable, with growing pauses
// or when the host says; where that is beyond ctx, or more than 30 seconds, the
// error comes at once.
func (a *Account) Find(ctx context.Context, apex zone.Name) (z Zone, err error) {
	err = a.read(ctx, "Find", fewTries, func(ctx context.Context) (err error) {
		if z, err = a.session.Find(ctx, apex); err == nil {
			err = a.telling(z)
		}
		return err
	})
	if err != nil {
		return Zone{}, a.named(err)
	}
	return z, nil
}

// Check asks the host whether the credentials are valid, where its driver can.
func (a *Account) Check(ctx context.Context) error {
	c, ok := a.session.(Checker)
	if !ok {
		return nil
	}
	if err := a.read(ctx, "Check", fewTries, c.Check); err != nil {
		return a.named(err)
	}
	return nil
}

// List is all zones of the account, in the driver's order. It fails with
// Unsupported where the driver cannot list them.
func (a *Account) List(ctx context.Context) (zones []Zone, err error) {
	l, ok := a.session.(Lister)
	if !ok {
		return nil, a.named(&Error{Code: Unsupported, Err: errors.New("the driver cannot list the zones of an account: name the zone")})
	}
	err = a.read(ctx, "List", fewTries, func(ctx context.Context) (err error) {
		zones, err = l.List(ctx)
		for i := 0; err == nil && i < len(zones); i++ {
			err = a.telling(zones[i])
		}
		return err
	})
	if err != nil {
		return nil, a.named(err)
	}
	return zones, nil
}

// Read is the whole zone.
func (a *Account) Read(ctx context.Context, z Zone) (zone.Snapshot, error) {
	r, err := a.look(ctx, z, fewTries)
	return r.snap, err
}

// reading is a zone as it was read, and when the reading began: what is written
// on its ground may undo what others have written since.
type reading struct {
	snap  zone.Snapshot
	began time.Time
}

// look reads a zone.
func (a *Account) look(ctx context.Context, z Zone, p patience) (r reading, err error) {
	err = a.read(ctx, "Read", p, func(ctx context.Context) (err error) {
		r.began = time.Now()
		if r.snap, err = a.session.Read(ctx, z); err == nil {
			err = a.tellingSnapshot(r.snap)
		}
		return err
	})
	if err != nil {
		return reading{}, a.named(err)
	}
	return r, nil
}

// Apply writes the changes, at most one for each owner, and says for each
// what became of it. What the run needs beside the changes (ID, Request) is
// the caller's; the rest of it is filled in, and it is in the journal before
// the first write. A run that has nothing to write is not journalled.
//
// A change whose guards do not hold is a conflict and is not written. A write
// whose answer was lost is settled by reading the zone. Where a CNAME and other
// types change places and the host refuses what was to come, what stood there
// is put back at once.
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
// change, and writes it, all under the zone's lock and lease. An error means
// that nothing was written: the zone could not be had or read, the journal
// could not be written, or plan returned it.
//
// A zone with an open run is refused with *Unsettled: what stands there may be
// half of that run, and would be taken for somebody else's. This costs one
// listing of the journal and the reading of its open runs.
func (a *Account) Transact(ctx context.Context, z Zone, plan func(zone.Snapshot) ([]zone.Change, *Run, error)) ([]Outcome, error) {
	ctx, held, release, err := a.hold(ctx, z)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := a.settled(ctx, z); err != nil {
		return nil, err
	}
	now, err := a.look(ctx, z, fewTries)
	if err != nil {
		return nil, err
	}
	changes, run, err := plan(now.snap)
	if err != nil {
		return nil, err
	}
	return a.write(ctx, held, z, now, changes, run, false)
}

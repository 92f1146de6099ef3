package providers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Account is one customer's account at a host, and the only way Mooring writes
// to one. It is safe for concurrent use.
type Account struct {
	info    Info
	session hidden[Session]
	secrets hidden[secrets]
	opts    Options
	journal Journal
	locks   *Locks
	lease   Lease // nil: none
	turn    turn
}

// Open makes an account without I/O. It fails with InvalidCredentials when
// the driver finds a credential missing or malformed, and with Internal when the
// driver panics or gives no session.
func Open(d Driver, c Credentials, o Options) (*Account, error) {
	a := &Account{secrets: newSecrets(c, nil), opts: o, journal: o.journal(), locks: o.locks(), lease: o.lease()}
	// What a driver answers to Info and Open it has not heard from its host.
	err := a.guard("Info", WroteNo, func() error {
		a.info = d.Info()
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open an account: %w", err)
	}
	a.secrets = newSecrets(c, a.info.Fields)
	if err := c.Missing(a.info.Fields); err != nil {
		return nil, a.named(err)
	}
	limits := o.limits()
	a.turn = turn{limits: limits, of: limits.of(a.info, c), rates: o.rates(a.info)}
	err = a.guard("Open", WroteNo, func() error {
		s, err := d.Open(c)
		if a.session = hide(s); err == nil && s == nil {
			err = &Error{Code: Internal, Err: errors.New("the driver gave neither a session nor an error: this is a fault of the driver")}
		}
		return err
	})
	if err != nil {
		return nil, a.named(err)
	}
	return a, nil
}

// Format prints the host's ID whatever the verb, of an account and of a pointer
// to one: it holds secrets.
func (a Account) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "account at "+a.info.ID) }

// Info is the driver's.
func (a *Account) Info() Info { return a.info }

// Find looks up the zone whose apex is apex. Like Check, List and Read it tries
// three times more where the host is RateLimited or Unavailable, with growing
// pauses or when the host says; where that is beyond ctx, or more than 30
// seconds, the error comes at once.
func (a *Account) Find(ctx context.Context, apex zone.Name) (z Zone, err error) {
	err = a.read(ctx, "Find", fewTries, func(ctx context.Context) (err error) {
		if z, err = a.session().Find(ctx, apex); err == nil {
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
	c, ok := a.session().(Checker)
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
	l, ok := a.session().(Lister)
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
		if r.snap, err = a.session().Read(ctx, z); err == nil {
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

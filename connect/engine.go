package connect

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/safehttp"
)

// Options of an Engine. The zero value detects hosts and walks manual set-ups;
// it can write nothing, having no driver.
type Options struct {
	Drivers []providers.Driver
	Journal providers.Journal // where a run is written down before it starts; nil: in memory
	// Lease keeps other processes and machines out of a zone while a run is
	// under way. nil: with a JournalDir one by file locks, for the processes of
	// one machine that share it; with any other journal none.
	Lease providers.Lease
	// Lost is how long a write whose answer was lost, or was success without
	// showing, is looked for in the zone before it is said to have failed, and how
	// old a run must be before Recover says that it never began. The host's settle
	// time comes on top. 0: 3 seconds; at most a day.
	Lost time.Duration
	// Limits keeps what each credential sends within what its host allows; several
	// engines of a process should share one. nil: this engine's own.
	Limits *providers.Limits
	// Rates is what one credential may send, instead of what its driver says. nil:
	// what the driver says; empty: as much as the host takes.
	Rates  []providers.Rate
	Verify verify.Options // how DNS is asked
	// Web is how the web is asked whether redirects work. Plain HTTP is part of
	// that whatever it says, and where it has no Resolve, names are resolved by
	// the servers of their zones.
	Web safehttp.Options
	// Compat is the vocabulary of the statuses in events and reports.
	Compat Compat
	// Policies is what is done about conflicts that no decision answers. Each
	// plan carries the ones it was made with.
	Policies plan.Policies
	// Event is called for every change of status, from the goroutine of the
	// call that causes it. It must not block. nil: nobody is told.
	Event func(Event)
	Now   func() time.Time // nil: time.Now
}

func (o Options) journal() providers.Journal {
	if o.Journal == nil {
		return providers.JournalMemory()
	}
	return o.Journal
}

func (o Options) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// Engine walks a domain from detection to proof. It is safe for concurrent
// use, and runs on one zone wait for each other.
type Engine struct {
	opts    Options
	journal providers.Journal
	locks   *providers.Locks
	limits  *providers.Limits
	dns     *verify.Verifier
	web     *safehttp.Client
}

// New makes an engine. It fails when two drivers have one ID.
func New(o Options) (*Engine, error) {
	seen := map[string]bool{}
	for _, d := range o.Drivers {
		id := d.Info().ID
		if id == "" || seen[id] {
			return nil, fmt.Errorf("connect: driver ID %q is empty or given twice", id)
		}
		seen[id] = true
	}
	e := &Engine{opts: o, journal: o.journal(), locks: &providers.Locks{}, limits: cmp.Or(o.Limits, &providers.Limits{}), dns: verify.New(o.Verify)}
	web := o.Web
	web.PlainHTTP = true
	if web.Resolve == nil {
		web.Resolve = e.addresses
	}
	e.web = safehttp.New(web)
	return e, nil
}

func (e *Engine) driver(id string) (providers.Driver, error) {
	for _, d := range e.opts.Drivers {
		if d.Info().ID == id {
			return d, nil
		}
	}
	return nil, fmt.Errorf("connect: no driver %q is loaded", id)
}

// open makes the account of a site.
func (e *Engine) open(site Site, creds providers.Credentials) (*providers.Account, error) {
	if site.SetupType != Automatic {
		return nil, ErrManual
	}
	d, err := e.driver(site.Provider)
	if err != nil {
		return nil, err
	}
	return providers.Open(d, creds, providers.Options{
		Journal: e.journal, Locks: e.locks, Limits: e.limits, Rates: e.opts.Rates,
		Lease: e.opts.Lease, Lost: e.opts.Lost, Now: e.opts.Now,
	})
}

// ErrManual is for a site whose records a person sets by hand.
var ErrManual = errors.New("connect: this domain is set up by hand, since its host was not recognised or nobody named it (Engine.Use): show the plan's steps, then wait for Plan.ByHand")

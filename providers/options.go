package providers

import (
	"path/filepath"
	"time"
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

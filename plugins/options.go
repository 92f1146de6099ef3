package plugins

import (
	"log/slog"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// Options say which plugins there are and how they are kept. The zero value
// works, and has none.
type Options struct {
	// Dirs are searched for plugin binaries; nothing else is, and nothing below
	// them.
	Dirs []string
	// Lock is the file that pins what may run; "": plugins.lock.json in each of
	// Dirs.
	Lock string
	// Unpinned runs binaries that no lock names. It is for the development of a
	// plugin.
	Unpinned bool
	// State is the directory for private copies and sockets, made where it is
	// missing; "": mooring/plugins in the user's cache directory. Hosts may share
	// one. Its path must be short, since those of sockets are bounded.
	State string
	// Args are the arguments of each plugin, by ID. Other users of the machine
	// can read them: credentials do not belong there.
	Args map[string][]string

	// Carried are drivers of this very program that run in processes of their
	// own: it executes itself again, and the first thing that its main must do is
	// to call sdk.Carry with the same drivers. The processes are started with
	// CarriedArgs.
	Carried     []providers.Driver
	CarriedArgs []string

	// Env names the variables of this process that plugins get as well, such as
	// HTTPS_PROXY and SSL_CERT_FILE. They get none that is not named here.
	Env []string
	// Log gets what plugins print and what becomes of them, without the
	// credentials that they are called with; nil: nobody does.
	Log *slog.Logger

	Start   time.Duration // a plugin must have introduced itself by then; 0: 10 s
	Silence time.Duration // the longest that one call may take, without the turns it waits for; 0: 2 min
	Probe   time.Duration // between two looks at a running plugin; 0: 5 s
	Idle    time.Duration // without a call until a plugin is stopped; 0: 10 min; below 0: never
	Drain   time.Duration // that calls under way have when their plugin is stopped; 0: 5 s, which is the most that Close gives

	Calls           int // under way at once in one plugin; 0: 256
	CallsPerAccount int // of them with one credential; 0: 8
	// Crashes within two minutes put a plugin in quarantine: from then on it is
	// started on trial, and rarely; 0: 5.
	Crashes int
}

func (o Options) start() time.Duration   { return orDuration(o.Start, 10*time.Second) }
func (o Options) silence() time.Duration { return orDuration(o.Silence, 2*time.Minute) }
func (o Options) probe() time.Duration   { return orDuration(o.Probe, 5*time.Second) }
func (o Options) drain() time.Duration   { return orDuration(o.Drain, 5*time.Second) }

// idle is 0 where a plugin is never stopped for want of calls.
func (o Options) idle() time.Duration {
	if o.Idle < 0 {
		return 0
	}
	return orDuration(o.Idle, 10*time.Minute)
}

func (o Options) calls() int           { return orInt(o.Calls, 256) }
func (o Options) callsPerAccount() int { return orInt(o.CallsPerAccount, 8) }
func (o Options) crashes() int         { return orInt(o.Crashes, 5) }

func (o Options) log() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

func orDuration(d, usual time.Duration) time.Duration {
	if d <= 0 {
		return usual
	}
	return d
}

func orInt(n, usual int) int {
	if n <= 0 {
		return usual
	}
	return n
}

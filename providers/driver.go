package providers

import (
	"context"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Driver speaks one host's API for all tenants. It holds no tenant state, and
// never retries, clamps, merges or logs. It calls [Wait] before each request.
type Driver interface {
	// Info is constant: it may be called often and does no I/O.
	Info() Info
	// Open makes a session for one customer's account without I/O. It fails
	// with InvalidCredentials when a field is missing or malformed.
	Open(Credentials) (Session, error)
}

// Session is one customer's account at a host, safe for concurrent use. Every
// error is an *Error. One that panics, in the goroutine of the call, fails that
// call with Internal.
type Session interface {
	// Find looks up the zone whose apex is exactly apex. It fails with
	// NoSuchZone when the account does not hold it and with Ambiguous when it
	// holds several.
	Find(ctx context.Context, apex zone.Name) (Zone, error)
	// Read is every record of the zone, all pages, or an error; never a prefix.
	Read(ctx context.Context, z Zone) (zone.Snapshot, error)
	// Write makes e.Before become e.After and leaves all else byte-identical.
	// With Caps.CAS, a zone that does not hold Before, or holds what must be
	// absent, is answered with Conflict and nothing is written. e.Tag is the
	// version of the zone that Account has read; it is empty in every write
	// after the first one of a run, and then Before alone is compared.
	Write(ctx context.Context, z Zone, e zone.Edit) error
}

// Zone is a zone in a customer's account.
type Zone struct {
	ID          string      `json:"id"` // the host's own
	Apex        zone.Name   `json:"apex"`
	NameServers []zone.Name `json:"name_servers,omitempty"` // as the host assigned them
	Caps        Caps        `json:"caps"`                   // of this zone's plan tier
}

// Lister is a Session that can name all zones of its account.
type Lister interface {
	List(ctx context.Context) ([]Zone, error)
}

// Checker is a Session that can tell, without writing, whether its credentials
// are valid, and for what precise reason they are not.
type Checker interface {
	Check(ctx context.Context) error
}

package connect

import (
	"time"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/verify"
)

// EventType is what happened to a site.
type EventType string

// The events of a walk, in its order.
const (
	Detected    EventType = "detected"
	Prepared    EventType = "prepared"
	Applying    EventType = "applying" // the run is about to be written
	Applied     EventType = "applied"
	Propagating EventType = "propagating" // the records that DNS shows have changed, or a status has
	Connected   EventType = "connected"   // every record and every redirect is proven
	TimedOut    EventType = "timeout"     // waiting ended before that
)

// Event tells a host app of a change of status. Its record fields are those
// of the Entri webhook.
type Event struct {
	Type      EventType           `json:"type"`
	At        time.Time           `json:"at"`
	Site      Site                `json:"site"`
	Run       string              `json:"run,omitempty"`
	Plan      string              `json:"plan,omitempty"` // its ID
	Status    plan.Status         `json:"status,omitempty"`
	Outcomes  []providers.Outcome `json:"outcomes,omitempty"`
	Verdict   verify.Verdict      `json:"verdict,omitempty"`
	Confirmed []entri.EventRecord `json:"records_propagated,omitempty"`
	Missing   []entri.EventRecord `json:"records_non_propagated,omitempty"`
	Lingering []entri.EventRecord `json:"records_lingering,omitempty"` // removed, and still served

	// The statuses are those of Propagating, Connected and TimedOut; Updated is
	// the names of those that are not as the event before had them.
	Statuses
	Updated   []string        `json:"updated_objects,omitempty"`
	Redirects []RedirectState `json:"redirects,omitempty"`

	FailedOptional []entri.FailedRecord `json:"failedOptionalRecords,omitempty"`
}

func (e *Engine) event(ev Event) {
	if e.opts.Event != nil {
		ev.At = e.opts.now()
		e.opts.Event(ev)
	}
}

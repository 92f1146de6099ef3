package libdnsdriver

import (
	"errors"
	"fmt"
	"sync"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// debt is what the session has to say of writes that have come back: harm that
// was found out when the caller had gone, and harm that nobody could look for.
type debt struct {
	mu     sync.Mutex
	loss   *loss
	unread *writing // of which the zone could not be read back
}

// owe keeps the error of work that was left, where it says that records of
// others were lost.
func (d *debt) owe(err error) {
	var l *loss
	if !errors.As(err, &l) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.loss = l
}

// watch keeps a write for the next reading of its zone.
func (d *debt) watch(w *writing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unread = w
}

// pay is what is owed, nil for nothing, and owes it no more.
func (d *debt) pay() *loss {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.loss
	d.loss = nil
	return l
}

// see compares what is read now with what a write that is watched was to leave.
// What is gone stays gone: so long after it, the hand may be somebody else's.
func (d *debt) see(now zone.Snapshot) *loss {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.unread
	if w == nil || w.apex != now.Zone {
		return nil
	}
	d.unread = nil
	if gone := w.lost(now.Records); len(gone) > 0 {
		return &loss{lost: gone, still: gone}
	}
	return nil
}

// late is the error of a reading that has harm to tell. That something was
// written lets an Account know it for its run's.
func late(l *loss) error {
	return &providers.Error{Code: providers.Internal, Wrote: providers.WroteYes, Err: fmt.Errorf("a write before it did harm: %w", l)}
}

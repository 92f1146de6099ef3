package memory

import (
	"context"
	"errors"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Fault is what goes wrong with a request. The zero value is nothing.
type Fault struct {
	Delay      time.Duration  // before the write, or with Land between the write and its answer; ends with the context
	Land       bool           // the write happens, whatever is answered
	Code       providers.Code // what is answered; empty: what a healthy host answers
	Reason     providers.Reason
	Wrote      providers.Wrote // what the answer says about the write
	RetryAfter time.Duration
}

// Lost is a write whose answer never arrives, after it landed or without.
func Lost(landed bool) Fault {
	return Fault{Land: landed, Code: providers.Timeout, Wrote: providers.WroteUnknown}
}

// Slow is a request that takes its time and then goes well.
func Slow(d time.Duration) Fault { return Fault{Delay: d} }

// Refused is a request that the host refuses; nothing is written.
func Refused(code providers.Code) Fault { return Fault{Code: code} }

// RateLimited is a request that came too soon; nothing is written.
func RateLimited(after time.Duration) Fault {
	return Fault{Code: providers.RateLimited, RetryAfter: after}
}

func (f Fault) err() error {
	if f.Code == "" {
		return nil
	}
	return &providers.Error{Code: f.Code, Reason: f.Reason, Wrote: f.Wrote, RetryAfter: f.RetryAfter, Err: errors.New("as told")}
}

// wait sleeps for Delay. wrote is what a client knows that gave up meanwhile.
func (f Fault) wait(ctx context.Context, wrote providers.Wrote) error {
	if f.Delay <= 0 {
		return nil
	}
	t := time.NewTimer(f.Delay)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return timeout(ctx, wrote)
	}
}

// Hooks are called around every write that reached the host, with its number,
// counted from 1. An error of theirs is answered as it is: one of Before keeps
// the write from happening, one of After hides that it happened. They hold no
// lock, so they may use the Host, and may end the process.
type Hooks struct {
	Before func(n int, e zone.Edit) error
	After  func(n int, e zone.Edit) error // only after a write that happened
}

// SetHooks replaces the hooks; SetHooks(Hooks{}) takes them away.
func (h *Host) SetHooks(hooks Hooks) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hooks = hooks
}

// SetFault makes every write from now on meet f; SetFault(Fault{}) heals the
// host.
func (h *Host) SetFault(f Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fault = f
}

// SetReadFault is SetFault for everything that is no write.
func (h *Host) SetReadFault(f Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.readFault = f
}

// FailWrite makes the n-th write from now on meet f, 1 being the next, before
// any fault of SetFault.
func (h *Host) FailWrite(n int, f Fault) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.script[h.writes+n] = f
}

// writing counts a write and is what it meets.
func (h *Host) writing() (n int, f Fault, hooks Hooks) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writes++
	f, ok := h.script[h.writes]
	if !ok {
		f = h.fault
	}
	delete(h.script, h.writes)
	return h.writes, f, h.hooks
}

func (h *Host) readingFault() Fault {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.readFault
}

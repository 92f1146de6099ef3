package providertest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

var faultCases = []Case{
	{"fault-read-rate-limited", "Find and Read that came too soon are RateLimited, and say when to come again.", readFault(FaultRateLimited, providers.RateLimited)},
	{"fault-read-unavailable", "Find and Read at a host that is broken are Unavailable.", readFault(FaultUnavailable, providers.Unavailable)},
	{"fault-read-html", "Find and Read that are answered with a web page are Unavailable, and no empty zone.", readFault(FaultHTML, providers.Unavailable)},
	{"fault-read-denied", "Find and Read that the account may not do are AccessDenied.", readFault(FaultDenied, providers.AccessDenied)},
	{"fault-read-half", "Find and Read whose answer breaks off are an error, never a part of the zone.", readFault(FaultHalf, providers.Unavailable, providers.Timeout)},
	{"fault-read-lost", "Find and Read that get no answer are Unavailable or Timeout.", readFault(FaultLost, providers.Unavailable, providers.Timeout)},
	{"fault-write-rate-limited", "A write that came too soon is RateLimited, says when to come again and that nothing was written.", writeFault(FaultRateLimited, providers.RateLimited)},
	{"fault-write-unavailable", "A write at a host that is broken is Unavailable, and says no more of the zone than is so.", writeFault(FaultUnavailable, providers.Unavailable)},
	{"fault-write-html", "A write that is answered with a web page is Unavailable, and says no more of the zone than is so.", writeFault(FaultHTML, providers.Unavailable)},
	{"fault-write-denied", "A write that the account may not do is AccessDenied, and says that nothing was written.", writeFault(FaultDenied, providers.AccessDenied)},
	{"fault-write-half", "A write whose answer breaks off may have landed, and is not said not to.", writeFault(FaultHalf, providers.Unavailable, providers.Timeout)},
	{"fault-write-landed", "A write that landed and whose answer was lost is not said to be absent.", writeFault(FaultLandedLost, providers.Unavailable, providers.Timeout)},
	{"fault-write-lost", "A write that got no answer and did not land is not said to be there.", writeFault(FaultLost, providers.Unavailable, providers.Timeout)},
	{"fault-outcome", "Of a write whose answer was lost, the outcome is what stands in the zone.", faultOutcome},
}

// silence is how long a call waits for an answer that does not come. A host
// that closes the connection is heard at once.
const silence = time.Second

// heard is the context of a call that meets a fault: one that ends soon where
// no answer comes, and where Timeout is as good an answer as any.
func (e *env) heard(kind Fault) (context.Context, context.CancelFunc) {
	switch kind {
	case FaultLost, FaultLandedLost, FaultHalf:
		return context.WithTimeout(e.ctx(), silence)
	default:
		return context.WithCancel(e.ctx())
	}
}

// misbehave asks the harness for a fault.
func (e *env) misbehave(kind Fault, onlyWrites bool) error {
	if e.h.Fault == nil {
		return notHere("the harness cannot make the host misbehave")
	}
	if !e.h.Fault(e.t, kind, onlyWrites) {
		return notHere("the host cannot be made to misbehave so: " + string(kind))
	}
	return nil
}

// judged wants an error of one of the codes, with the time to wait where the
// host named one.
func judged(err error, kind Fault, codes []providers.Code) error {
	if bad := typed(err, codes...); bad != nil {
		return bad
	}
	if pe, _ := errors.AsType[*providers.Error](err); kind == FaultRateLimited && pe.RetryAfter <= 0 {
		return fmt.Errorf("the error does not say when to come again: %w", err)
	}
	return nil
}

func readFault(kind Fault, codes ...providers.Code) func(*env) error {
	return func(e *env) error {
		if _, err := e.seed(); err != nil {
			return err
		}
		if err := e.misbehave(kind, false); err != nil {
			return err
		}
		for name, call := range map[string]func(context.Context) error{
			"Find": func(ctx context.Context) error { _, err := e.session.Find(ctx, e.apex); return err },
			"Read": func(ctx context.Context) error { _, err := e.session.Read(ctx, e.zone); return err },
		} {
			ctx, cancel := e.heard(kind)
			err := call(ctx)
			cancel()
			bad := judged(err, kind, codes)
			if pe, ok := errors.AsType[*providers.Error](err); ok && bad == nil && pe.Wrote != providers.WroteNo {
				bad = fmt.Errorf("a read says that something may have been written: %w", err)
			}
			if bad != nil {
				return fmt.Errorf("%s: %w", name, bad)
			}
		}
		return nil
	}
}

func writeFault(kind Fault, codes ...providers.Code) func(*env) error {
	return func(e *env) error {
		before, err := e.seed(e.tokens()...)
		if err != nil {
			return err
		}
		snap, err := e.raw()
		if err != nil {
			return err
		}
		mine := e.txt("txt", "mine")
		ed := e.edit(snap, nil, &mine)
		if err := e.misbehave(kind, true); err != nil {
			return err
		}
		sent := e.writes()
		ctx, cancel := e.heard(kind)
		defer cancel()
		err = e.session.Write(ctx, e.zone, ed)
		if n := e.writes() - sent; n > 1 {
			return fmt.Errorf("%d writes were sent: a write that failed is not sent again", n)
		}
		landed, bad := e.landed(before, before.With(zone.Change{Owner: mine.Name, Add: []zone.Record{mine}}))
		switch {
		case bad != nil:
			return bad
		case err == nil && landed && kind == FaultHalf: // the status was read, and said it all
			return nil
		}
		if bad := judged(err, kind, codes); bad != nil {
			return bad
		}
		return truthful(err, kind, landed)
	}
}

// landed is which of two zones stands; it must be one of them.
func (e *env) landed(before, after zone.Snapshot) (bool, error) {
	got, err := e.read()
	if err != nil {
		return false, err
	}
	if differ(got, after) == nil {
		return true, nil
	}
	return false, differ(got, before)
}

// truthful compares what an error says of the zone with the zone. A refusal
// must be known as one.
func truthful(err error, kind Fault, landed bool) error {
	pe, _ := errors.AsType[*providers.Error](err)
	refused := kind == FaultRateLimited || kind == FaultDenied
	switch {
	case landed && pe.Wrote == providers.WroteNo:
		return fmt.Errorf("the error says that nothing was written, and it was: %w", err)
	case !landed && pe.Wrote == providers.WroteYes:
		return fmt.Errorf("the error says that it was written, and it was not: %w", err)
	case refused && pe.Wrote != providers.WroteNo:
		return fmt.Errorf("the error does not say that nothing was written, and a refusal writes nothing: %w", err)
	}
	return nil
}

func faultOutcome(e *env) error {
	tried := 0
	for _, kind := range []Fault{FaultLandedLost, FaultLost} {
		before, err := e.seed(e.tokens()...)
		if err != nil {
			return err
		}
		if err := e.misbehave(kind, true); err != nil {
			if tried > 0 {
				continue
			}
			return err
		}
		tried++
		c := zone.Change{Owner: e.name("txt"), Add: []zone.Record{e.txt("txt", "mine")}}
		ctx, cancel := e.heard(kind)
		outcomes := e.acct.Apply(ctx, e.zone, []zone.Change{c}, &providers.Run{})
		cancel()
		landed, err := e.landed(before, before.With(c))
		if err != nil {
			return err
		}
		if done := providers.Done(outcomes); done != landed && outcomes[0].State != providers.Unknown {
			return fmt.Errorf("%s: the zone holds the change: %t, and the outcome is %s: %s", kind, landed, outcomes[0].State, outcomes[0].Detail)
		}
	}
	return nil
}

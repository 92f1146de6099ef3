package libdnsdriver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// loss is records that the module was not asked to touch, and what became of
// them.
type loss struct {
	lost  []zone.Record
	still []zone.Record // of lost: could not be put back
	why   error         // where still cannot be known
}

func (l *loss) Error() string {
	s := "the module lost or changed " + show(l.lost) + ", which it was not asked to touch"
	switch {
	case l.why != nil:
		return s + "; whether they could be put back is not known: " + l.why.Error()
	case len(l.still) > 0:
		return s + "; these could not be put back: " + show(l.still)
	}
	return s + "; all were put back"
}

// show names records, a few of them and their beginnings.
func show(records []zone.Record) string {
	var out []string
	for i, r := range records {
		if i == 5 {
			out = append(out, fmt.Sprintf("and %d more", len(records)-i))
			break
		}
		s := strings.Join(strings.Fields(r.String()), " ")
		if len(s) > 120 {
			s = s[:120] + "…"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// seen is a zone after the calls, against what was before and what is wanted.
type seen struct {
	image
	lost    []zone.Record // stood before, and was to stay
	missing []zone.Record // was to come
	left    []zone.Record // was to go
}

func (v seen) complete() bool { return len(v.missing)+len(v.left) == 0 }

// look reads the zone back. What somebody else has added meanwhile is no
// concern of ours.
func (w *writing) look(ctx context.Context) (v seen, err error) {
	if v.image, err = w.image(ctx, w.apex); err != nil {
		return v, err
	}
	now := v.snap.Records
	v.lost = w.lost(now)
	v.missing = without(w.diff.come, now)
	v.left = without(w.diff.gone, without(w.diff.gone, now))
	return v, nil
}

// lost is the records that stood before, were to stay, and do not stand now.
func (w *writing) lost(now []zone.Record) []zone.Record {
	out := without(without(w.before.snap.Records, w.diff.gone), now)
	return slices.DeleteFunc(out, func(r zone.Record) bool { return r.Type == "SOA" || signing(r.Type) })
}

// judge says what became of the edit, by reading the whole zone back, and puts
// it right where the module has harmed it. It goes on when ctx has ended:
// records of others may be at stake.
func (w *writing) judge(ctx context.Context, failed error) error {
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.driver.patience()+3*w.caps.Settle)
	defer cancel()
	e, _ := errors.AsType[*providers.Error](failed)
	unsent := e != nil && e.Wrote == providers.WroteNo
	if unsent && (w.done > 0 || len(w.calls[w.done].records) > 1) {
		e.Wrote = providers.WroteUnknown // what went before stands, until the zone says otherwise
	}
	v, err := w.settled(detached)
	if err == nil && e == nil {
		v, err = w.evened(detached, v)
	}
	if err != nil {
		w.debt.watch(w)
	}
	switch {
	case err != nil && e != nil:
		return e
	case err != nil:
		return &providers.Error{Code: providers.CodeOf(err), Wrote: providers.WroteUnknown, Err: fmt.Errorf("the zone could not be read back: %w", err)}
	case len(v.lost) > 0:
		l := w.repair(detached, v)
		if e != nil {
			return &providers.Error{Code: providers.Internal, Wrote: providers.WroteYes, RetryAfter: e.RetryAfter, Err: fmt.Errorf("%w (and the call failed: %w)", l, e.Err)}
		}
		return &providers.Error{Code: providers.Internal, Wrote: providers.WroteYes, Err: l}
	case v.complete() && e != nil:
		e.Wrote, e.Err = providers.WroteYes, fmt.Errorf("%w; the zone was read and holds the edit", e.Err)
		return e
	case v.complete():
		return nil
	case e == nil:
		return &providers.Error{Code: providers.Internal, Wrote: providers.WroteUnknown, Err: errors.New("the module reports success, and the zone " + v.lacks())}
	case !unsent && !refusal(e.Code):
		return e // something of it may still be under way
	}
	return w.takeBack(detached, v, e)
}

func (v seen) lacks() string {
	var parts []string
	if len(v.missing) > 0 {
		parts = append(parts, "does not hold "+show(v.missing))
	}
	if len(v.left) > 0 {
		parts = append(parts, "still holds "+show(v.left))
	}
	return strings.Join(parts, " and ")
}

// settled is look, again until the zone holds the edit and all that was to stay,
// or the host has had its time: before that nothing is known of a write that was
// refused either, for half of it may stand and not show.
func (w *writing) settled(ctx context.Context) (seen, error) {
	v, err := w.look(ctx)
	if err == nil && len(v.lost) > 0 && w.caps.Settle <= 0 { // some modules read half an answer as a zone
		v, err = w.look(ctx)
	}
	for waited := time.Duration(0); err == nil && (len(v.lost) > 0 || !v.complete()) && waited < w.caps.Settle; {
		step := min(max(waited, w.caps.Settle/8, 1), w.caps.Settle-waited)
		if err = pause(ctx, step); err == nil {
			v, err = w.look(ctx)
		}
		waited += step
	}
	return v, err
}

// evened removes and adds once more a value that stands with another TTL than it
// was to have: beside others, some hosts give it theirs.
func (w *writing) evened(ctx context.Context, v seen) (seen, error) {
	if len(v.lost) > 0 || len(v.standing(v.missing)) == 0 {
		return v, nil
	}
	_ = w.restore(ctx, v, v.missing) // whether it has helped is read
	return w.shown(ctx)
}

// shown is look when the host has had its time. An earlier look may show the
// zone as it was before the write that is looked for.
func (w *writing) shown(ctx context.Context) (seen, error) {
	if err := pause(ctx, w.caps.Settle); err != nil {
		return seen{}, err
	}
	return w.look(ctx)
}

// pause waits so long, and no longer than ctx.
func pause(ctx context.Context, d time.Duration) error {
	over, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-over.Done()
	return ctx.Err()
}

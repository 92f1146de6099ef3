package libdnsdriver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// standing is the records that stand in the place of these with another TTL.
func (v seen) standing(records []zone.Record) (out []zone.Record) {
	for _, r := range v.snap.Records {
		if zone.Contains(records, r) && !slices.Contains(records, r) {
			out = append(out, r)
		}
	}
	return out
}

// restore adds records, and takes away first what stands in their place with
// another TTL.
func (w *writing) restore(ctx context.Context, v seen, records []zone.Record) error {
	var gone, come []libdns.Record
	for _, r := range v.standing(records) {
		raw, err := w.exact(v.image, r)
		if err != nil {
			return err
		}
		gone = append(gone, raw)
	}
	for _, r := range records {
		raw, err := spell(r, w.apex, w.driver.Text)
		if err != nil { // what could not be read goes back as it came
			var ok bool
			if raw, ok = w.before.raw(r); !ok {
				return err
			}
		}
		come = append(come, hand(raw, w.driver.Pointers))
	}
	var errs []error
	for _, c := range []call{{true, gone}, {false, come}} {
		if len(c.records) > 0 {
			errs = append(errs, w.one(ctx, c))
		}
	}
	return errors.Join(errs...)
}

// repair puts back what was lost, and looks whether it stands: first by adding
// it, then, for a module whose AppendRecords replaces, by setting the RRset.
func (w *writing) repair(ctx context.Context, v seen) *loss {
	l := &loss{lost: v.lost, still: v.lost}
	for _, put := range []func(context.Context, seen) error{
		func(ctx context.Context, v seen) error { return w.restore(ctx, v, v.lost) },
		w.reset,
	} {
		err := put(ctx, v)
		if v, l.why = w.shown(ctx); l.why != nil {
			l.why = errors.New(w.clean(errors.Join(l.why, err).Error()))
			return l
		}
		if l.still = v.lost; len(l.still) == 0 {
			break
		}
	}
	return l
}

// reset sets every RRset that lacks a lost record to what must stand there.
func (w *writing) reset(ctx context.Context, v seen) error {
	var want []zone.Record
	lost, come := byKey(v.lost), byKey(v.missing)
	for _, k := range (zone.Edit{Before: v.lost}).Keys() {
		now := without(v.snap.Set(k.Name, k.Type), v.left)
		missing := slices.Concat(lost[k], come[k])
		want = append(want, zone.Subtract(now, missing)...)
		want = append(want, missing...)
	}
	records, err := w.spellAll(want, w.apex)
	if err != nil {
		return err
	}
	return w.ask(ctx, w.apex, w.sent, func() error {
		_, err := w.module.SetRecords(ctx, w.apex.FQDN(), records)
		return err
	})
}

// takeBack undoes what a refused edit has written before it was refused.
func (w *writing) takeBack(ctx context.Context, v seen, e *providers.Error) error {
	begun := without(w.diff.come, v.missing)
	gone := without(w.diff.gone, v.left)
	if len(begun)+len(gone) == 0 {
		e.Wrote = providers.WroteNo
		return e
	}
	var calls []call
	if len(gone) > 0 {
		back, err := w.spellAll(gone, w.apex)
		if err != nil {
			return half(e, err)
		}
		calls = append(calls, call{false, back})
	}
	if len(begun) > 0 {
		var out []libdns.Record
		for _, r := range begun {
			raw, err := w.exact(v.image, r)
			if err != nil {
				return half(e, err)
			}
			out = append(out, raw)
		}
		calls = append([]call{{true, out}}, calls...)
	}
	for _, c := range calls {
		if err := w.one(ctx, c); err != nil {
			break // the zone says what came of it
		}
	}
	now, err := w.shown(ctx)
	if err != nil {
		w.debt.watch(w)
	}
	if err == nil && len(now.lost) == 0 && len(without(w.diff.come, now.missing)) == 0 && len(without(w.diff.gone, now.left)) == 0 {
		e.Wrote, e.Err = providers.WroteNo, fmt.Errorf("%w; what was written of the edit was taken back", e.Err)
		return e
	}
	return half(e, err)
}

// half is the error of an edit that was refused half-way, and could not be
// taken back.
func half(e *providers.Error, why error) *providers.Error {
	return &providers.Error{
		Code: providers.Internal, Wrote: providers.WroteYes, RetryAfter: e.RetryAfter,
		Err: fmt.Errorf("refused half-way, and part of the edit stands: %w", errors.Join(e.Err, why)),
	}
}

package libdnsdriver

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

func (s *session) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	e.Before, e.After = asRead(e.Before), asRead(e.After)
	d := difference(e)
	if err := s.sound(z.Apex, d); err != nil {
		return err
	}
	if len(d.gone)+len(d.come) == 0 {
		return nil
	}
	_, err := alone(ctx, s, func(ctx context.Context, sent *atomic.Bool) (struct{}, error) {
		if s.driver.Mode != Untrusted {
			return struct{}{}, s.bare(ctx, z.Apex, e, d, sent)
		}
		return struct{}{}, s.edit(ctx, z.Apex, e, d, sent)
	})
	return err
}

// diff is what an edit takes away and what it brings. A value whose TTL changes
// is in both.
type diff struct{ gone, come []zone.Record }

func difference(e zone.Edit) diff {
	return diff{gone: without(e.Before, e.After), come: without(e.After, e.Before)}
}

// asRead is records as a reading of ours has them: libdns knows neither the
// borders between the strings of a TXT record nor anything a host keeps beside
// the data.
func asRead(records []zone.Record) []zone.Record {
	out := slices.Clone(records)
	for i, r := range out {
		if r.Type == "TXT" && !r.Opaque {
			out[i] = zone.NewTXT(r.Name, r.TTL, r.Text())
		}
		out[i].Meta = ""
	}
	return out
}

// without is the records of a that do not stand in b as they are.
func without(a, b []zone.Record) (out []zone.Record) {
	in := make(map[zone.Record]bool, len(b))
	for _, r := range b {
		in[r] = true
	}
	for _, r := range a {
		if !in[r] {
			out = append(out, r)
		}
	}
	return out
}

// edit writes as to a host that is not believed.
func (s *session) edit(ctx context.Context, apex zone.Name, e zone.Edit, d diff, sent *atomic.Bool) error {
	if l := s.debt.pay(); l != nil {
		return refuse(providers.Internal, "not sent, for a write before it did harm: %w", l)
	}
	img, err := s.image(ctx, apex)
	if err != nil {
		return err
	}
	if l := s.debt.see(img.snap); l != nil {
		return refuse(providers.Internal, "not sent, for a write before it did harm: %w", l)
	}
	if err := s.guard(img.snap, e, d); err != nil {
		return err
	}
	w := &writing{session: s, apex: apex, before: img, diff: d, sent: sent}
	if err := w.prepare(); err != nil {
		return err
	}
	failed := w.send(ctx)
	if !sent.Load() {
		return failed // of our own making: the module was not asked
	}
	return w.judge(ctx, failed)
}

// writing is one edit under way.
type writing struct {
	*session
	apex   zone.Name
	before image
	diff   diff
	calls  []call
	done   int // how many calls came before the last one
	sent   *atomic.Bool
}

// call is one request to the module.
type call struct {
	remove  bool
	records []libdns.Record
}

// prepare orders the calls: what is new is added before what is old goes, so
// that the owner is never without an answer. Two kinds of values must go first:
// those of which only the TTL changes, for most hosts hold a value once, and
// those of an owner that becomes a CNAME or was one (RFC 1034 section 3.6.2).
func (w *writing) prepare() error {
	swapped := map[zone.Name]bool{}
	for _, r := range slices.Concat(w.diff.gone, w.diff.come) {
		swapped[r.Name] = swapped[r.Name] || r.Type == "CNAME"
	}
	var first, last []libdns.Record
	for _, r := range w.diff.gone {
		raw, err := w.exact(w.before, r)
		if err != nil {
			return err
		}
		if swapped[r.Name] || zone.Contains(w.diff.come, r) {
			first = append(first, raw)
		} else {
			last = append(last, raw)
		}
	}
	come, err := w.spellAll(w.diff.come, w.apex)
	if err != nil {
		return err
	}
	for i, raw := range come {
		if err := parses(raw); err != nil {
			r := w.diff.come[i]
			return refuse(providers.Unsupported, "%s %s: libdns cannot parse this record, and most modules can read no zone that holds it: %s", r.Name.FQDN(), r.Type, w.clean(err.Error()))
		}
	}
	for _, c := range []call{{true, first}, {false, come}, {true, last}} {
		if len(c.records) > 0 {
			w.calls = append(w.calls, c)
		}
	}
	return nil
}

// exact is a record that stands, as the module itself gave it: with that name,
// TTL and data it must find it again. A text that it gives with escapes and
// takes without is the exception.
func (w *writing) exact(img image, r zone.Record) (libdns.Record, error) {
	raw, ok := img.raw(r)
	if !ok || r.Type == "TXT" && w.driver.Text == TextEscaped {
		spelled, err := spell(r, w.apex, w.driver.Text)
		if err != nil {
			return nil, err
		}
		raw = spelled
	}
	return hand(raw, w.driver.Pointers), nil
}

// send makes the calls until one fails.
func (w *writing) send(ctx context.Context) error {
	for i, c := range w.calls {
		w.done = i
		if err := w.one(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) one(ctx context.Context, c call) error {
	do := w.module.AppendRecords
	if c.remove {
		do = w.module.DeleteRecords
	}
	return w.ask(ctx, w.apex, w.sent, func() error {
		_, err := do(ctx, w.apex.FQDN(), c.records)
		return err
	})
}

package libdnsdriver

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// bare calls the module as its documentation says, and believes it: nothing is
// compared, ordered or read back. It is what the conformance suite measures
// modules with.
func (s *session) bare(ctx context.Context, apex zone.Name, e zone.Edit, d diff, sent *atomic.Bool) error {
	type request struct {
		do      func(context.Context, string, []libdns.Record) ([]libdns.Record, error)
		records []zone.Record
	}
	var set, remove []zone.Record
	for _, k := range e.Keys() {
		before, after := ofKey(e.Before, k), ofKey(e.After, k)
		switch {
		case len(without(before, after))+len(without(after, before)) == 0:
		case len(after) > 0:
			set = append(set, after...)
		default:
			remove = append(remove, before...)
		}
	}
	requests := []request{{s.module.SetRecords, set}, {s.module.DeleteRecords, remove}}
	if s.driver.Mode == BareAppend && len(d.gone) == 0 {
		requests = []request{{s.module.AppendRecords, d.come}}
	}
	if s.driver.Mode == BareAppend && len(d.come) == 0 {
		requests = []request{{s.module.DeleteRecords, d.gone}}
	}
	for _, r := range slices.DeleteFunc(requests, func(r request) bool { return len(r.records) == 0 }) {
		records, err := s.spellAll(r.records, apex)
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ended(ctx, unknownIf(sent.Load()))
		}
		first := !sent.Swap(true)
		if p := caught(func() { _, err = r.do(ctx, apex.FQDN(), records) }); p != nil {
			err = p
		}
		if err != nil {
			e := s.explain(ctx, err, true)
			switch {
			case !first: // what went before stands
				e.Wrote = providers.WroteUnknown
			case refusal(e.Code) && len(records) == 1:
				e.Wrote = providers.WroteNo
			}
			return e
		}
	}
	return nil
}

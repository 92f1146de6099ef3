package libdnsdriver

import (
	"context"
	"errors"
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
	befores, afters := byKey(e.Before), byKey(e.After)
	for _, k := range e.Keys() {
		before, after := befores[k], afters[k]
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
		first := !sent.Load()
		err = s.ask(ctx, apex, sent, func() error {
			_, err := r.do(ctx, apex.FQDN(), records)
			return err
		})
		if e, ok := errors.AsType[*providers.Error](err); ok {
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

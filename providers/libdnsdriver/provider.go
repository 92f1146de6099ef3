package libdnsdriver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Provider is a libdns provider that works through any driver: what certmagic,
// Caddy and other users of libdns ask for is written with the driver's grain,
// under the account's lock, and believed when it was read back. It implements
// the four record interfaces of libdns v1.1.1 and ZoneLister as they are
// documented; where the documentation leaves a choice, the method says what
// this one does. Driver must be given. It is safe for concurrent use and must
// not be copied after its first.
//
// Zones may be named in any case, with or without the final dot. A zone that an
// earlier call has left unsettled (its answer was lost) is recovered first.
type Provider struct {
	Driver      providers.Driver
	Credentials providers.Credentials
	Options     providers.Options // a nil Journal is one in memory that holds open runs alone

	mu      sync.Mutex
	account *providers.Account
}

var (
	_ libdns.RecordGetter   = (*Provider)(nil)
	_ libdns.RecordAppender = (*Provider)(nil)
	_ libdns.RecordSetter   = (*Provider)(nil)
	_ libdns.RecordDeleter  = (*Provider)(nil)
	_ libdns.ZoneLister     = (*Provider)(nil)
)

// Format prints what it is whatever the verb: a provider holds secrets.
func (p *Provider) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "libdns provider of mooring")
}

// open is the account, opened once.
func (p *Provider) open() (*providers.Account, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.account != nil {
		return p.account, nil
	}
	if p.Driver == nil {
		return nil, refuse(providers.Internal, "the provider has no driver: Provider.Driver is nil")
	}
	opts := p.Options
	if opts.Journal == nil {
		opts.Journal = &openRuns{}
	}
	acct, err := providers.Open(p.Driver, p.Credentials, opts)
	if err != nil {
		return nil, err
	}
	p.account = acct
	return acct, nil
}

// find is the account and the zone that a caller names.
func (p *Provider) find(ctx context.Context, name string) (*providers.Account, providers.Zone, error) {
	apex, err := apexOf(name)
	if err != nil {
		return nil, providers.Zone{}, refuse(providers.Invalid, "zone %q: %w", name, err)
	}
	acct, err := p.open()
	if err != nil {
		return nil, providers.Zone{}, err
	}
	z, err := acct.Find(ctx, apex)
	return acct, z, err
}

// GetRecords is every record of the zone, SOA and host features (ALIAS,
// REDIRECT) included, with what libdns has no type for as libdns.RR.
func (p *Provider) GetRecords(ctx context.Context, zone string) ([]libdns.Record, error) {
	acct, z, err := p.find(ctx, zone)
	if err != nil {
		return nil, err
	}
	snap, err := acct.Read(ctx, z)
	if err != nil {
		return nil, err
	}
	return given(snap.Records, z.Apex), nil
}

// ListZones is the zones of the account, where the driver lists them; another
// driver answers Unsupported.
func (p *Provider) ListZones(ctx context.Context) ([]libdns.Zone, error) {
	acct, err := p.open()
	if err != nil {
		return nil, err
	}
	zones, err := acct.List(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]libdns.Zone, len(zones))
	for i, z := range zones {
		out[i].Name = z.Apex.FQDN()
	}
	return out, nil
}

// given is records as libdns returns them. What it cannot say goes out as the
// host's own text.
func given(records []zone.Record, apex zone.Name) []libdns.Record {
	out := make([]libdns.Record, len(records))
	for i, r := range records {
		raw, err := spell(r, apex, TextPlain)
		if err != nil {
			raw = raws(r, apex)
		}
		out[i] = raw
	}
	return out
}

// transact plans on one reading of the zone and writes. A zone that is left
// unsettled is recovered, once.
func (p *Provider) transact(ctx context.Context, name string, plan func(z providers.Zone, snap zone.Snapshot) ([]zone.Change, error)) error {
	acct, z, err := p.find(ctx, name)
	if err != nil {
		return err
	}
	write := func() ([]providers.Outcome, error) {
		return acct.Transact(ctx, z, func(snap zone.Snapshot) ([]zone.Change, *providers.Run, error) {
			changes, err := plan(z, snap)
			return changes, &providers.Run{}, err
		})
	}
	outcomes, err := write()
	if u, ok := errors.AsType[*providers.Unsettled](err); ok {
		if settled, failed := acct.RecoverAll(ctx, z); failed != nil || slices.ContainsFunc(settled, func(r providers.Recovered) bool { return r.Err != nil }) {
			return fmt.Errorf("an earlier write to %s has not been settled: %w", z.Apex.FQDN(), u)
		}
		outcomes, err = write()
	}
	if err != nil {
		return err
	}
	return failures(outcomes)
}

// failures is one error for all that did not come about, or did harm beside it.
func failures(outcomes []providers.Outcome) error {
	var errs []error
	for _, o := range outcomes {
		done := o.State == providers.Applied || o.State == providers.Unchanged
		if done && o.Code == "" {
			continue
		}
		wrote := providers.WroteNo
		switch {
		case done:
			wrote = providers.WroteYes
		case o.State == providers.Unknown:
			wrote = providers.WroteUnknown
		}
		errs = append(errs, fmt.Errorf("%s: %s: %w", o.Owner.FQDN(), o.State, &providers.Error{Code: o.Code, Reason: o.Reason, Wrote: wrote, Err: errors.New(o.Detail)}))
	}
	return errors.Join(errs...)
}

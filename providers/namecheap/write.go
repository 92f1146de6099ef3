package namecheap

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Write sends the whole zone, after it has read it once more and found it just
// as e.Before has it.
func (s *session) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	return s.plain(s.write(ctx, z, e))
}

func (s *session) write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	before, after := zone.NewSnapshot(z.Apex, e.Before), zone.NewSnapshot(z.Apex, e.After)
	if err := storable(z.Apex, before.Records, after.Records); err != nil {
		return err
	}
	turns := 1 // of setHosts
	if len(withServices(before.Records)) > 0 {
		turns += keepTurns
	}
	for range turns {
		if err := providers.Wait(ctx); err != nil {
			return err
		}
	}
	now, err := s.read(ctx, z.Apex)
	if err != nil {
		return err
	}
	if err := compare(now.snap, before, e.Meta); err != nil {
		return err
	}
	if slices.Equal(now.snap.Records, after.Records) {
		return nil
	}
	if err := s.confirmEmpty(ctx, now); err != nil {
		return err
	}
	params, err := request(now, after.Records)
	if err != nil {
		return err
	}
	maps.Copy(params, now.domain.params())
	return s.keepServices(ctx, now.domain, now.services, s.setHosts(ctx, now.domain, params))
}

// confirmEmpty asks once more where the list of hosts is empty. An account that
// the API hesitates over gets a list without hosts as success, and setHosts
// would make that true; a zone without any host is rare, since the host fills
// those itself, and is there all the same
// (https://github.com/acmesh-official/acme.sh/issues/6963).
func (s *session) confirmEmpty(ctx context.Context, now reading) error {
	if len(now.hosts) > 0 {
		return nil
	}
	list, err := s.hosts(ctx, now.domain)
	if err != nil {
		return err
	}
	if len(list.Hosts) > 0 || metaEmail+list.EmailType != now.snap.Meta {
		return refuse(providers.Conflict, "the host said that the zone is empty, and says now that it is not: one of the answers is wrong, or somebody is changing the zone")
	}
	return nil
}

// setResult is what setHosts answers.
type setResult struct {
	Domain    string `xml:"Domain,attr"`
	IsSuccess string `xml:"IsSuccess,attr"`
}

// setHosts sends the zone, whose turn has been waited for.
func (s *session) setHosts(ctx context.Context, d domain, params url.Values) error {
	if ctx.Err() != nil {
		return refuse(providers.Timeout, "given up: %w", context.Cause(ctx))
	}
	ctx, cancel := withoutTurn(ctx)
	defer cancel()
	res, a, err := s.call(ctx, setHosts, params, true)
	if err != nil {
		return err
	}
	set, err := only(a, res.Set, "DomainDNSSetHostsResult")
	if err != nil {
		return err
	}
	if err := d.about(a, set.Domain); err != nil {
		return err
	}
	if !strings.EqualFold(set.IsSuccess, "true") {
		return a.Fail(providers.Unavailable, "the host says that it did not succeed, and not why")
	}
	return nil
}

// atOnce is a context in which requests wait for no turn. What is sent with it
// has had its turn before: waiting between the last reading of a zone and its
// writing, a minute it may be, would be time for somebody's edit to be lost in.
type atOnce struct{ context.Context }

// Value hides what providers.Wait looks for.
func (atOnce) Value(any) any { return nil }

// withoutTurn is a context that ends when ctx does, for the same cause, and in
// which requests wait for no turn.
func withoutTurn(ctx context.Context) (context.Context, context.CancelFunc) {
	c, cancel := context.WithCancelCause(atOnce{context.WithoutCancel(ctx)})
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	return c, func() {
		stop()
		cancel(nil)
	}
}

// compare wants the zone to be as the edit was made from.
func compare(now, before zone.Snapshot, meta string) error {
	if slices.Equal(now.Records, before.Records) && now.Meta == meta {
		return nil
	}
	if diff := zone.Diff(before, now); len(diff) > 0 {
		return refuse(providers.Conflict, "somebody has changed the records at %s meanwhile", diff[0].Owner.FQDN())
	}
	return refuse(providers.Conflict, "somebody has changed the zone meanwhile (%s is now %s)", meta, now.Meta)
}

// refuse is an error after which the zone is as it was.
func refuse(code providers.Code, format string, args ...any) error {
	if len(args) == 0 {
		return &providers.Error{Code: code, Err: errors.New(format)}
	}
	return &providers.Error{Code: code, Err: fmt.Errorf(format, args...)}
}

package namecheap

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Write sends the whole zone, after it has read it once more and found it just
// as e.Before has it.
func (s *session) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	after := zone.NewSnapshot(z.Apex, e.After).Records
	if err := storable(z.Apex, zone.NewSnapshot(z.Apex, e.Before).Records, after); err != nil {
		return err
	}
	if err := providers.Wait(ctx); err != nil { // the turn of setHosts
		return err
	}
	now, services, err := s.read(ctx, z.Apex)
	if err != nil {
		return err
	}
	if err := compare(now, e); err != nil {
		return err
	}
	if slices.Equal(now.Records, after) {
		return nil
	}
	params, err := request(now, after)
	if err != nil {
		return err
	}
	d, _ := split(z.Apex) // read has found it
	maps.Copy(params, d.params())
	res, a, err := s.call(atOnce{ctx}, setHosts, params, true)
	switch {
	case err != nil:
		return err
	case res.Set == nil:
		return incomplete(a, "DomainDNSSetHostsResult")
	case !strings.EqualFold(res.Set.IsSuccess, "true"):
		return a.Fail(providers.Unavailable, "the host says that it did not succeed, and not why")
	}
	return s.keepServices(ctx, d, services)
}

// atOnce is a context in which requests wait for no turn. What is sent with it
// has had its turn before: waiting between the last reading of a zone and its
// writing, a minute it may be, would be time for somebody's edit to be lost in.
type atOnce struct{ context.Context }

// Value hides what providers.Wait looks for.
func (atOnce) Value(any) any { return nil }

// compare wants the zone to be as the edit was made from.
func compare(now zone.Snapshot, e zone.Edit) error {
	before := zone.NewSnapshot(now.Zone, e.Before)
	if slices.Equal(now.Records, before.Records) && now.Meta == e.Meta {
		return nil
	}
	if diff := zone.Diff(before, now); len(diff) > 0 {
		return refuse(providers.Conflict, "somebody has changed the records at %s meanwhile", diff[0].Owner.FQDN())
	}
	return refuse(providers.Conflict, "somebody has changed the zone meanwhile (%s is now %s)", e.Meta, now.Meta)
}

// maxHosts is the most records of a zone
// (https://www.namecheap.com/support/knowledgebase/article.aspx/10058/10/namecheap-dns-limits/).
const maxHosts = 150

// request is the parameters of setHosts that make a zone hold these records.
func request(now zone.Snapshot, after []zone.Record) (url.Values, error) {
	if now.Meta == metaEmail {
		return nil, refuse(providers.Unavailable, "the host does not say what its mail setting is, and a write would change it")
	}
	emailType, list, err := mail(now, after)
	if err != nil {
		return nil, err
	}
	params := url.Values{"EmailType": {emailType}}
	var services []zone.Record
	n := 0
	for _, r := range list {
		if _, ok := meta(r.Meta, metaSRV); ok {
			services = append(services, r)
			continue
		}
		if _, off := meta(r.Meta, metaInactive); off {
			return nil, kept(r, "is switched off, and writing the zone would switch it on")
		}
		if _, dynamic := meta(r.Meta, metaDynamic); dynamic { // https://github.com/acmesh-official/acme.sh/issues/7178
			return nil, kept(r, "is kept by dynamic DNS, and writing the zone would end that")
		}
		n++
		form(r, now.Zone).params(params, strconv.Itoa(n))
	}
	if !same(services, withServices(now.Records)) {
		return nil, refuse(providers.Unsupported, "SRV records can be changed in Namecheap's web console only")
	}
	switch {
	case n == 0: // https://github.com/DNSControl/dnscontrol, GetZoneRecords of the provider
		return nil, refuse(providers.Unsupported, "the last record cannot be removed: the host would put its parking page there")
	case n > maxHosts && len(after) > len(now.Records):
		return nil, refuse(providers.Unsupported, "the zone would have %d records, and the host holds at most %d", n, maxHosts)
	}
	return params, nil
}

func (h host) params(to url.Values, n string) {
	to.Set("HostName"+n, h.Name)
	to.Set("RecordType"+n, h.Type)
	to.Set("Address"+n, h.Address)
	to.Set("MXPref"+n, h.MXPref)
	to.Set("TTL"+n, h.TTL)
}

func withServices(recs []zone.Record) []zone.Record {
	return slices.DeleteFunc(slices.Clone(recs), func(r zone.Record) bool { _, ok := meta(r.Meta, metaSRV); return !ok })
}

func kept(r zone.Record, why string) error {
	return refuse(providers.Unsupported, "the %s record at %s %s: make this change in Namecheap's web console", r.Type, r.Name.FQDN(), why)
}

// refuse is an error after which the zone is as it was.
func refuse(code providers.Code, format string, args ...any) error {
	if len(args) == 0 {
		return &providers.Error{Code: code, Err: errors.New(format)}
	}
	return &providers.Error{Code: code, Err: fmt.Errorf(format, args...)}
}

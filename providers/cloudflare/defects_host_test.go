package cloudflare_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// hostDefects is what the module makes of the host, its limits and its errors.
func hostDefects() []defect {
	return []defect{
		{
			id: "C12", what: "a zone's identifier is kept for ever, and two zones of one name are no error of their own",
			bare: func(p *place) error {
				_, before := p.module.GetRecords(p.t.Context(), fqdn)
				p.anew()
				_, after := p.module.GetRecords(p.t.Context(), fqdn)
				p.twice()
				_, two := module(p.fake, cloudflaretest.AnyToken).GetRecords(p.t.Context(), fqdn)
				if before != nil || after == nil || two == nil || !strings.Contains(two.Error(), "expected 1 zone, got 2") {
					return fmt.Errorf("errors %w, %w, %w", before, after, two)
				}
				return nil
			},
			guarded: func(p *place) error {
				old := p.find()
				p.anew()
				_, stale := p.acct.Read(p.t.Context(), old)
				_, fresh := p.read()
				p.twice()
				_, two := p.acct.Find(p.t.Context(), apex)
				p.creds["account_id"] = otherAccount
				_, one := p.open(quick()).Find(p.t.Context(), apex)
				return errors.Join(code(stale, providers.NoSuchZone), fresh, code(two, providers.Ambiguous), one)
			},
		},
		{
			id: "C15", what: "one record holds 4096 octets, and a name and type 8192 characters", limit: true,
			bare: func(p *place) error {
				_, err := p.module.AppendRecords(p.t.Context(), fqdn, []libdns.Record{libdns.TXT{Name: "t", TTL: time.Hour, Text: strings.Repeat("x", 4081)}})
				if err == nil || !strings.Contains(err.Error(), "9015") || p.fake.Writes() != 1 {
					return fmt.Errorf("%d writes, error %w", p.fake.Writes(), err)
				}
				return nil
			},
			guarded: func(p *place) error {
				if most := p.find().Caps.MaxTXT; most != 4080 {
					return fmt.Errorf("Caps.MaxTXT is %d", most)
				}
				var sum []zone.Record
				for i := range 3 {
					sum = append(sum, zone.NewTXT(at("t"), 3600, strings.Repeat(fmt.Sprint(i), 3000)))
				}
				for _, add := range [][]zone.Record{{zone.NewTXT(at("t"), 3600, strings.Repeat("x", 4081))}, sum} {
					if out := p.apply(zone.Change{Owner: at("t"), Add: add}); out[0].State != providers.Rejected || p.fake.Writes() != 0 {
						return fmt.Errorf("%d writes, %+v", p.fake.Writes(), out[0])
					}
				}
				return p.becomes(zone.Change{Owner: at("t"), Add: []zone.Record{zone.NewTXT(at("t"), 3600, strings.Repeat("x", 4080))}})
			},
		},
		{
			id: "C16", what: "a TTL below 60 goes to the host as it is, and Auto is read as one second",
			seed: []zone.Record{with(rec("auto", "A", "192.0.2.1"), "ttl=auto")},
			bare: func(p *place) error {
				_, err := p.module.AppendRecords(p.t.Context(), fqdn, []libdns.Record{libdns.RR{Name: "t", TTL: 30 * time.Second, Type: "A", Data: "192.0.2.1"}})
				got, read := p.module.GetRecords(p.t.Context(), fqdn)
				if err == nil || !strings.Contains(err.Error(), "9021") || read != nil || got[0].RR().TTL != time.Second {
					return fmt.Errorf("%v, errors %w, %w", got, err, read)
				}
				return nil
			},
			guarded: func(p *place) error {
				caps := p.find().Caps
				short := rec("t", "A", "192.0.2.1")
				short.TTL = 30
				out := p.apply(zone.Change{Owner: at("t"), Add: []zone.Record{short}})
				if out[0].State != providers.Rejected || p.fake.Writes() != 0 || caps.ClampTTL(30) != 60 {
					return fmt.Errorf("%d writes, %+v, %d", p.fake.Writes(), out[0], caps.ClampTTL(30))
				}
				got, err := p.read()
				if err == nil && !slices.Equal(got.Records, []zone.Record{with(rec("auto", "A", "192.0.2.1"), "ttl=auto")}) {
					err = fmt.Errorf("%+v", got.Records)
				}
				return err
			},
		},
		{
			id: "C18", what: "errors are words: a gateway's page is a JSON error, and Retry-After is lost",
			bare: func(p *place) error {
				p.fake.SetFault(httpapitest.Fault{Status: 502, HTML: true})
				_, page := p.module.GetRecords(p.t.Context(), fqdn)
				_, isSyntax := errors.AsType[*json.SyntaxError](page)
				p.fake.SetFault(httpapitest.Fault{Status: 429, RetryAfter: "7", Body: `{"success":false,"errors":[{"code":971,"message":"slow down"}]}`})
				_, busy := p.module.GetRecords(p.t.Context(), fqdn)
				if !isSyntax || busy == nil || strings.Contains(busy.Error(), "7") && !strings.Contains(busy.Error(), "971") {
					return fmt.Errorf("errors %w, %w", page, busy)
				}
				return nil
			},
			guarded: func(p *place) error {
				s, err := p.driver.Open(p.creds)
				if err != nil {
					return err
				}
				p.fake.SetFault(httpapitest.Fault{Status: 502, HTML: true})
				_, page := s.Find(p.t.Context(), apex)
				p.fake.SetFault(httpapitest.Fault{Status: 429, RetryAfter: "7", Body: `{"success":false,"errors":[{"code":971,"message":"slow down"}]}`})
				_, busy := s.Find(p.t.Context(), apex)
				if e, ok := errors.AsType[*providers.Error](busy); !ok || e.RetryAfter != 7*time.Second {
					return fmt.Errorf("%w", busy)
				}
				return errors.Join(code(page, providers.Unavailable), code(busy, providers.RateLimited))
			},
		},
		{
			id: "C19", what: "the zones of one token are looked up one after the other",
			bare: func(p *place) error {
				held := 0
				p.fake.SetHook(func(*http.Request) {
					if p.fake.Requests() == 1 { // however long it is held, the second one does not come
						time.Sleep(200 * time.Millisecond)
						held = p.fake.Requests()
					}
				})
				err := pair(func(z string) error { _, err := p.module.GetRecords(p.t.Context(), z); return err })
				if held != 1 {
					err = errors.Join(err, fmt.Errorf("%d requests had come", held))
				}
				return err
			},
			guarded: func(p *place) error {
				p.fake.SetHook(together(http.MethodGet, 2))
				ctx := bounded(p.t, time.Minute)
				return pair(func(z string) error { _, err := p.acct.Find(ctx, zone.Name(strings.TrimSuffix(z, "."))); return err })
			},
		},
	}
}

// anew removes the zone and adds it again, under another identifier.
func (p *place) anew() {
	snap := p.fake.Zone(apex)
	p.fake.Drop(apex)
	p.fake.Set(snap)
}

// twice puts a zone of the same name into another account.
func (p *place) twice() {
	p.fake.Add(cloudflaretest.Zone{Snapshot: zone.Snapshot{Zone: apex}, Account: otherAccount})
}

// pair runs f for two zones at once.
func pair(f func(apex string) error) error {
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i, z := range []string{fqdn, string(second) + "."} {
		wg.Go(func() { errs[i] = f(z) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

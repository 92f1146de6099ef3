package cloudflare_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// together is a hook that lets requests of a method through when n of them have
// come, and no request later than that.
func together(method string, n int) func(*http.Request) {
	var mu sync.Mutex
	came, all := 0, make(chan struct{})
	return func(r *http.Request) {
		if r.Method != method {
			return
		}
		mu.Lock()
		if came++; came == n {
			close(all)
		}
		mu.Unlock()
		select {
		case <-all:
		case <-r.Context().Done():
		}
	}
}

// eight runs f eight times at once.
func eight(f func(i int) error) error {
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// read is the zone as the driver reads it.
func (p *place) read() (zone.Snapshot, error) {
	return p.acct.Read(p.t.Context(), p.find())
}

// readDefects is what goes wrong when the module reads.
func readDefects() []defect {
	long := strings.Repeat("0123456789", 30)
	noInfo := httpapitest.Fault{Body: `{"success":true,"errors":[],"messages":[],"result":[]}`}
	return []defect{
		{
			id: "C8", what: "that a record is proxied, its comment and its tags are not shown",
			seed: []zone.Record{with(rec("www", "A", "192.0.2.1"), "comment=theirs proxied=true tags=a%253Ab ttl=auto")},
			bare: func(p *place) error {
				got, err := p.module.GetRecords(p.t.Context(), fqdn)
				if err != nil || len(got) != 1 {
					return fmt.Errorf("%v, error %w", got, err)
				}
				if a, ok := got[0].(libdns.Address); !ok || a.ProviderData != nil || a.TTL != time.Second {
					return fmt.Errorf("%+v", got[0])
				}
				return nil
			},
			guarded: func(p *place) error {
				got, err := p.read()
				return errors.Join(err, differ(got, p.fake.Zone(apex)))
			},
		},
		{
			id: "C9", what: "of 25 zones the first 20 are listed",
			bare: func(p *place) error {
				p.many(25)
				got, err := p.module.ListZones(p.t.Context())
				if err != nil || len(got) != 20 {
					return fmt.Errorf("%d zones, error %w", len(got), err)
				}
				return nil
			},
			guarded: func(p *place) error {
				p.many(25)
				s, err := p.driver.Open(p.creds)
				if err != nil {
					return err
				}
				got, err := s.(providers.Lister).List(p.t.Context())
				if err != nil || len(got) != 25 {
					return fmt.Errorf("%d zones, error %w", len(got), err)
				}
				return nil
			},
		},
		{
			id: "C10", what: "an answer without result_info is a nil pointer",
			bare: func(p *place) error {
				p.fake.FailNext(2, noInfo) // the first one finds the zone
				if with := panics(func() { _, _ = p.module.GetRecords(p.t.Context(), fqdn) }); !strings.Contains(with, "nil pointer") {
					return fmt.Errorf("panic %q", with)
				}
				return nil
			},
			guarded: func(p *place) error {
				z := p.find()
				s, err := p.driver.Open(p.creds)
				if err != nil {
					return err
				}
				p.fake.SetFault(noInfo)
				_, err = s.Read(p.t.Context(), z)
				return code(err, providers.Unavailable)
			},
		},
		{
			id: "C11", what: "one record that cannot be parsed fails the reading of all",
			seed: []zone.Record{rec("plain", "SRV", "1 2 3 a.example"), rec("a", "A", "192.0.2.1")},
			bare: func(p *place) error {
				if got, err := p.module.GetRecords(p.t.Context(), fqdn); err == nil {
					return fmt.Errorf("no error, %v", got)
				}
				return nil
			},
			guarded: func(p *place) error {
				if err := p.fake.Raw(apex, `{"name":"odd.customer.example","type":"TXT","content":"\"no end","ttl":1}`); err != nil {
					return err
				}
				got, err := p.read()
				if err == nil && len(got.Records) != 3 {
					err = fmt.Errorf("%d records", len(got.Records))
				}
				return errors.Join(err, differ(got, p.fake.Zone(apex)))
			},
		},
		{
			id: "C14", what: "text of more than 255 octets is read with the border of its strings inside",
			seed: []zone.Record{zone.NewTXT(at("t"), 3600, long)},
			bare: func(p *place) error {
				got, err := p.module.GetRecords(p.t.Context(), fqdn)
				if err != nil || len(got) != 1 {
					return fmt.Errorf("%v, error %w", got, err)
				}
				if text := got[0].(libdns.TXT).Text; text != long[:255]+`" "`+long[255:] {
					return fmt.Errorf("%q", text)
				}
				return nil
			},
			guarded: func(p *place) error {
				got, err := p.read()
				if err == nil && (len(got.Records) != 1 || got.Records[0].Text() != long) {
					err = fmt.Errorf("%v", got.Records)
				}
				return err
			},
		},
	}
}

// many makes the token reach n zones.
func (p *place) many(n int) {
	for i := range n {
		p.fake.Set(zone.Snapshot{Zone: zone.Name(fmt.Sprintf("zone%02d.example", i))})
	}
	p.fake.Drop(apex)
	p.fake.Drop(second)
	p.fake.Drop(other)
	p.fake.Allow(cloudflaretest.Token{Value: cloudflaretest.AnyToken})
}

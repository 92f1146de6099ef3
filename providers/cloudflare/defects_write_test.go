package cloudflare_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

func mx(pref uint16, target string) libdns.Record {
	return libdns.MX{Name: "m", TTL: time.Hour, Preference: pref, Target: target}
}

// writeDefects is what goes wrong when the module writes.
func writeDefects() []defect {
	return []defect{
		{
			id: "C1", what: "the last of several values wins on SetRecords, and all are reported",
			bare: func(p *place) error {
				got, err := p.module.SetRecords(p.t.Context(), fqdn, []libdns.Record{mx(10, "a.example."), mx(20, "b.example.")})
				if err != nil || len(got) != 2 {
					return fmt.Errorf("%d reported, error %w", len(got), err)
				}
				return wantData(p.set("m", "MX"), "20 b.example.")
			},
			guarded: func(p *place) error {
				return p.becomes(zone.Change{Owner: at("m"), Add: []zone.Record{rec("m", "MX", "10 a.example"), rec("m", "MX", "20 b.example")}})
			},
		},
		{
			id: "C2", what: "an RRset of several values cannot be set, and what stood before it in the call is written",
			seed: []zone.Record{rec("t", "TXT", `"one"`), rec("t", "TXT", `"two"`)},
			bare: func(p *place) error {
				_, err := p.module.SetRecords(p.t.Context(), fqdn, []libdns.Record{
					libdns.TXT{Name: "first", TTL: time.Hour, Text: "written"}, libdns.TXT{Name: "t", TTL: time.Hour, Text: "three"},
				})
				if err == nil || !strings.Contains(err.Error(), "more than 1 record") {
					return fmt.Errorf("error %w", err)
				}
				return errors.Join(wantData(p.set("first", "TXT"), `"written"`), wantData(p.set("t", "TXT"), `"one"`, `"two"`))
			},
			guarded: func(p *place) error {
				return p.becomes(
					zone.Change{Owner: at("first"), Add: []zone.Record{rec("first", "TXT", `"written"`)}},
					zone.Change{Owner: at("t"), Remove: []zone.Record{rec("t", "TXT", `"one"`)}, Add: []zone.Record{rec("t", "TXT", `"three"`)}},
				)
			},
		},
		{
			id: "C3", what: "removing one SRV removes all of its name",
			seed: []zone.Record{rec("_s._tcp", "SRV", "1 2 3 a.example"), rec("_s._tcp", "SRV", "1 2 3 b.example")},
			bare: func(p *place) error {
				_, err := p.module.DeleteRecords(p.t.Context(), fqdn, []libdns.Record{
					libdns.SRV{Service: "s", Transport: "tcp", Name: "@", TTL: time.Hour, Priority: 1, Weight: 2, Port: 3, Target: "a.example."},
				})
				return errors.Join(err, wantData(p.set("_s._tcp", "SRV")))
			},
			guarded: func(p *place) error {
				return p.becomes(zone.Change{Owner: at("_s._tcp"), Remove: []zone.Record{rec("_s._tcp", "SRV", "1 2 3 a.example")}})
			},
		},
		{
			id: "C4", what: "an MX is removed whatever preference was asked for",
			seed: []zone.Record{rec("m", "MX", "10 mx.example")},
			bare: func(p *place) error {
				_, err := p.module.DeleteRecords(p.t.Context(), fqdn, []libdns.Record{mx(99, "mx.example.")})
				return errors.Join(err, wantData(p.set("m", "MX")))
			},
			guarded: func(p *place) error {
				out := p.apply(zone.Change{Owner: at("m"), Remove: []zone.Record{rec("m", "MX", "99 mx.example")}})
				if out[0].State != providers.Unchanged {
					return fmt.Errorf("%+v", out[0])
				}
				return wantData(p.set("m", "MX"), "10 mx.example.")
			},
		},
		{
			id: "C5", what: "what was removed is reported without name, type and data",
			seed: []zone.Record{rec("a", "A", "192.0.2.1")},
			bare: func(p *place) error {
				got, err := p.module.DeleteRecords(p.t.Context(), fqdn, []libdns.Record{libdns.RR{Name: "a", TTL: time.Hour, Type: "A", Data: "192.0.2.1"}})
				if err != nil || len(got) != 1 {
					return fmt.Errorf("%d reported, error %w", len(got), err)
				}
				if rr := got[0].RR(); rr.Type != "" || rr.Data != "" {
					return fmt.Errorf("reported %+v", rr)
				}
				return wantData(p.set("a", "A"))
			},
			guarded: func(p *place) error {
				out := p.apply(zone.Change{Owner: at("a"), Remove: []zone.Record{rec("a", "A", "192.0.2.1")}})
				if out[0].Owner != at("a") || out[0].State != providers.Applied {
					return fmt.Errorf("%+v", out[0])
				}
				return wantData(p.set("a", "A"))
			},
		},
		{
			id: "C6", what: "removing all values of a name and type does nothing and reports no error",
			seed: []zone.Record{rec("t", "TXT", `"one"`), rec("t", "TXT", `"two"`)},
			bare: func(p *place) error {
				got, err := p.module.DeleteRecords(p.t.Context(), fqdn, []libdns.Record{libdns.RR{Name: "t", Type: "TXT"}})
				if err != nil || len(got) != 0 {
					return fmt.Errorf("%d reported, error %w", len(got), err)
				}
				return wantData(p.set("t", "TXT"), `"one"`, `"two"`)
			},
			guarded: func(p *place) error {
				return p.becomes(zone.Change{Owner: at("t"), Remove: []zone.Record{rec("t", "TXT", `"one"`), rec("t", "TXT", `"two"`)}})
			},
		},
		{
			id: "C7", what: "a new value stays proxied, and an MX preference of 0 cannot be set",
			seed: []zone.Record{with(rec("www", "A", "192.0.2.1"), "proxied=true ttl=auto"), rec("m", "MX", "10 mx.example")},
			bare: func(p *place) error {
				_, err := p.module.SetRecords(p.t.Context(), fqdn, []libdns.Record{libdns.RR{Name: "www", TTL: time.Hour, Type: "A", Data: "192.0.2.2"}, mx(0, "mx.example.")})
				www := p.fake.Zone(apex).Set(at("www"), "A")
				if err != nil || len(www) != 1 || www[0] != with(rec("www", "A", "192.0.2.2"), "proxied=true ttl=auto") {
					return fmt.Errorf("%v, error %w", www, err)
				}
				return wantData(p.set("m", "MX"), "10 mx.example.")
			},
			guarded: func(p *place) error {
				return p.becomes(
					zone.Change{Owner: at("www"), Remove: p.fake.Zone(apex).At(at("www")), Add: []zone.Record{rec("www", "A", "192.0.2.2")}},
					zone.Change{Owner: at("m"), Remove: []zone.Record{rec("m", "MX", "10 mx.example")}, Add: []zone.Record{rec("m", "MX", "0 mx.example")}},
				)
			},
		},
		{
			id: "C13", what: "text is written with escapes of Go's, and a control character becomes letters",
			bare: func(p *place) error {
				_, err := p.module.AppendRecords(p.t.Context(), fqdn, []libdns.Record{libdns.TXT{Name: "t", TTL: time.Hour, Text: "a\x01b"}})
				return errors.Join(err, wantData(p.set("t", "TXT"), `"ax01b"`))
			},
			guarded: func(p *place) error {
				return p.becomes(zone.Change{Owner: at("t"), Add: []zone.Record{zone.NewTXT(at("t"), 3600, "a\x01b")}})
			},
		},
		{
			id: "C17", what: "eight who set one TXT at once leave eight values, none of them told",
			bare: func(p *place) error {
				p.fake.SetHook(together("POST", 8))
				err := eight(func(i int) error {
					_, err := p.module.SetRecords(p.t.Context(), fqdn, []libdns.Record{libdns.TXT{Name: "t", TTL: time.Hour, Text: fmt.Sprint("v", i)}})
					return err
				})
				if n := len(p.set("t", "TXT")); err != nil || n != 8 {
					return fmt.Errorf("%d values, error %w", n, err)
				}
				return nil
			},
			guarded: func(p *place) error {
				o, z := quick(), p.find()
				o.Locks = &providers.Locks{}
				var all []zone.Record
				for i := range 8 {
					all = append(all, rec("t", "TXT", fmt.Sprintf(`"v%d"`, i)))
				}
				err := eight(func(i int) error {
					return done(p.open(o).Apply(p.t.Context(), z, []zone.Change{{Owner: at("t"), Add: all[i : i+1]}}, &providers.Run{}))
				})
				return errors.Join(err, differ(p.fake.Zone(apex), zone.NewSnapshot(apex, all)))
			},
		},
	}
}

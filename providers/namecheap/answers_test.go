package namecheap_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/libdns/libdns"
	bare "github.com/libdns/namecheap"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// answerDefects is N8 to N14: what the module makes of answers and names.
func answerDefects() []defect {
	const refusedSilently = `<DomainDNSSetHostsResult Domain="customer.example" IsSuccess="false" />`
	const nothing = `<DomainDNSGetHostsResult Domain="customer.example" EmailType="MX" IsUsingOurDNS="true" />`
	return []defect{
		{
			id: "N8", words: "an answer that says no success is taken for one", zone: mailZone(),
			bare: func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) string {
				f.FailWrite(1, hostsAnswer(refusedSilently))
				if _, err := p.AppendRecords(t.Context(), fqdn, challenge()); err != nil {
					return ""
				}
				return fmt.Sprintf("success is reported, and the zone holds %d such records", len(f.Zone(apex).At("_acme-challenge."+apex)))
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				f.FailWrite(1, hostsAnswer(refusedSilently))
				return refused(t, f, acct, providers.Failed, providers.Unavailable, challengeChange())
			},
		},
		{
			id: "N9", words: "an answer without hosts is a panic, or an empty zone that is written back", zone: mailZone(),
			bare: func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) (harm string) {
				before := f.Zone(apex)
				f.FailNext(2, hostsAnswer(nothing)) // after getTldList
				if _, err := p.AppendRecords(t.Context(), fqdn, challenge()); err != nil {
					return ""
				}
				lost := missing(before, f.Zone(apex))
				if lost == "" {
					return ""
				}
				defer func() {
					if p := recover(); p != nil {
						harm = fmt.Sprintf("panic: %v; and all is gone: %s", p, lost)
					}
				}()
				f.FailNext(1, hostsAnswer(""))
				_, _ = p.GetRecords(t.Context(), fqdn)
				return ""
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				f.FailNext(4, hostsAnswer(nothing)) // the hosts just before the write
				if err := refused(t, f, acct, providers.Failed, providers.Unavailable, challengeChange()); err != nil {
					return err
				}
				f.FailNext(2, hostsAnswer("")) // the first request of a Read is for SRV records
				if _, err := session(t, f).Read(t.Context(), providers.Zone{Apex: apex}); providers.CodeOf(err) != providers.Unavailable {
					return fmt.Errorf("without the part that holds the hosts: %w", err)
				}
				return nil
			},
		},
		{
			id: "N10", words: "a domain is cut at the first suffix that fits, dot or no dot",
			bare: func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) string {
				const studio zone.Name = "example.studio"
				f.Set(zone.NewSnapshot(studio, []zone.Record{zone.NewTXT("a."+studio, 600, "x")}))
				sld := ""
				f.SetHook(func(r *http.Request) {
					if r.ParseForm() == nil && r.Form.Has("SLD") {
						sld = r.Form.Get("SLD") + " . " + r.Form.Get("TLD")
					}
				})
				_, err := p.GetRecords(t.Context(), "example.studio.")
				if sld == "example . studio" {
					return ""
				}
				return fmt.Sprintf("it asks for %s: %v", sld, err)
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				for _, c := range []struct {
					apex zone.Name
					sent string
				}{{"example.studio", "example . studio"}, {"example.co.uk", "example . co.uk"}, {"example.github.io", "example.github . io"}, {"customer.example", "customer . example"}} {
					f.Set(zone.NewSnapshot(c.apex, nil))
					sent := ""
					f.SetHook(func(r *http.Request) {
						if r.ParseForm() == nil {
							sent = r.Form.Get("SLD") + " . " + r.Form.Get("TLD")
						}
					})
					if _, err := acct.Find(t.Context(), c.apex); err != nil || sent != c.sent {
						return fmt.Errorf("%s: %s, want %s: %w", c.apex, sent, c.sent, err)
					}
				}
				for _, no := range []zone.Name{"app.customer.example", "co.uk", "example", zone.Root} {
					if _, err := acct.Find(t.Context(), no); providers.CodeOf(err) != providers.NoSuchZone {
						return fmt.Errorf("%s: %w", no, err)
					}
				}
				return nil
			},
		},
		{
			id: "N11", words: "what setHosts has no place for is lost: dynamic DNS ends, a record that is off is on, MX 0 becomes 10",
			zone: append(mailZone(), marked(rec("home", "A", "192.0.2.40"), "ddns=true"), marked(rec("old", "A", "192.0.2.41"), "active=false")),
			bare: func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) string {
				before := f.Zone(apex)
				if _, err := p.AppendRecords(t.Context(), fqdn, challenge()); err != nil {
					return err.Error()
				}
				return missing(before, f.Zone(apex))
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				if err := refused(t, f, acct, providers.Rejected, providers.Unsupported, challengeChange()); err != nil {
					return err
				}
				f.Set(zone.NewSnapshot(apex, append(mailZone(), rec("zero", "MX", "0 mx0.mail.example"))))
				return becomes(t, f, acct, challengeChange())
			},
		},
		{
			id: "N12", words: "names are compared with their case, and an empty one ends the list", zone: []zone.Record{rec("www", "A", "192.0.2.1")},
			bare: func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) string {
				set := []libdns.Record{&libdns.TXT{Name: "", TTL: time.Hour, Text: "of the apex"}, &libdns.TXT{Name: "after", TTL: time.Hour, Text: "x"}}
				said, err := p.AppendRecords(t.Context(), fqdn, set)
				if n := len(f.Zone(apex).Records); err == nil && n < 3 {
					return fmt.Sprintf("%d records are reported, and the zone has gained %d", len(said), n-1)
				}
				return ""
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				changes := []zone.Change{{Owner: apex, Add: []zone.Record{rec("@", "TXT", "of the apex")}}, {Owner: "after." + apex, Add: []zone.Record{rec("after", "TXT", "x")}}}
				if err := becomes(t, f, acct, changes...); err != nil {
					return err
				}
				upper, err := zone.ParseName("WWW.Customer.Example.")
				if err != nil {
					return err
				}
				r := rec("www", "A", "192.0.2.2")
				return becomes(t, f, acct, zone.Change{Owner: upper, Remove: []zone.Record{rec("www", "A", "192.0.2.1")}, Add: []zone.Record{r}})
			},
		},
		{
			id: "N13", words: "another TTL for a record that is there is reported and not written", zone: []zone.Record{rec("ttl", "TXT", "x")},
			bare: func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) string {
				said, err := p.AppendRecords(t.Context(), fqdn, []libdns.Record{&libdns.TXT{Name: "ttl", TTL: 10 * time.Minute, Text: "x"}})
				if got := f.Zone(apex).At("ttl." + apex); err == nil && len(said) == 1 && got[0].TTL != 600 {
					return fmt.Sprintf("600 is reported, and the TTL is %d", got[0].TTL)
				}
				return ""
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				r := zone.NewTXT("ttl."+apex, 600, "x")
				return becomes(t, f, acct, zone.Change{Owner: r.Name, Remove: []zone.Record{rec("ttl", "TXT", "x")}, Add: []zone.Record{r}})
			},
		},
		{
			id: "N14", words: "the numbers of errors are dropped",
			bare: func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) string {
				p.ClientIP = "198.51.100.9"
				_, err := p.GetRecords(t.Context(), fqdn)
				if _, typed := errors.AsType[*providers.Error](err); err == nil || typed {
					return ""
				}
				return "all there is is the text " + err.Error()
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, _ *providers.Account) error {
				c := f.Credentials(0)
				c["client_ip"] = "198.51.100.9"
				acct, err := providers.Open(driver(f), c, providers.Options{})
				if err != nil {
					return err
				}
				if err := acct.Check(t.Context()); providers.CodeOf(err) != providers.AccessDenied {
					return err
				}
				return nil
			},
		},
	}
}

func marked(r zone.Record, meta string) zone.Record {
	r.Meta = meta
	return r
}

package namecheap_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libdns/libdns"
	bare "github.com/libdns/namecheap"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// defect is one thing that libdns/namecheap v1.0.0 does wrong. Both functions
// meet the same situation at a fake of their own.
type defect struct {
	id, words string
	opts      namecheaptest.Options
	zone      []zone.Record
	// bare runs the module as it is, and says what it did wrong; "" if nothing.
	bare func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) string
	// ours runs the driver, and says what is not as it must be.
	ours func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error
}

func module(f *namecheaptest.Fake) *bare.Provider {
	c := f.Credentials(0)
	return &bare.Provider{APIKey: c["api_key"], User: c["api_user"], ClientIP: c["client_ip"], APIEndpoint: f.Endpoint()}
}

// TestDefects runs the bare module and the driver in the situation of each
// defect.
func TestDefects(t *testing.T) {
	var all []defect
	for _, group := range [][]defect{wholeZoneDefects(), recordDefects(), answerDefects()} {
		all = append(all, group...)
	}
	for i, d := range all {
		if want := fmt.Sprintf("N%d", i+1); d.id != want {
			t.Errorf("the table has %s where %s belongs", d.id, want)
		}
		t.Run(d.id, func(t *testing.T) {
			f := start(t, d.opts, d.zone...)
			harm := d.bare(t, f, module(f))
			if harm == "" {
				t.Error("the bare module does it right")
			}
			f = start(t, d.opts, d.zone...)
			if err := d.ours(t, f, account(t, f, providers.Options{})); err != nil {
				t.Errorf("guarded: %v", err)
				return
			}
			t.Logf("%-4s %s: bare FAIL (%s), guarded PASS", d.id, d.words, harm)
		})
	}
}

const fqdn = "customer.example."

// challenge is a text that has nothing to do with anything in a zone.
func challenge() []libdns.Record {
	return []libdns.Record{&libdns.TXT{Name: "_acme-challenge", TTL: 10 * time.Minute, Text: "token"}}
}

func challengeChange() zone.Change {
	r := zone.NewTXT("_acme-challenge."+apex, 600, "token")
	return zone.Change{Owner: r.Name, Add: []zone.Record{r}}
}

func mailZone() []zone.Record {
	return []zone.Record{
		rec("@", "A", "192.0.2.10"), rec("@", "MX", "10 mx1.mail.example"), rec("@", "MX", "20 mx2.mail.example"),
		rec("@", "TXT", "v=spf1 include:mail.example -all"), rec("www", "CNAME", "pages.host.example"),
	}
}

// missing is the records of want that got lacks, "" for none.
func missing(want, got zone.Snapshot) string {
	var lost []string
	for _, r := range want.Records {
		if !slices.Contains(got.Records, r) {
			lost = append(lost, r.String())
		}
	}
	return strings.Join(lost, ", ")
}

// becomes applies the changes and wants the zone to be as it was with them.
func becomes(t *testing.T, f *namecheaptest.Fake, acct *providers.Account, changes ...zone.Change) error {
	t.Helper()
	before := f.Zone(apex)
	for _, o := range apply(t, acct, changes...) {
		if o.State != providers.Applied && o.State != providers.Unchanged {
			return fmt.Errorf("%s: %s %s", o.Owner, o.State, o.Detail)
		}
	}
	return same(f.Zone(apex), before.With(changes...))
}

// refused applies the changes and wants each to end in this state and code, and
// the zone to stay as it was.
func refused(t *testing.T, f *namecheaptest.Fake, acct *providers.Account, state providers.State, code providers.Code, changes ...zone.Change) error {
	t.Helper()
	before := f.Zone(apex)
	for _, o := range apply(t, acct, changes...) {
		if o.State != state || o.Code != code {
			return fmt.Errorf("%s: %s %s %s, want %s %s", o.Owner, o.State, o.Code, o.Detail, state, code)
		}
	}
	return same(f.Zone(apex), before)
}

func apply(t *testing.T, acct *providers.Account, changes ...zone.Change) []providers.Outcome {
	t.Helper()
	z := providers.Zone{ID: string(apex), Apex: apex, Caps: driverCaps()}
	return acct.Apply(t.Context(), z, changes, &providers.Run{})
}

func same(got, want zone.Snapshot) error {
	if slices.Equal(got.Records, want.Records) && got.Meta == want.Meta {
		return nil
	}
	return fmt.Errorf("missing [%s], extra [%s], %s where %s was", missing(want, got), missing(got, want), got.Meta, want.Meta)
}

// onCommand calls do before each request with the command.
func onCommand(f *namecheaptest.Fake, command string, do func()) {
	f.SetHook(func(r *http.Request) {
		if r.ParseForm() == nil && r.Form.Get("Command") == command {
			do()
		}
	})
}

const (
	getHosts = "namecheap.domains.dns.getHosts"
	setHosts = "namecheap.domains.dns.setHosts"
)

// wholeZoneDefects is N1 and N2: what comes of writing the whole zone.
func wholeZoneDefects() []defect {
	theirs := rec("theirs", "TXT", "added in the web console")
	stranger := zone.Change{Owner: theirs.Name, Add: []zone.Record{theirs}}
	return []defect{
		{
			id: "N1", words: "a stranger's edit after the read is overwritten", zone: mailZone(),
			bare: func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) string {
				onCommand(f, setHosts, func() { f.Change(apex, stranger) })
				if _, err := p.AppendRecords(t.Context(), fqdn, challenge()); err != nil {
					return err.Error()
				}
				if zone.Contains(f.Zone(apex).Records, theirs) {
					return ""
				}
				return "their record is gone"
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				reads := 0
				onCommand(f, getHosts, func() {
					if reads++; reads == 2 { // the plan is made, the write has not begun
						f.Change(apex, stranger)
					}
				})
				want := f.Zone(apex).With(stranger)
				if o := apply(t, acct, challengeChange()); o[0].State != providers.Conflicts {
					return fmt.Errorf("%+v", o)
				}
				return same(f.Zone(apex), want)
			},
		},
		{
			id: "N2", words: "EmailType is not sent back, and mail ends", zone: mailZone(),
			bare: func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) string {
				before := f.Zone(apex)
				if _, err := p.AppendRecords(t.Context(), fqdn, challenge()); err != nil {
					return err.Error()
				}
				return missing(before, f.Zone(apex))
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				return becomes(t, f, acct, challengeChange())
			},
		},
	}
}

// recordDefects is N3 to N7: what becomes of one record.
func recordDefects() []defect {
	return []defect{
		{
			id: "N3", words: "records given as values are sent as one string", zone: mailZone(),
			bare: func(t *testing.T, _ *namecheaptest.Fake, p *bare.Provider) string {
				_, err := p.AppendRecords(t.Context(), fqdn, []libdns.Record{libdns.MX{Name: "m", TTL: time.Hour, Preference: 10, Target: "mx.mail.example."}})
				if err == nil {
					return ""
				}
				return err.Error()
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				r := rec("m", "MX", "10 mx.mail.example")
				return becomes(t, f, acct, zone.Change{Owner: r.Name, Add: []zone.Record{r}})
			},
		},
		{
			id: "N4", words: "the caller's record is changed", zone: mailZone(),
			bare: func(t *testing.T, _ *namecheaptest.Fake, p *bare.Provider) string {
				mx := &libdns.MX{Name: "m", TTL: time.Hour, Preference: 10, Target: "mx.mail.example"}
				if _, err := p.AppendRecords(t.Context(), fqdn, []libdns.Record{mx}); err != nil {
					return err.Error()
				}
				if mx.Target == "mx.mail.example" {
					return ""
				}
				return "its target is " + mx.Target
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				r := rec("m", "MX", "10 mx.mail.example")
				c := zone.Change{Owner: r.Name, Add: []zone.Record{r}}
				if err := becomes(t, f, acct, c); err != nil || c.Add[0] != r {
					return fmt.Errorf("%w, the record is %v", err, c.Add[0])
				}
				return nil
			},
		},
		{
			id: "N5", words: "writers at the same time lose each other's records",
			bare: func(t *testing.T, f *namecheaptest.Fake, _ *bare.Provider) string {
				var read sync.WaitGroup // each has read before any writes
				read.Add(writers)
				f.SetHook(func(r *http.Request) {
					if r.ParseForm() == nil && r.Form.Get("Command") == setHosts {
						read.Done()
						read.Wait()
					}
				})
				var wg sync.WaitGroup
				for i := range writers {
					wg.Go(func() {
						r := &libdns.TXT{Name: fmt.Sprintf("w%d", i), TTL: time.Hour, Text: "mine"}
						_, _ = module(f).AppendRecords(t.Context(), fqdn, []libdns.Record{r})
					})
				}
				wg.Wait()
				if n := len(f.Zone(apex).Records); n < writers {
					return fmt.Sprintf("%d of %d records survive", n, writers)
				}
				return ""
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, _ *providers.Account) error {
				lease := providers.LeaseDir(t.TempDir())
				errs := make([]error, writers)
				var wg sync.WaitGroup
				for i := range writers {
					acct := account(t, f, providers.Options{Lease: lease})
					r := rec(fmt.Sprintf("w%d", i), "TXT", "mine")
					wg.Go(func() {
						if o := apply(t, acct, zone.Change{Owner: r.Name, Add: []zone.Record{r}}); !providers.Done(o) {
							errs[i] = fmt.Errorf("%+v", o)
						}
					})
				}
				wg.Wait()
				if n := len(f.Zone(apex).Records); n != writers {
					errs = append(errs, fmt.Errorf("%d of %d records survive", n, writers))
				}
				return errors.Join(errs...)
			},
		},
		{
			id: "N6", words: "a TTL is cut to 16 bits, and a longer one in the zone breaks the read",
			bare: func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) string {
				r := &libdns.TXT{Name: "ttl", TTL: 24 * time.Hour, Text: "x"}
				if _, err := p.AppendRecords(t.Context(), fqdn, []libdns.Record{r}); err != nil {
					return err.Error()
				}
				got := f.Zone(apex).At("ttl." + apex)
				f.Set(zone.NewSnapshot(apex, []zone.Record{zone.NewTXT("day."+apex, 86400, "x")}))
				_, err := p.GetRecords(t.Context(), fqdn)
				if len(got) == 1 && got[0].TTL == 86400 && err == nil {
					return ""
				}
				return fmt.Sprintf("86400 is stored as %d, then: %v", got[0].TTL, err)
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				f.Set(zone.NewSnapshot(apex, []zone.Record{zone.NewTXT("day."+apex, 86400, "x")}))
				if snap, err := acct.Read(t.Context(), providers.Zone{Apex: apex}); err != nil || len(snap.Records) != 1 || snap.Records[0].TTL != 86400 {
					return fmt.Errorf("%v %w", snap.Records, err)
				}
				r := zone.NewTXT("ttl."+apex, 86400, "x")
				if err := refused(t, f, acct, providers.Rejected, providers.Invalid, zone.Change{Owner: r.Name, Add: []zone.Record{r}}); err != nil {
					return err
				}
				if r.TTL = acct.Info().Caps.ClampTTL(r.TTL); r.TTL != 60000 {
					return fmt.Errorf("the nearest TTL is %d", r.TTL)
				}
				f.Set(zone.NewSnapshot(apex, mailZone()))
				return becomes(t, f, acct, zone.Change{Owner: r.Name, Add: []zone.Record{r}})
			},
		},
		{
			id: "N7", words: "a deletion that finds nothing writes the zone all the same", zone: mailZone(),
			bare: func(t *testing.T, f *namecheaptest.Fake, p *bare.Provider) string {
				gone, err := p.DeleteRecords(t.Context(), fqdn, []libdns.Record{&libdns.TXT{Name: "@", Text: "v=spf1 include:mail.example -all"}})
				if err != nil || f.Writes() == 0 {
					return ""
				}
				return fmt.Sprintf("%d deleted, %d writes, and the MX records are gone: %t", len(gone), f.Writes(), len(f.Zone(apex).Set(apex, "MX")) == 0)
			},
			ours: func(t *testing.T, f *namecheaptest.Fake, acct *providers.Account) error {
				r := rec("@", "TXT", "was never there")
				if err := becomes(t, f, acct, zone.Change{Owner: apex, Remove: []zone.Record{r}}); err != nil || f.Writes() != 0 {
					return fmt.Errorf("%d writes, %w", f.Writes(), err)
				}
				return nil
			},
		},
	}
}

const writers = 6

// hostsAnswer is an answer of getHosts with this inside.
func hostsAnswer(inside string) httpapitest.Fault {
	return httpapitest.Fault{Body: `<ApiResponse Status="OK" xmlns="http://api.namecheap.com/xml.response"><Errors /><CommandResponse>` + inside + `</CommandResponse></ApiResponse>`}
}

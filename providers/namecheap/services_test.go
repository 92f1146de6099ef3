package namecheap_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	getSRV = "namecheap.domains.dns.getsrvrecords"
	setSRV = "namecheap.domains.dns.setsrvrecords"
)

func srv(rel, data string) zone.Record {
	return zone.Record{Name: zone.Name(rel + "." + string(apex)), Type: "SRV", TTL: 1799, Data: data, Meta: "list=srv"}
}

// sip is the SRV record of a customer, and chat what somebody puts in its place.
func sip() zone.Record  { return srv("_sip._tcp", "10 60 5060 sip.host.example.") }
func chat() zone.Record { return srv("_xmpp._tcp", "5 0 5222 xmpp.host.example.") }

// whole is the zone of the tests.
func whole() providers.Zone { return providers.Zone{ID: string(apex), Apex: apex, Caps: driverCaps()} }

// challengeEdit is a write of a text that has nothing to do with the zone.
func challengeEdit(snap zone.Snapshot) zone.Edit {
	return zone.Edit{Before: snap.Records, After: snap.With(challengeChange()).Records, Meta: snap.Meta}
}

// readWith is what a session reads where the n-th request is answered so.
func readWith(t *testing.T, n int, inside string) (zone.Snapshot, error) {
	t.Helper()
	f := start(t, namecheaptest.Options{}, append(mailZone(), sip())...)
	f.FailNext(n, hostsAnswer(inside))
	return session(t, f).Read(t.Context(), whole())
}

// TestServicesOnRecord reads the answer that the real API has given: srv_test.txt
// of https://github.com/willpower232/go-namecheap.
func TestServicesOnRecord(t *testing.T) {
	snap, err := readWith(t, 1, `<Result IsActive="false"><Records><AssociatedAppTitle/><FriendlyName/><IsActive>true</IsActive><HostId>1352584</HostId>`+
		`<Service>_sip</Service><Protocol>_tls</Protocol><Priority>100</Priority><Port>443</Port><Target>sipdir.online.lync.com</Target><Weight>1</Weight></Records></Result>`)
	if want := srv("_sip._tls", "100 1 443 sipdir.online.lync.com."); err != nil || !slices.Contains(snap.Records, want) {
		t.Errorf("%v is not in %v, %v", want, snap.Records, err)
	}
}

// TestServicesNotToldOf: an answer that does not tell of SRV records is not one
// that there are none.
func TestServicesNotToldOf(t *testing.T) {
	const fields = `<Service>_x</Service><Protocol>_tcp</Protocol><Priority>1</Priority><Weight>1</Weight><Port>1</Port><Target>t.example</Target>`
	const record = `<Records>` + fields + `</Records>`
	for _, c := range []struct{ name, inside string }{
		{"nothing", ""},
		{"another result", `<DomainDNSGetHostsResult Domain="customer.example"/>`},
		{"records in another element", `<Other><Result>` + record + `</Result></Other>`},
		{"two results", `<Result>` + record + `</Result><Result/>`},
		{"an element that is no record", `<Result><Entries>` + fields + `</Entries></Result>`},
		{"a record without its target", `<Result>` + strings.Replace(record, "<Target>t.example</Target>", "", 1) + `</Result>`},
		{"an empty record", `<Result><Records/></Result>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if snap, err := readWith(t, 1, c.inside); providers.CodeOf(err) != providers.Unavailable {
				t.Errorf("got %v, %v, want Unavailable", snap.Records, err)
			}
		})
	}
	t.Run("an answer to another command", func(t *testing.T) {
		f := start(t, namecheaptest.Options{}, append(mailZone(), sip())...)
		f.FailNext(1, httpapitest.Fault{Body: `<ApiResponse Status="OK"><CommandResponse Type="namecheap.domains.dns.setSrvRecords"><Result/></CommandResponse></ApiResponse>`})
		if _, err := session(t, f).Read(t.Context(), whole()); providers.CodeOf(err) != providers.Unavailable {
			t.Error(err)
		}
	})
	t.Run("an error", func(t *testing.T) {
		f := start(t, namecheaptest.Options{}, append(mailZone(), sip())...)
		f.FailNext(1, httpapitest.Fault{Body: problem("2019166", "Domain name not found")})
		if _, err := session(t, f).Read(t.Context(), whole()); providers.CodeOf(err) != providers.NoSuchZone {
			t.Error(err)
		}
	})
	t.Run("an API without the command", func(t *testing.T) {
		f := start(t, namecheaptest.Options{NoSRV: true}, mailZone()...)
		if err := becomes(t, f, account(t, f, providers.Options{}), challengeChange()); err != nil {
			t.Error(err)
		}
	})
}

// TestServices: SRV records are shown, are not changed, and are put back when a
// write drops them, all of them.
func TestServices(t *testing.T) {
	for _, drop := range []bool{false, true} {
		t.Run(fmt.Sprintf("dropped by the host: %t", drop), func(t *testing.T) {
			f := start(t, namecheaptest.Options{DropSRV: drop}, append(mailZone(), sip(), chat())...)
			acct := account(t, f, providers.Options{})
			if err := becomes(t, f, acct, challengeChange()); err != nil {
				t.Error(err)
			}
			if err := refused(t, f, acct, providers.Rejected, providers.Unsupported, remove(sip())); err != nil {
				t.Error(err)
			}
			r := srv("_new._tcp", "1 2 3 t.example.")
			if err := refused(t, f, acct, providers.Rejected, providers.Unsupported, zone.Change{Owner: r.Name, Add: []zone.Record{r}}); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("one that is switched off", func(t *testing.T) {
		off := sip()
		off.Meta = "active=false list=srv"
		f := start(t, namecheaptest.Options{DropSRV: true}, append(mailZone(), off)...)
		if err := refused(t, f, account(t, f, providers.Options{}), providers.Rejected, providers.Unsupported, challengeChange()); err != nil || f.Writes() != 0 {
			t.Errorf("%d writes, %v", f.Writes(), err)
		}
	})
}

// TestServicesPutBackRequest: what puts SRV records back is the whole list, with
// the parameters that dnscontrol sends.
func TestServicesPutBackRequest(t *testing.T) {
	f := start(t, namecheaptest.Options{DropSRV: true}, append(mailZone(), sip(), chat())...)
	sent := ""
	f.SetHook(func(r *http.Request) {
		if r.ParseForm() == nil && r.Form.Get("Command") == setSRV {
			sent = r.Form.Encode()
		}
	})
	if err := becomes(t, f, account(t, f, providers.Options{}), challengeChange()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SrvCount=2", "SLD=customer", "TLD=example", "Target1=sip.host.example.", "Service2=_xmpp", "Protocol2=_tcp", "Priority2=5", "Weight2=0", "Port2=5222"} {
		if !strings.Contains("&"+sent+"&", "&"+want+"&") {
			t.Errorf("%q is not in %s", want, sent)
		}
	}
}

// TestServicesAnswerLost: SRV records are put back too where the answer to the
// write was lost, and where the caller has given up meanwhile.
func TestServicesAnswerLost(t *testing.T) {
	for name, fault := range map[string]httpapitest.Fault{
		"no answer": {Land: true, Drop: true}, "half an answer": {Land: true, Half: true}, "a page": {Land: true, HTML: true}, "status 500": {Land: true, Status: 500},
		"no result": {Land: true, Body: hostsAnswer("").Body}, "no success": {Land: true, Body: hostsAnswer(`<DomainDNSSetHostsResult Domain="customer.example" IsSuccess="false"/>`).Body},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, namecheaptest.Options{DropSRV: true}, append(mailZone(), sip())...)
			f.FailWrite(1, fault)
			if err := becomes(t, f, account(t, f, providers.Options{}), challengeChange()); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("the caller gives up after the write", func(t *testing.T) {
		f := start(t, namecheaptest.Options{DropSRV: true}, append(mailZone(), sip())...)
		s := session(t, f)
		snap, err := s.Read(t.Context(), whole())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		wrote := false
		f.SetHook(func(r *http.Request) {
			if wrote {
				cancel()
			}
			wrote = wrote || r.ParseForm() == nil && r.Form.Get("Command") == setHosts
		})
		if err := s.Write(ctx, whole(), challengeEdit(snap)); err != nil || ctx.Err() == nil {
			t.Error(err, ctx.Err())
		}
		if err := same(f.Zone(apex), snap.With(challengeChange())); err != nil {
			t.Error(err)
		}
	})
	t.Run("what was not written took nothing away", func(t *testing.T) {
		f := start(t, namecheaptest.Options{DropSRV: true}, append(mailZone(), sip())...)
		s := session(t, f)
		snap, err := s.Read(t.Context(), whole())
		if err != nil {
			t.Fatal(err)
		}
		f.FailWrite(1, httpapitest.Fault{Status: 405})
		n := f.Requests()
		judgeError(t, "Write", s.Write(t.Context(), whole(), challengeEdit(snap)), providers.RateLimited, providers.WroteNo, 0)
		if n = f.Requests() - n; n != 3 {
			t.Errorf("%d requests, want 3", n)
		}
	})
}

// TestServicesLost: what became of SRV records is said where they are gone, or
// where nobody could look.
func TestServicesLost(t *testing.T) {
	limited := httpapitest.Fault{Status: 405, RetryAfter: "7"}
	hosts := hostsAnswer(`<DomainDNSSetHostsResult Domain="customer.example" IsSuccess="true"/>`)
	hosts.Land = true
	for _, c := range []struct {
		name    string
		answer  httpapitest.Fault // to setHosts
		request int               // after the two of the read, from 1: 4 looks, 5 puts back, 6 looks again
		fault   httpapitest.Fault
		code    providers.Code
		wrote   providers.Wrote
		after   time.Duration
		says    string
	}{
		{"nobody can look", hosts, 4, limited, providers.RateLimited, providers.WroteYes, 7 * time.Second, "may be lost"},
		{"they cannot be put back", hosts, 5, limited, providers.RateLimited, providers.WroteYes, 7 * time.Second, "may be lost"},
		{"nobody can look again", hosts, 6, httpapitest.Fault{Status: 503}, providers.Unavailable, providers.WroteYes, 0, "may be lost"},
		{"they are said to be put back and are not", hosts, 5, hostsAnswer(`<Result/>`), providers.Conflict, providers.WroteYes, 0, "are lost"},
		{"the answer is lost, and nobody can look", httpapitest.Fault{Land: true, Drop: true}, 4, limited, providers.Unavailable, providers.WroteUnknown, 7 * time.Second, "may be lost"},
		{"the answer is lost, and they cannot be put back", httpapitest.Fault{Land: true, Drop: true}, 5, limited, providers.Unavailable, providers.WroteYes, 7 * time.Second, "may be lost"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, namecheaptest.Options{DropSRV: true}, append(mailZone(), sip())...)
			s := session(t, f)
			snap, err := s.Read(t.Context(), whole())
			if err != nil {
				t.Fatal(err)
			}
			f.FailWrite(1, c.answer)
			f.FailNext(c.request, c.fault)
			err = s.Write(t.Context(), whole(), challengeEdit(snap))
			judgeError(t, "Write", err, c.code, c.wrote, c.after)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "Advanced DNS") {
				t.Errorf("got %v, want one that says %q and where to look", err, c.says)
			}
		})
	}
	t.Run("through an account", func(t *testing.T) {
		f := start(t, namecheaptest.Options{DropSRV: true}, append(mailZone(), sip())...)
		f.FailWrite(2, httpapitest.Fault{Status: 503})
		o := apply(t, account(t, f, providers.Options{}), challengeChange())[0]
		if o.State != providers.Applied || !strings.Contains(o.Detail, "SRV records of the zone may be lost") {
			t.Errorf("%s %s", o.State, o.Detail)
		}
	})
}

// TestServicesTwice: two records of which one is there twice now are not the two
// that were there before.
func TestServicesTwice(t *testing.T) {
	f := start(t, namecheaptest.Options{}, append(mailZone(), sip(), chat())...)
	s := session(t, f)
	snap, err := s.Read(t.Context(), whole())
	if err != nil {
		t.Fatal(err)
	}
	const again = `<Records><IsActive>true</IsActive><Service>_sip</Service><Protocol>_tcp</Protocol><Priority>10</Priority><Port>5060</Port><Target>sip.host.example.</Target><Weight>60</Weight></Records>`
	f.FailNext(4, hostsAnswer("<Result>"+again+again+"</Result>"))
	judgeError(t, "Write", s.Write(t.Context(), whole(), challengeEdit(snap)), providers.Conflict, providers.WroteYes, 0)
}

// TestServicesOfAStranger has somebody put another SRV record in the place of
// the zone's, just before each request of an Apply, at a host that drops none.
// Theirs is never taken away. Up to the list of the write the plan is made with
// it or refused; after that the change stands, and what was seen is said.
func TestServicesOfAStranger(t *testing.T) {
	for i, want := range []struct {
		before string
		state  providers.State
		says   string
	}{
		{"the plan's SRV records", providers.Applied, ""},
		{"the plan's hosts", providers.Conflicts, "changed the records at _sip._tcp"},
		{"the write's SRV records", providers.Conflicts, "changed the records at _sip._tcp"},
		{"the write's hosts", providers.Applied, "not what they were before"},
		{"the write", providers.Applied, "not what they were before"},
		{"the look at the SRV records", providers.Applied, "not what they were before"},
		{"the read back", providers.Applied, ""},
	} {
		t.Run(want.before, func(t *testing.T) {
			f := start(t, namecheaptest.Options{}, append(mailZone(), sip())...)
			n := 0
			f.SetHook(func(*http.Request) {
				if n++; n == i+1 {
					f.Change(apex, remove(sip()), zone.Change{Owner: chat().Name, Add: []zone.Record{chat()}})
				}
			})
			o := apply(t, account(t, f, providers.Options{}), challengeChange())[0]
			if o.State != want.state || !strings.Contains(o.Detail, want.says) || want.says == "" && o.Detail != "" {
				t.Errorf("%s (%s), want %s that says %q", o.State, o.Detail, want.state, want.says)
			}
			if got := f.Zone(apex).Records; !slices.Contains(got, chat()) || slices.Contains(got, sip()) {
				t.Errorf("their edit does not stand: %v", got)
			}
		})
	}
}

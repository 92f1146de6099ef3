package godaddy_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestCheck: what a key is worth, without a write.
func TestCheck(t *testing.T) {
	right := godaddytest.Account{Key: "e4hN3Y4pDXEA", Secret: "Xx1N6bSqjTHs"}
	for _, c := range []struct {
		name    string
		account godaddytest.Account
		creds   providers.Credentials // nil: the account's
		code    providers.Code
		reason  providers.Reason
		text    string
	}{
		{"a key", right, nil, "", "", ""},
		{"a token", godaddytest.Account{Token: "gdpat.token"}, nil, "", "", ""},
		{"a key that may edit records alone", godaddytest.Account{Key: "e4hN3Y4pDXEA", Secret: "Xx1N6bSqjTHs", Access: godaddytest.RecordsOnly}, nil, "", "", ""},
		{"a key with its secret behind a colon", right, providers.Credentials{"api_key": "e4hN3Y4pDXEA:Xx1N6bSqjTHs"}, "", "", ""},
		{"a wrong secret", right, providers.Credentials{"api_key": "e4hN3Y4pDXEA", "api_secret": "another-one"}, providers.InvalidCredentials, "", "https://developer.godaddy.com/keys"},
		{"a key without its secret", right, providers.Credentials{"api_key": "e4hN3Y4pDXEA"}, providers.InvalidCredentials, "", "UNABLE_TO_AUTHENTICATE"},
		{"an account without access", godaddytest.Account{Key: "e4hN3Y4pDXEA", Secret: "Xx1N6bSqjTHs", Access: godaddytest.Closed}, nil, providers.AccessDenied, providers.ReasonNoAccess, "by hand, or through Domain Connect"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, godaddytest.Options{Accounts: []godaddytest.Account{c.account}})
			if c.creds == nil {
				c.creds = c.account.Credentials()
			}
			err := open(t, fake, c.creds, providers.Options{}).Check(t.Context())
			e, _ := errors.AsType[*providers.Error](err)
			switch {
			case c.code == "" && err != nil:
				t.Errorf("got %v", err)
			case c.code != "" && (e == nil || e.Code != c.code || e.Reason != c.reason || !strings.Contains(err.Error(), c.text)):
				t.Errorf("got %v, want %s, reason %q, with %q", err, c.code, c.reason, c.text)
			}
			if fake.Writes() != 0 {
				t.Error("it has written")
			}
		})
	}
}

// TestCheckAnswers: what the host's answers to the two requests of Check say of
// the key.
func TestCheckAnswers(t *testing.T) {
	denied := httpapitest.Fault{Status: 403, Body: `{"code":"ACCESS_DENIED"}`}
	for _, c := range []struct {
		name  string
		first httpapitest.Fault
		then  httpapitest.Fault
		code  providers.Code
	}{
		{"no domains", httpapitest.Fault{Body: `[]`}, httpapitest.Fault{}, ""},
		{"an error as success", httpapitest.Fault{Body: `{"code":"ACCESS_DENIED"}`}, httpapitest.Fault{}, providers.Unavailable},
		{"null", httpapitest.Fault{Body: `null`}, httpapitest.Fault{}, providers.Unavailable},
		{"records that can be read", denied, httpapitest.Fault{Body: `[]`}, ""},
		{"no such domain", denied, httpapitest.Fault{Status: 404, Body: `{"code":"UNKNOWN_DOMAIN"}`}, ""},
		{"a domain that is refused", denied, httpapitest.Fault{Status: 422, Body: `{"code":"INVALID_BODY"}`}, ""},
		{"a page of HTML", denied, httpapitest.Fault{HTML: true}, providers.Unavailable},
		{"records as an error", denied, httpapitest.Fault{Body: `{"code":"ACCESS_DENIED"}`}, providers.Unavailable},
		{"denied twice", denied, denied, providers.AccessDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, godaddytest.Options{})
			fake.FailNext(1, c.first)
			fake.FailNext(2, c.then)
			if err := session(t, fake).(providers.Checker).Check(t.Context()); providers.CodeOf(err) != c.code {
				t.Errorf("got %v, want %q", err, c.code)
			}
		})
	}
}

// TestFindAnswers: what the host's answers to the two requests of Find say of the
// zone: the domain, and its name servers.
func TestFindAnswers(t *testing.T) {
	for _, c := range []struct {
		name         string
		domain, list httpapitest.Fault // none: the fake's own answer
		code         providers.Code
	}{
		{"both", httpapitest.Fault{}, httpapitest.Fault{}, ""},
		{"in capitals", httpapitest.Fault{Body: `{"domain":"Customer.EXAMPLE","status":"ACTIVE"}`}, httpapitest.Fault{}, ""},
		{"another domain", httpapitest.Fault{Body: `{"domain":"other.example","status":"ACTIVE"}`}, httpapitest.Fault{}, providers.Unavailable},
		{"an error as success", httpapitest.Fault{Body: `{"code":"UNKNOWN_DOMAIN"}`}, httpapitest.Fault{}, providers.Unavailable},
		{"no domain, and name servers", httpapitest.Fault{Status: 404, Body: `{"code":"NOT_FOUND"}`}, httpapitest.Fault{}, ""},
		{"a domain that is refused", httpapitest.Fault{Status: 422, Body: `{"code":"INVALID_BODY"}`}, httpapitest.Fault{}, ""},
		{"no domain, and no records", httpapitest.Fault{Status: 404, Body: `{"code":"NOT_FOUND"}`}, httpapitest.Fault{Body: `[]`}, providers.NoSuchZone},
		{"a domain without records", httpapitest.Fault{}, httpapitest.Fault{Body: `[]`}, providers.NoSuchZone},
		{"name servers of another name", httpapitest.Fault{}, httpapitest.Fault{Body: `[{"type":"NS","name":"sub","data":"ns.example.net","ttl":600}]`}, providers.NoSuchZone},
		{"records of another type", httpapitest.Fault{}, httpapitest.Fault{Body: `[{"type":"MX","name":"@","data":"mx.example.net","priority":1,"ttl":600}]`}, providers.NoSuchZone},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
			fake.FailNext(1, c.domain)
			fake.FailNext(2, c.list)
			z, err := session(t, fake).Find(t.Context(), apex)
			if providers.CodeOf(err) != c.code || err == nil && len(z.NameServers) != 2 {
				t.Errorf("got %v, %v; want %q", z.NameServers, err, c.code)
			}
		})
	}
}

// TestListAnswers: a list is an array of domains, and nothing else. Those that
// could not be asked for are left out.
func TestListAnswers(t *testing.T) {
	for _, c := range []struct {
		body string
		code providers.Code
		want int
	}{
		{`[]`, "", 0},
		{`[{"domain":"customer.example"}]`, "", 1},
		{`[{"domain":"a/b.example"},{"domain":"*.x.example"},{"domain":"bücher.example"},{"domain":"."}]`, "", 0},
		{`null`, providers.Unavailable, 0},
		{`{}`, providers.Unavailable, 0},
		{`[null]`, providers.Unavailable, 0},
		{`[{}]`, providers.Unavailable, 0},
		{`[1]`, providers.Unavailable, 0},
	} {
		fake := start(t, godaddytest.Options{})
		fake.SetFault(httpapitest.Fault{Body: c.body})
		got, err := session(t, fake).(providers.Lister).List(t.Context())
		if providers.CodeOf(err) != c.code || len(got) != c.want {
			t.Errorf("%s: %v, %v; want %d domains and %q", c.body, got, err, c.want, c.code)
		}
	}
}

// TestCheckBroken: a host that is broken says nothing of the key.
func TestCheckBroken(t *testing.T) {
	fake := start(t, godaddytest.Options{})
	for _, f := range []httpapitest.Fault{{Status: 500}, {HTML: true}, {Drop: true}} {
		fake.SetFault(f)
		s := session(t, fake).(providers.Checker)
		if err := s.Check(t.Context()); providers.CodeOf(err) != providers.Unavailable {
			t.Errorf("%+v: %v, want Unavailable", f, err)
		}
	}
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name     string
		endpoint string
		creds    providers.Credentials
		code     providers.Code
	}{
		{"the real API", "", providers.Credentials{"api_key": "k", "api_secret": "s"}, ""},
		{"the test environment", godaddy.OTE, providers.Credentials{"api_key": "k", "api_secret": "s"}, ""},
		{"a token alone", "", providers.Credentials{"api_key": "gdpat.token"}, ""},
		{"spaces around", "", providers.Credentials{"api_key": " k\n", "api_secret": "\ts "}, ""},
		{"no key", "", providers.Credentials{"api_secret": "s"}, providers.InvalidCredentials},
		{"a space within", "", providers.Credentials{"api_key": "k k", "api_secret": "s"}, providers.InvalidCredentials},
		{"a line end within", "", providers.Credentials{"api_key": "k", "api_secret": "s\r\nX: y"}, providers.InvalidCredentials},
		{"key and secret in one", "", providers.Credentials{"api_key": "k:s"}, ""},
		{"key and secret in one, and the secret again", "", providers.Credentials{"api_key": "k:s", "api_secret": "s"}, providers.InvalidCredentials},
		{"a key and a colon", "", providers.Credentials{"api_key": "k:"}, providers.InvalidCredentials},
		{"a colon and a secret", "", providers.Credentials{"api_key": ":s"}, providers.InvalidCredentials},
		{"not encrypted", "http://api.godaddy.com", providers.Credentials{"api_key": "k", "api_secret": "s"}, providers.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := godaddy.Driver{Endpoint: c.endpoint}.Open(c.creds)
			if providers.CodeOf(err) != c.code {
				t.Errorf("got %v, want %q", err, c.code)
			}
		})
	}
}

func TestFind(t *testing.T) {
	fake := start(t, godaddytest.Options{
		Zones: []zone.Snapshot{site()},
		Accounts: []godaddytest.Account{
			{Key: "full", Secret: "s"},
			{Key: "records", Secret: "s", Access: godaddytest.RecordsOnly},
			{Key: "another", Secret: "s", Zones: []zone.Name{}},
		},
	})
	find := func(key string, apex zone.Name) (providers.Zone, error) {
		return open(t, fake, providers.Credentials{"api_key": key, "api_secret": "s"}, providers.Options{}).Find(t.Context(), apex)
	}
	for _, key := range []string{"full", "records"} {
		z, err := find(key, apex)
		if want := []zone.Name{"ns51.domaincontrol.com", "ns52.domaincontrol.com"}; err != nil || !slices.Equal(z.NameServers, want) || z.Apex != apex || z.Caps.Grain != providers.GrainRRset {
			t.Errorf("%s: %+v, %v; want the name servers %v", key, z, err, want)
		}
	}
	for _, c := range []struct {
		key  string
		apex zone.Name
	}{{"another", apex}, {"full", "other.example"}, {"full", name("www")}, {"full", "."}, {"full", ""}, {"full", `a\.b.example`}} {
		if _, err := find(c.key, c.apex); providers.CodeOf(err) != providers.NoSuchZone {
			t.Errorf("%s, %s: %v, want NoSuchZone", c.key, c.apex, err)
		}
	}
	for status, code := range map[string]providers.Code{"PENDING_DNS_ACTIVE": "", "EXPIRED": "", "FAILED_TRANSFER_IN": "", "EXPIRED_REASSIGNED": providers.NoSuchZone, "CANCELLED_TRANSFER": providers.NoSuchZone, "TRANSFERRED_OUT": providers.NoSuchZone} {
		fake.SetStatus(apex, status)
		if _, err := find("full", apex); providers.CodeOf(err) != code {
			t.Errorf("%s: %v, want %q", status, err, code)
		}
	}
	o := open(t, fake, fake.Credentials(), providers.Options{}).Apply(t.Context(), home(), []zone.Change{{Owner: apex, Add: []zone.Record{txt("@", "mine")}}}, &providers.Run{})[0]
	if o.State != providers.Failed || o.Code != providers.AccessDenied || !strings.Contains(o.Detail, "not active") {
		t.Errorf("a domain that is not active: %+v", o)
	}
}

// TestList: all domains, of more than two pages, but for those that are gone.
func TestList(t *testing.T) {
	var o godaddytest.Options
	want := []zone.Name{}
	for i := range 2000 {
		n := zone.Name(fmt.Sprintf("d%04d.example", i))
		o.Zones = append(o.Zones, zone.Snapshot{Zone: n})
		want = append(want, n)
	}
	fake := start(t, o)
	fake.SetStatus("d0007.example", "TRANSFERRED_OUT")
	want = slices.Delete(want, 7, 8)
	got, err := session(t, fake).(providers.Lister).List(t.Context())
	var names []zone.Name
	for _, z := range got {
		names = append(names, z.Apex)
	}
	if err != nil || !slices.Equal(names, want) || fake.Requests() != 3 {
		t.Errorf("%d domains in %d requests, %v; want %d in 3", len(names), fake.Requests(), err, len(want))
	}
	for n, f := range map[int]httpapitest.Fault{1: {Status: 403}, 2: {Body: `{"domain":"x"}`}, 3: {Body: `[{"domain":"d0000.example"}]`}} {
		fake.FailNext(n, f)
		if got, err := session(t, fake).(providers.Lister).List(t.Context()); err == nil {
			t.Errorf("%+v at request %d: %d domains and no error", f, n, len(got))
		}
	}
}

// TestInfo: what a person is asked for, and where to find it.
func TestInfo(t *testing.T) {
	i := godaddy.Driver{}.Info()
	if i.ID != "godaddy" || !i.Serves("ns51.domaincontrol.com") {
		t.Errorf("id %q, name servers %v", i.ID, i.NameServers)
	}
	for _, f := range i.Fields {
		if !f.Secret || f.URL != "https://developer.godaddy.com/keys" || f.Help == "" {
			t.Errorf("field %+v: want it secret, with help and a link", f)
		}
	}
	if len(i.Caps.Rates) != 1 || i.Caps.Source == "" || i.Caps.Date == "" || i.Caps.CAS {
		t.Errorf("caps %+v", i.Caps)
	}
}

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
		{"key and secret in one", "", providers.Credentials{"api_key": "k:s", "api_secret": "s"}, providers.InvalidCredentials},
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
	}{{"another", apex}, {"full", "other.example"}, {"full", name("www")}, {"full", "."}, {"full", `a\.b.example`}} {
		if _, err := find(c.key, c.apex); providers.CodeOf(err) != providers.NoSuchZone {
			t.Errorf("%s, %s: %v, want NoSuchZone", c.key, c.apex, err)
		}
	}
	for status, code := range map[string]providers.Code{"PENDING_DNS_ACTIVE": "", "CANCELLED_TRANSFER": providers.NoSuchZone, "TRANSFERRED_OUT": providers.NoSuchZone} {
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

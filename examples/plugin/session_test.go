package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/examples/plugin/harbourtest"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name, endpoint, token string
		code                  providers.Code
	}{
		{"the real API", "", "hbr_x", ""},
		{"a sandbox", "https://sandbox.harbour.example/v2/", "hbr_x", ""},
		{"spaces around", "", " hbr_x\n", ""},
		{"no token", "", "", providers.InvalidCredentials},
		{"spaces alone", "", "  ", providers.InvalidCredentials},
		{"a space within", "", "hbr x", providers.InvalidCredentials},
		{"a line end within", "", "hbr\r\nX: y", providers.InvalidCredentials},
		{"not encrypted", "http://api.harbour.example/v2", "hbr_x", providers.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := driver{Endpoint: c.endpoint}.Open(providers.Credentials{"token": c.token})
			if providers.CodeOf(err) != c.code {
				t.Errorf("got %v, want %q", err, c.code)
			}
			if text := fmt.Sprintf("%v %+v %#v", s, s, s); err == nil && strings.Contains(text, "hbr") {
				t.Errorf("a session prints its token: %s", text)
			}
		})
	}
}

func TestHosts(t *testing.T) {
	for endpoint, want := range map[string]string{
		"":                                   "api.harbour.example",
		"https://sandbox.harbour.example/v2": "sandbox.harbour.example",
		"http://127.0.0.1:8080/v2":           "127.0.0.1:8080",
		"no URL":                             "api.harbour.example",
	} {
		if got := (driver{Endpoint: endpoint}).hosts(); !slices.Equal(got, []string{want}) {
			t.Errorf("%q: got %q, want %q", endpoint, got, want)
		}
	}
}

// TestCheck: what a token is worth, and why it is not, without a write. The fake
// repeats what it was sent, and no error does.
func TestCheck(t *testing.T) {
	const token = "hbr_8d1f0b2c-the-secret-part"
	for _, c := range []struct {
		name   string
		token  harbourtest.Token
		give   string
		code   providers.Code
		reason providers.Reason
	}{
		{"right", harbourtest.Token{}, token, "", ""},
		{"unknown", harbourtest.Token{}, "hbr_another-secret-that-is-wrong", providers.InvalidCredentials, ""},
		{"expired", harbourtest.Token{Refused: "token_expired"}, token, providers.InvalidCredentials, providers.ReasonExpired},
		{"from elsewhere", harbourtest.Token{Refused: "address_not_allowed"}, token, providers.AccessDenied, providers.ReasonAddress},
		{"without the API", harbourtest.Token{Refused: "plan_without_api"}, token, providers.AccessDenied, providers.ReasonNoAccess},
		{"for reading alone", harbourtest.Token{Scopes: []string{harbourtest.ScopeRead}}, token, providers.AccessDenied, providers.ReasonScope},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.token.Value = token
			fake := start(t, harbourtest.Options{Tokens: []harbourtest.Token{c.token}})
			s, err := driver{Endpoint: fake.Endpoint()}.Open(providers.Credentials{"token": c.give})
			if err != nil {
				t.Fatal(err)
			}
			err = s.(providers.Checker).Check(t.Context())
			e, _ := errors.AsType[*providers.Error](err)
			switch {
			case providers.CodeOf(err) != c.code || e != nil && e.Reason != c.reason:
				t.Errorf("got %v, want %q with the reason %q", err, c.code, c.reason)
			case err != nil && (strings.Contains(err.Error(), c.give) || !strings.Contains(err.Error(), "(") && c.reason == ""):
				t.Errorf("got %v, want no token and what to do", err)
			case fake.Writes() != 0:
				t.Error("it has written")
			}
		})
	}
}

// TestRate: a host that has had enough says when to come again.
func TestRate(t *testing.T) {
	fake := start(t, harbourtest.Options{Rate: 1})
	s := open(t, fake).(providers.Lister)
	if _, err := s.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := s.List(t.Context())
	if e, ok := errors.AsType[*providers.Error](err); !ok || e.Code != providers.RateLimited || e.RetryAfter <= 0 {
		t.Errorf("got %v, want RateLimited and when to come again", err)
	}
}

// TestPages: zones and records of many pages are read whole.
func TestPages(t *testing.T) {
	var zones []zone.Snapshot
	var recs []zone.Record
	for n := range 7 {
		zones = append(zones, zone.Snapshot{Zone: zone.Name(fmt.Sprintf("zone%d.example", n))})
		recs = append(recs, txt(fmt.Sprintf("n%d", n), "x"))
	}
	fake := start(t, harbourtest.Options{Zones: append(zones, zone.NewSnapshot(apex, recs)), PageSize: 2})
	s := open(t, fake)
	list, err := s.(providers.Lister).List(t.Context())
	if err != nil || len(list) != 8 {
		t.Errorf("got %d zones, %v; want 8", len(list), err)
	}
	snap, err := s.Read(t.Context(), providers.Zone{Apex: apex})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(snap.Records, fake.Zone(apex).Records); diff != "" {
		t.Errorf("got - and want +:\n%s", diff)
	}
}

// TestStale: pages of two versions are never put together.
func TestStale(t *testing.T) {
	for _, c := range []struct {
		name  string
		times int
		code  providers.Code
	}{
		{"once", 1, ""},
		{"three times", 3, ""},
		{"all the time", 1000, providers.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, harbourtest.Options{Zones: []zone.Snapshot{site()}, PageSize: 2})
			s, n := open(t, fake), 0
			fake.SetHook(func(r *http.Request) {
				if r.URL.Query().Has("cursor") && n < c.times {
					n++
					fake.Change(apex, add(txt("came", fmt.Sprint(n))))
				}
			})
			snap, err := s.Read(t.Context(), providers.Zone{Apex: apex})
			if providers.CodeOf(err) != c.code || err == nil && len(snap.Set("came."+apex, "TXT")) != c.times {
				t.Errorf("got %v, %v; want %q", snap.Set("came."+apex, "TXT"), err, c.code)
			}
		})
	}
}

// TestMixed: a host that goes on in another version without a word.
func TestMixed(t *testing.T) {
	fake := start(t, harbourtest.Options{Zones: []zone.Snapshot{site()}, PageSize: 3})
	fake.FailNext(2, httpapitest.Fault{Body: `{"version":9,"sets":[]}`})
	if snap, err := open(t, fake).Read(t.Context(), providers.Zone{Apex: apex}); providers.CodeOf(err) != providers.Unavailable {
		t.Errorf("got %v, %v; want Unavailable", snap.Records, err)
	}
}

// TestAnswers: what is not as the API promises is an error, and never an empty
// zone, half of one, or somebody else's.
func TestAnswers(t *testing.T) {
	find := func(s providers.Session) error { _, err := s.Find(t.Context(), apex); return err }
	read := func(s providers.Session) error { _, err := s.Read(t.Context(), providers.Zone{Apex: apex}); return err }
	list := func(s providers.Session) error { _, err := s.(providers.Lister).List(t.Context()); return err }
	const soa = `{"name":"@","type":"SOA","ttl":3600,"values":[{"data":"a.ns.harbour.example. h.harbour.example. 1 2 3 4 5"}]}`
	for _, c := range []struct {
		name string
		call func(providers.Session) error
		body string
		ok   bool
	}{
		{"a zone", find, `{"name":"customer.example","name_servers":["a.ns.harbour.example"]}`, true},
		{"a zone in capitals", find, `{"name":"Customer.Example."}`, true},
		{"another zone", find, `{"name":"other.example"}`, false},
		{"an error as success", find, `{"error":{"code":"zone_unknown"}}`, false},
		{"a name server that is none", find, `{"name":"customer.example","name_servers":["a..b"]}`, false},

		{"records", read, `{"version":1,"sets":[` + soa + `]}`, true},
		{"no records", read, `{"version":1,"sets":[]}`, false},
		{"null", read, `null`, false},
		{"no list", read, `{"version":1}`, false},
		{"no version", read, `{"sets":[` + soa + `]}`, false},
		{"an error as a success", read, `{"error":{"code":"maintenance"}}`, false},
		{"an RRset that is none", read, `{"version":1,"sets":[` + soa + `,7]}`, false},
		{"an RRset without a name", read, `{"version":1,"sets":[` + soa + `,{"type":"A","ttl":60,"values":[{"data":"192.0.2.1"}]}]}`, false},
		{"an RRset without values", read, `{"version":1,"sets":[` + soa + `,{"name":"a","type":"A","ttl":60,"values":[]}]}`, false},
		{"an RRset of elsewhere", read, `{"version":1,"sets":[` + soa + `,{"name":"other.example.","type":"A","ttl":60,"values":[{"data":"192.0.2.1"}]}]}`, false},
		{"an RRset twice", read, `{"version":1,"sets":[` + soa + `,` + soa + `]}`, false},
		{"a circle", read, `{"version":1,"sets":[],"next":"again"}`, false},

		{"zones", list, `{"zones":[{"name":"customer.example"}]}`, true},
		{"no zones", list, `{"zones":[]}`, true},
		{"no list of zones", list, `{}`, false},
		{"a zone without a name", list, `{"zones":[{}]}`, false},
		{"a zone that is none", list, `{"zones":[7]}`, false},
		{"a circle of zones", list, `{"zones":[],"next":"again"}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, harbourtest.Options{Zones: []zone.Snapshot{site()}})
			fake.SetFault(httpapitest.Fault{Body: c.body})
			want := providers.Unavailable
			if c.ok {
				want = ""
			}
			if err := c.call(open(t, fake)); providers.CodeOf(err) != want {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
}

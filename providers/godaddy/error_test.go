package godaddy_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

func session(t testing.TB, fake *godaddytest.Fake) providers.Session {
	t.Helper()
	s, err := godaddy.Driver{Endpoint: fake.URL()}.Open(fake.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestErrors: each way in which the API refuses or fails has its code, says how
// long to wait, whether a write may stand, and what the host said.
func TestErrors(t *testing.T) {
	const (
		no      = providers.WroteNo
		unknown = providers.WroteUnknown
	)
	body := func(code, more string) string {
		return `{"code":"` + code + `"` + more + `,"message":"the host's words"}`
	}
	for _, c := range []struct {
		name   string
		fault  httpapitest.Fault
		code   providers.Code
		reason providers.Reason
		retry  time.Duration
		wrote  providers.Wrote // of a write
		text   string
	}{
		{"wrong key", httpapitest.Fault{Status: 401, Body: body("UNABLE_TO_AUTHENTICATE", "")}, providers.InvalidCredentials, "", 0, no, "UNABLE_TO_AUTHENTICATE: the host's words"},
		{"expired token", httpapitest.Fault{Status: 401, Body: body("TOKEN_EXPIRED", "")}, providers.InvalidCredentials, providers.ReasonExpired, 0, no, "TOKEN_EXPIRED"},
		{"revoked key", httpapitest.Fault{Status: 401, Body: `{"code":"UNAUTHORIZED","message":"the key was Revoked"}`}, providers.InvalidCredentials, providers.ReasonExpired, 0, no, "Revoked"},
		{"missing scope", httpapitest.Fault{Status: 403, Body: body("INSUFFICIENT_SCOPE", "")}, providers.AccessDenied, providers.ReasonScope, 0, no, "domains.dns:update"},
		{"a firewall", httpapitest.Fault{Status: 403, HTML: true}, providers.Unavailable, "", 0, no, "a page of HTML"},
		{"unknown domain", httpapitest.Fault{Status: 404, Body: body("UNKNOWN_DOMAIN", "")}, providers.NoSuchZone, "", 0, no, "the host's words"},
		{"unknown domain, unprocessable", httpapitest.Fault{Status: 422, Body: body("UNKNOWN_DOMAIN", "")}, providers.NoSuchZone, "", 0, no, "the host's words"},
		{"not found", httpapitest.Fault{Status: 404, Body: body("NOT_FOUND", "")}, providers.NoSuchZone, "", 0, no, "404"},
		{"inactive domain", httpapitest.Fault{Status: 409, Body: body("INACTIVE_DOMAIN", "")}, providers.AccessDenied, "", 0, no, "not active"},
		{"conflict", httpapitest.Fault{Status: 409, Body: body("BUSY", "")}, providers.Conflict, "", 0, no, "BUSY"},
		{"duplicate", httpapitest.Fault{Status: 422, Body: body("DUPLICATE_RECORD", "")}, providers.Conflict, "", 0, no, "DUPLICATE_RECORD"},
		{"invalid", httpapitest.Fault{Status: 422, Body: body("INVALID_BODY", `,"fields":[{"code":"X","path":"records[0].ttl","message":"must be more"}]`)}, providers.Invalid, "", 0, no, "records[0].ttl must be more"},
		{"too many, in the body", httpapitest.Fault{Status: 429, Body: body("TOO_MANY_REQUESTS", `,"retryAfterSec":17`)}, providers.RateLimited, "", 17 * time.Second, no, "429"},
		{"too many, in the header", httpapitest.Fault{Status: 429, RetryAfter: "30", Body: body("TOO_MANY_REQUESTS", `,"retryAfterSec":17`)}, providers.RateLimited, "", 30 * time.Second, no, "429"},
		{"too many, endless", httpapitest.Fault{Status: 429, Body: body("TOO_MANY_REQUESTS", `,"retryAfterSec":1e300`)}, providers.RateLimited, "", 0, no, "429"},
		{"broken", httpapitest.Fault{Status: 500, Body: body("INTERNAL_SERVER_ERROR", "")}, providers.Unavailable, "", 0, unknown, "the host's words"},
		{"broken, and says a name of ours", httpapitest.Fault{Status: 500, Body: body("DUPLICATE_RECORD", "")}, providers.Unavailable, "", 0, unknown, "500"},
		{"gateway timeout", httpapitest.Fault{Status: 504, Body: body("GATEWAY_TIMEOUT", "")}, providers.Unavailable, "", 0, unknown, "504"},
		{"a page of a gateway", httpapitest.Fault{Status: 502, HTML: true}, providers.Unavailable, "", 0, unknown, "a page of HTML"},
		{"a page as success", httpapitest.Fault{Status: 200, HTML: true}, providers.Unavailable, "", 0, unknown, "HTML"},
		{"an error as success", httpapitest.Fault{Status: 200, Body: body("ODD", "")}, providers.Unavailable, "", 0, unknown, ""},
		{"no JSON", httpapitest.Fault{Status: 422, Body: "oops"}, providers.Invalid, "", 0, no, "422"},
		{"a redirect", httpapitest.Fault{Status: 302, Body: "{}"}, providers.Unavailable, "", 0, unknown, "redirect"},
		{"no answer", httpapitest.Fault{Drop: true}, providers.Unavailable, "", 0, unknown, ""},
		{"half an answer", httpapitest.Fault{Status: 200, Body: "[{},{}]", Half: true}, providers.Unavailable, "", 0, unknown, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
			s, before := session(t, fake), fake.Lines(apex)
			check := func(what string, err error, wrote providers.Wrote) {
				t.Helper()
				e, ok := errors.AsType[*providers.Error](err)
				if !ok {
					t.Fatalf("%s: %v, want a *providers.Error", what, err)
				}
				if e.Code != c.code || e.Reason != c.reason || e.RetryAfter != c.retry || e.Wrote != wrote || !strings.Contains(e.Error(), c.text) {
					t.Errorf("%s: %+v; want %s, reason %q, after %s, wrote %d, with %q", what, e, c.code, c.reason, c.retry, wrote, c.text)
				}
			}
			fake.FailNext(1, c.fault)
			_, err := s.Read(t.Context(), home())
			check("Read", err, no)
			fake.FailWrite(1, c.fault)
			check("Write", s.Write(t.Context(), home(), zone.Edit{After: []zone.Record{txt("new", "mine")}}), c.wrote)
			fake.FailWrite(1, c.fault)
			if err := s.Write(t.Context(), home(), zone.Edit{Before: site().Set(name("a"), "TXT")}); err == nil {
				t.Error("a deletion is said to have been done")
			}
			if !slices.Equal(fake.Lines(apex), before) {
				t.Error("the zone has changed")
			}
		})
	}
}

// TestNoConnection: a host that is not there was sent nothing.
func TestNoConnection(t *testing.T) {
	fake := start(t, godaddytest.Options{})
	s := session(t, fake)
	fake.Close()
	_, err := s.Find(t.Context(), apex)
	if e, ok := errors.AsType[*providers.Error](err); !ok || e.Code != providers.Unavailable || e.Wrote != providers.WroteNo {
		t.Errorf("got %v", err)
	}
}

// TestContextEnds: a context that ends while the host is silent ends the call,
// in each of the requests of a write.
func TestContextEnds(t *testing.T) {
	for n, wrote := range map[int]providers.Wrote{1: providers.WroteNo, 2: providers.WroteUnknown} {
		fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
		fake.FailNext(n, httpapitest.Fault{Delay: time.Hour})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		requests := 0
		fake.SetHook(func(*http.Request) {
			if requests++; requests == n {
				cancel()
			}
		})
		err := session(t, fake).Write(ctx, home(), zone.Edit{After: []zone.Record{txt("new", "mine")}})
		if e, ok := errors.AsType[*providers.Error](err); !ok || e.Code != providers.Timeout || e.Wrote != wrote {
			t.Errorf("at request %d: %v, want Timeout and wrote %d", n, err, wrote)
		}
		if len(fake.Zone(apex).At(name("new"))) > 0 {
			t.Errorf("at request %d: it stands", n)
		}
	}
}

// TestReadOnly: records that can be read and not written are a matter of the
// key's permission, not of the account. A pair of key and secret has no scopes.
func TestReadOnly(t *testing.T) {
	for _, c := range []struct {
		name    string
		account godaddytest.Account
		reason  providers.Reason
		text    string
	}{
		{"a token", godaddytest.Account{Token: "gdpat.token", Access: godaddytest.ReadOnly}, providers.ReasonScope, "domains.dns:update"},
		{"a pair", godaddytest.Account{Key: "a-key", Secret: "a-secret", Access: godaddytest.ReadOnly}, "", "not written"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}, Accounts: []godaddytest.Account{c.account}})
			s := session(t, fake)
			if _, err := s.Find(t.Context(), apex); err != nil {
				t.Fatal(err)
			}
			for _, wait := range []time.Duration{0, 9 * time.Second} {
				if wait > 0 {
					fake.FailWrite(1, httpapitest.Fault{Status: 403, Body: `{"code":"ACCESS_DENIED","message":"Authenticated user is not allowed access"}`, RetryAfter: "9"})
				}
				err := s.Write(t.Context(), home(), zone.Edit{After: []zone.Record{txt("new", "mine")}})
				e, ok := errors.AsType[*providers.Error](err)
				if !ok || e.Code != providers.AccessDenied || e.Reason != c.reason || e.Wrote != providers.WroteNo || e.RetryAfter != wait {
					t.Fatalf("got %+v, want AccessDenied, reason %q, after %s", e, c.reason, wait)
				}
				for _, want := range []string{c.text, "Authenticated user is not allowed access"} {
					if !strings.Contains(e.Error(), want) {
						t.Errorf("got %v, want %q in it", err, want)
					}
				}
			}
		})
	}
}

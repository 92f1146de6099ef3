package namecheap_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestErrors gives each fault to a read and to a write.
func TestErrors(t *testing.T) {
	number := func(n string) httpapitest.Fault { return httpapitest.Fault{Body: problem(n, "as told")} }
	const no, unknown = providers.WroteNo, providers.WroteUnknown
	for _, c := range []struct {
		name  string
		fault httpapitest.Fault
		code  providers.Code
		wrote providers.Wrote // of the write
		after time.Duration
	}{
		{"401", httpapitest.Fault{Status: 401}, providers.InvalidCredentials, no, 0},
		{"403", httpapitest.Fault{Status: 403}, providers.AccessDenied, no, 0},
		{"403 of something in front", httpapitest.Fault{Status: 403, HTML: true}, providers.Unavailable, no, 0},
		{"404", httpapitest.Fault{Status: 404, HTML: true}, providers.Unavailable, no, 0},
		{"409", httpapitest.Fault{Status: 409}, providers.Conflict, no, 0},
		{"422", httpapitest.Fault{Status: 422}, providers.Invalid, no, 0},
		{"405 is the rate limit", httpapitest.Fault{Status: 405, RetryAfter: "7"}, providers.RateLimited, no, 7 * time.Second},
		{"429", httpapitest.Fault{Status: 429, RetryAfter: "30"}, providers.RateLimited, no, 30 * time.Second},
		{"500", httpapitest.Fault{Status: 500}, providers.Unavailable, unknown, 0},
		{"503 with a time", httpapitest.Fault{Status: 503, RetryAfter: "5"}, providers.Unavailable, unknown, 5 * time.Second},
		{"a page of HTML as success", httpapitest.Fault{HTML: true}, providers.Unavailable, unknown, 0},
		{"half an answer", httpapitest.Fault{Land: true, Half: true}, providers.Unavailable, unknown, 0},
		{"no answer", httpapitest.Fault{Drop: true}, providers.Unavailable, unknown, 0},
		{"no XML", httpapitest.Fault{Body: "{}"}, providers.Unavailable, unknown, 0},
		{"another document", httpapitest.Fault{Body: "<Other/>"}, providers.Unavailable, unknown, 0},
		{"neither OK nor an error", httpapitest.Fault{Body: `<ApiResponse Status="ERROR"/>`}, providers.Unavailable, unknown, 0},
		{"OK and nothing", hostsAnswer(""), providers.Unavailable, unknown, 0},
		{"an error without its number", httpapitest.Fault{Body: `<ApiResponse Status="ERROR"><Errors/><CommandResponse/></ApiResponse>`}, providers.Unavailable, unknown, 0},
		{"an answer of another API", httpapitest.Fault{Body: strings.ReplaceAll(hostsAnswer(`<DomainDNSSetHostsResult Domain="customer.example" IsSuccess="true"/>`+ofAll).Body, "ApiResponse", "Response")}, providers.Unavailable, unknown, 0},
		{"two results", hostsAnswer(strings.Repeat(`<DomainDNSSetHostsResult Domain="customer.example" IsSuccess="true"/>`+ofAll, 2)), providers.Unavailable, unknown, 0},
		{"a result about another domain", hostsAnswer(strings.ReplaceAll(`<DomainDNSSetHostsResult Domain="customer.example" IsSuccess="true"/>`+ofAll, "customer", "other")), providers.Unavailable, unknown, 0},
		{"a value, and an exception", httpapitest.Fault{Land: true, Body: problem("2050900", `as told</Error><Error Number="5050900">exception`)}, providers.Unavailable, unknown, 0},
		{"an exception, and a value", httpapitest.Fault{Land: true, Body: problem("5050900", `exception</Error><Error Number="2050900">as told`)}, providers.Unavailable, unknown, 0},
		{"two values", httpapitest.Fault{Body: problem("2050900", `as told</Error><Error Number="2011170">as told`)}, providers.Invalid, no, 0},
		{"it cannot tell who calls", number("1050900"), providers.Unavailable, no, 0},
		{"not this domain", number("4011103"), providers.AccessDenied, no, 0},
		{"not this domain either", number("2013166"), providers.AccessDenied, no, 0},
		{"the key is wrong", number("1011102"), providers.InvalidCredentials, no, 0},
		{"no such account", number("1019103"), providers.InvalidCredentials, no, 0},
		{"the address is not allowed", number("1011150"), providers.AccessDenied, no, 0},
		{"not this account", number("1016103"), providers.AccessDenied, no, 0},
		{"too many log-ins", number("1017411"), providers.TooManyAttempts, no, 0},
		{"another of the caller's", number("1019999"), providers.AccessDenied, no, 0},
		{"no such domain", number("2019166"), providers.NoSuchZone, no, 0},
		{"somebody else's domain", number("2016166"), providers.NoSuchZone, no, 0},
		{"served elsewhere", number("2030288"), providers.NoSuchZone, no, 0},
		{"no permission", number("2030166"), providers.AccessDenied, no, 0},
		{"too many records", number("3013288"), providers.Invalid, no, 0},
		{"a value", number("2050900"), providers.Invalid, no, 0},
		{"the registry behind", number("3031510"), providers.Unavailable, unknown, 0},
		{"an exception", number("5050900"), providers.Unavailable, unknown, 0},
		{"too many requests", number("500000"), providers.RateLimited, no, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, namecheaptest.Options{}, mailZone()...)
			s := session(t, f)
			z := providers.Zone{Apex: apex}
			snap, err := s.Read(t.Context(), z)
			if err != nil {
				t.Fatal(err)
			}
			edit := zone.Edit{Before: snap.Records, After: snap.With(challengeChange()).Records, Meta: snap.Meta}
			f.FailWrite(1, c.fault)
			judgeError(t, "Write", s.Write(t.Context(), z, edit), c.code, c.wrote, c.after)
			f.SetFault(c.fault)
			_, err = s.Find(t.Context(), apex)
			judgeError(t, "Find", err, c.code, no, c.after)
			f.SetFault(httpapitest.Fault{})
			f.FailNext(2, c.fault) // after the SRV records
			_, err = s.Read(t.Context(), z)
			judgeError(t, "Read", err, c.code, no, c.after)
		})
	}
}

// ofAll is what getHosts and getList answer for the zone of the tests.
const ofAll = `<DomainDNSGetHostsResult Domain="customer.example" EmailType="NONE" IsUsingOurDNS="true"/><DomainDNSGetListResult Domain="customer.example" IsUsingOurDNS="true"/>`

func judgeError(t *testing.T, call string, err error, code providers.Code, wrote providers.Wrote, after time.Duration) {
	t.Helper()
	e, ok := errors.AsType[*providers.Error](err)
	if !ok || e.Code != code || e.Wrote != wrote || e.RetryAfter != after {
		t.Errorf("%s: %#v, want %s, wrote %d, retry after %s", call, err, code, wrote, after)
	}
}

// TestCheck: the reason why credentials do not work is the precise one.
func TestCheck(t *testing.T) {
	f := start(t, namecheaptest.Options{Accounts: append(accounts(), namecheaptest.Account{User: "off", Key: "key-of-nobody", Off: true})})
	for _, c := range []struct {
		name    string
		account int
		change  map[string]string
		code    providers.Code
		says    string
	}{
		{"right", 0, nil, "", ""},
		{"a wrong key", 0, map[string]string{"api_key": "another-key"}, providers.InvalidCredentials, "tools/apiaccess"},
		{"a wrong user", 0, map[string]string{"api_user": "nobody"}, providers.InvalidCredentials, "tools/apiaccess"},
		{"the API is not switched on", 2, nil, providers.InvalidCredentials, "20 domains"},
		{"an address that is not allowed", 0, map[string]string{"client_ip": "198.51.100.7"}, providers.AccessDenied, "198.51.100.7"},
		{"somebody else's account", 0, map[string]string{"username": "neighbour"}, providers.AccessDenied, "may not work"},
		{"an account that is not there", 0, map[string]string{"username": "ghost"}, providers.InvalidCredentials, "no such account"},
	} {
		t.Run(c.name, func(t *testing.T) {
			creds := f.Credentials(c.account)
			maps.Copy(creds, c.change)
			s, err := driver(f).Open(creds)
			if err != nil {
				t.Fatal(err)
			}
			err = s.(providers.Checker).Check(t.Context())
			if providers.CodeOf(err) != c.code || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %s that says %q", err, c.code, c.says)
			}
		})
	}
}

// TestReasons: why credentials do not do, by the number that the API has for it.
func TestReasons(t *testing.T) {
	for number, want := range map[string]providers.Error{
		"1011150": {Code: providers.AccessDenied, Reason: providers.ReasonAddress},
		"1017150": {Code: providers.AccessDenied, Reason: providers.ReasonAddress},
		"1017105": {Code: providers.AccessDenied, Reason: providers.ReasonAddress},
		"1017101": {Code: providers.AccessDenied, Reason: providers.ReasonNoAccess},
		"1017103": {Code: providers.AccessDenied, Reason: providers.ReasonNoAccess},
		"1017410": {Code: providers.AccessDenied, Reason: providers.ReasonNoAccess},
		"1011102": {Code: providers.InvalidCredentials}, // a wrong key, or no API: it does not say which
		"1016103": {Code: providers.AccessDenied},
	} {
		f := start(t, namecheaptest.Options{})
		f.SetFault(httpapitest.Fault{Body: problem(number, "as told")})
		err := session(t, f).(providers.Checker).Check(t.Context())
		if e, ok := errors.AsType[*providers.Error](err); !ok || e.Code != want.Code || e.Reason != want.Reason {
			t.Errorf("%s: %#v, want %s %q", number, err, want.Code, want.Reason)
		}
	}
	advice := map[string]string{"1017150": "allowed addresses", "1017105": "allowed addresses", "1017101": "account is locked", "1017103": "account is locked", "1017410": "account is locked"}
	for number, want := range advice {
		f := start(t, namecheaptest.Options{})
		f.SetFault(httpapitest.Fault{Body: problem(number, "as told")})
		if err := session(t, f).(providers.Checker).Check(t.Context()); !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want advice on %q", number, err, want)
		}
	}
}

// TestContext: a context that ends ends the call, whatever the host does.
func TestContext(t *testing.T) {
	f := start(t, namecheaptest.Options{}, mailZone()...)
	s := session(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	f.SetHook(func(r *http.Request) { cancel() })
	f.SetFault(httpapitest.Fault{Delay: time.Hour})
	if _, err := s.Read(ctx, providers.Zone{Apex: apex}); providers.CodeOf(err) != providers.Timeout {
		t.Error(err)
	}
}

package cloudflare_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// says is an answer of this status with the API's own error in it.
func says(status, code int, text string) httpapitest.Fault {
	return httpapitest.Fault{Status: status, Body: fmt.Sprintf(`{"success":false,"errors":[{"code":%d,"message":%q}],"messages":[],"result":null}`, code, text)}
}

// refusals is what the host, and what stands before it, may answer.
var refusals = []struct {
	name   string
	fault  httpapitest.Fault
	want   providers.Code
	reason providers.Reason
	after  time.Duration
	wrote  providers.Wrote // of a write
}{
	{name: "400 validation", fault: httpapitest.Fault{Status: 400, Body: `{"success":false,"errors":[{"code":1004,"message":"DNS Validation Error","error_chain":[{"code":9021,"message":"TTL"}]}]}`}, want: providers.Invalid},
	{name: "400 content", fault: says(400, 9005, "Content for A record must be a valid IPv4 address."), want: providers.Invalid},
	{name: "400 too long", fault: says(400, 83011, "Combined content length"), want: providers.Invalid},
	{name: "400 header", fault: httpapitest.Fault{Status: 400, Body: `{"success":false,"errors":[{"code":6003,"message":"Invalid request headers","error_chain":[{"code":6111,"message":"Invalid format for Authorization header"}]}]}`}, want: providers.InvalidCredentials},
	{name: "400 quota", fault: says(400, 81045, "Record quota exceeded."), want: providers.Unsupported},
	{name: "400 beside", fault: says(400, 81053, "An A, AAAA, or CNAME record with that host already exists."), want: providers.Conflict},
	{name: "400 twice", fault: says(400, 81058, "An identical record already exists."), want: providers.Conflict},
	{name: "400 unknown", fault: says(400, 424242, "something else"), want: providers.Invalid},
	{name: "401", fault: says(401, 10000, "Authentication error"), want: providers.InvalidCredentials},
	{name: "401 empty", fault: httpapitest.Fault{Status: 401, Body: "{}"}, want: providers.InvalidCredentials},
	{name: "403 scope", fault: says(403, 10000, "Authentication error"), want: providers.AccessDenied, reason: providers.ReasonScope},
	{name: "403 zones", fault: says(403, 9109, "Unauthorized to access requested resource"), want: providers.AccessDenied, reason: providers.ReasonScope},
	{name: "403 address", fault: says(403, 9109, "Cannot use the access token from location: 127.0.0.1"), want: providers.AccessDenied, reason: providers.ReasonAddress},
	{name: "403 token", fault: says(403, 9109, "Invalid access token"), want: providers.InvalidCredentials},
	{name: "403 failures", fault: says(403, 9109, "Max auth failures reached, please check your Authorization header."), want: providers.TooManyAttempts},
	{name: "403 no API", fault: says(403, 1038, "You cannot use this API for domains with a .cf TLD"), want: providers.AccessDenied, reason: providers.ReasonNoAccess},
	{name: "403 HTML", fault: httpapitest.Fault{Status: 403, HTML: true}, want: providers.Unavailable},
	{name: "404 zone", fault: says(404, 7003, "Could not route to /client/v4/zones/x"), want: providers.NoSuchZone},
	{name: "404 record", fault: says(404, 81044, "Record does not exist."), want: providers.Conflict},
	{name: "409", fault: httpapitest.Fault{Status: 409, Body: "{}"}, want: providers.Conflict},
	{name: "422", fault: httpapitest.Fault{Status: 422, Body: "{}"}, want: providers.Invalid},
	{name: "429 seconds", fault: httpapitest.Fault{Status: 429, RetryAfter: "7", Body: says(429, 971, "slow down").Body}, want: providers.RateLimited, after: 7 * time.Second},
	{name: "429 HTML", fault: httpapitest.Fault{Status: 429, RetryAfter: "7", HTML: true}, want: providers.RateLimited, after: 7 * time.Second},
	{name: "500", fault: says(500, 10001, "internal error"), want: providers.Unavailable, wrote: providers.WroteUnknown},
	{name: "500 that names credentials", fault: says(500, 10000, "Authentication error"), want: providers.Unavailable, wrote: providers.WroteUnknown},
	{name: "502 HTML", fault: httpapitest.Fault{Status: 502, HTML: true}, want: providers.Unavailable, wrote: providers.WroteUnknown},
	{name: "503 wait", fault: httpapitest.Fault{Status: 503, RetryAfter: "3", Body: "{}"}, want: providers.Unavailable, after: 3 * time.Second, wrote: providers.WroteUnknown},
	{name: "301", fault: httpapitest.Fault{Status: 301, Body: "{}"}, want: providers.Unavailable, wrote: providers.WroteUnknown},
	{name: "200 HTML", fault: httpapitest.Fault{HTML: true}, want: providers.Unavailable, wrote: providers.WroteUnknown},
	{name: "200 and no success", fault: httpapitest.Fault{Body: `{"success":false,"errors":[]}`}, want: providers.Unavailable, wrote: providers.WroteUnknown},
	{name: "200 with an error", fault: says(200, 424242, "something"), want: providers.Unavailable, wrote: providers.WroteUnknown},
	{name: "200 empty", fault: httpapitest.Fault{Body: " "}, want: providers.Unavailable, wrote: providers.WroteUnknown},
	{name: "half a body", fault: httpapitest.Fault{Half: true, Land: true}, want: providers.Unavailable, wrote: providers.WroteUnknown},
	{name: "no answer", fault: httpapitest.Fault{Drop: true}, want: providers.Unavailable, wrote: providers.WroteUnknown},
}

func session(t *testing.T, p *place) providers.Session {
	t.Helper()
	s, err := p.driver.Open(p.creds)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// adds is an edit that adds one record where none stands.
func adds(r zone.Record) zone.Edit { return zone.Edit{After: []zone.Record{r}} }

func TestErrors(t *testing.T) {
	for _, tc := range refusals {
		t.Run(tc.name, func(t *testing.T) {
			p := newPlace(t, rec("a", "A", "192.0.2.1"))
			z, s := p.find(), session(t, p)
			p.fake.SetFault(tc.fault)
			_, find := s.Find(t.Context(), apex)
			_, read := s.Read(t.Context(), z)
			early := s.Write(t.Context(), z, adds(rec("b", "A", "192.0.2.1"))) // fails before it writes
			p.fake.SetFault(httpapitest.Fault{})
			p.fake.FailWrite(1, tc.fault)
			write := s.Write(t.Context(), z, adds(rec("b", "A", "192.0.2.1")))
			for _, c := range []struct {
				call  string
				err   error
				wrote providers.Wrote
			}{{"Find", find, providers.WroteNo}, {"Read", read, providers.WroteNo}, {"Write, reading", early, providers.WroteNo}, {"Write", write, tc.wrote}} {
				e, ok := errors.AsType[*providers.Error](c.err)
				if !ok || e.Code != tc.want || e.Reason != tc.reason || e.RetryAfter != tc.after || e.Wrote != c.wrote {
					t.Errorf("%s: got %+v, want code %s, reason %q, retry after %s, wrote %d", c.call, c.err, tc.want, tc.reason, tc.after, c.wrote)
				}
			}
		})
	}
}

// TestDeadlines: a context that ends is honoured at every request, and a write
// that was under way may have landed.
func TestDeadlines(t *testing.T) {
	p := newPlace(t)
	z, s := p.find(), session(t, p)
	ended, end := context.WithCancel(t.Context())
	end()
	if err := code(s.Write(ended, z, adds(rec("b", "A", "192.0.2.1"))), providers.Timeout); err != nil {
		t.Error("ended before:", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p.fake.SetHook(func(r *http.Request) {
		if r.Method == http.MethodPost {
			cancel()
		}
	})
	p.fake.FailWrite(1, httpapitest.Fault{Delay: time.Hour})
	err := s.Write(ctx, z, adds(rec("b", "A", "192.0.2.1")))
	if e, ok := errors.AsType[*providers.Error](err); !ok || e.Code != providers.Timeout || e.Wrote != providers.WroteUnknown {
		t.Errorf("ended under way: got %+v, want Timeout and WroteUnknown", err)
	}
}

// TestNobodyThere: no connection is Unavailable, and nothing was written.
func TestNobodyThere(t *testing.T) {
	p := newPlace(t)
	z, s := p.find(), session(t, p)
	p.fake.Server.Close()
	_, find := s.Find(t.Context(), apex)
	for _, err := range []error{find, s.Write(t.Context(), z, adds(rec("b", "A", "192.0.2.1")))} {
		if err := code(err, providers.Unavailable); err != nil {
			t.Error(err)
		}
	}
}

// TestOpen: what cannot be a credential, and where credentials must not go.
func TestOpen(t *testing.T) {
	token := "cfut_0123456789012345678901234567890123456789abcdef01"
	for _, tc := range []struct {
		name     string
		endpoint string
		creds    providers.Credentials
		want     providers.Code
	}{
		{"a token", "", providers.Credentials{"api_token": token}, ""},
		{"a token with spaces around it", "", providers.Credentials{"api_token": " " + token + "\n"}, ""},
		{"a token and an account", "", providers.Credentials{"api_token": token, "account_id": otherAccount}, ""},
		{"no token", "", providers.Credentials{}, providers.InvalidCredentials},
		{"the Global API Key", "", providers.Credentials{"api_token": "0123456789abcdef0123456789abcdef01234"}, providers.InvalidCredentials},
		{"the Global API Key of today", "", providers.Credentials{"api_token": "cfk_0123456789"}, providers.InvalidCredentials},
		{"a line end inside", "", providers.Credentials{"api_token": "abc\r\nX-Evil: 1"}, providers.InvalidCredentials},
		{"an account that is a name", "", providers.Credentials{"api_token": token, "account_id": "Example Ltd"}, providers.InvalidCredentials},
		{"plain HTTP over a network", "http://api.example/client/v4", providers.Credentials{"api_token": token}, providers.Invalid},
		{"plain HTTP on this machine", "http://127.0.0.1:1/client/v4", providers.Credentials{"api_token": token}, ""},
		{"HTTPS elsewhere", "https://proxy.example/cf", providers.Credentials{"api_token": token}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := cloudflare.Driver{Endpoint: tc.endpoint}.Open(tc.creds)
			if got := providers.CodeOf(err); got != tc.want {
				t.Errorf("got %q (%v), want %q", got, err, tc.want)
			}
		})
	}
}

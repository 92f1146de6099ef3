package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
)

const canary = "CanaryThatMustNotBeSeen"

// start serves an API that answers {"path": …} to everything, and counts.
func start(t *testing.T) (*httpapitest.Server, httpapi.Client) {
	t.Helper()
	s, err := httpapitest.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"path": %q, "query": %q}`, r.URL.Path, r.URL.RawQuery)
	}), func(r *http.Request) bool { return r.Method != http.MethodGet })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, httpapi.Client{Endpoint: s.URL()}
}

func request(write bool) httpapi.Request {
	r := httpapi.Request{Method: http.MethodGet, Path: "/zones", Query: map[string][]string{"key": {canary}}}
	if write {
		r.Method, r.Body, r.Type, r.Write = http.MethodPost, []byte("key="+canary), "application/x-www-form-urlencoded", true
	}
	return r
}

// call is one request, its answer judged as a driver would.
func call(ctx context.Context, c httpapi.Client, write bool) error {
	a, err := c.Send(ctx, request(write))
	if err != nil {
		return err
	}
	if err := a.Refused(); err != nil {
		return err
	}
	var v struct{ Path string }
	if err := a.JSON(&v); err != nil {
		return err
	}
	if v.Path != "/zones" {
		return fmt.Errorf("path %q", v.Path)
	}
	return nil
}

// TestFaults is every way in which a request fails, for a read and for a write.
func TestFaults(t *testing.T) {
	const no, unknown = providers.WroteNo, providers.WroteUnknown
	for _, tc := range []struct {
		name  string
		fault httpapitest.Fault
		code  providers.Code
		wrote providers.Wrote // of a write; a read never writes
		after time.Duration
		lands int64 // writes that the API handled
	}{
		{"healthy", httpapitest.Fault{}, "", no, 0, 1},
		{"slow", httpapitest.Fault{Delay: 10 * time.Millisecond}, "", no, 0, 1},
		{"bad request", httpapitest.Fault{Status: 400}, providers.Invalid, no, 0, 0},
		{"unauthorised", httpapitest.Fault{Status: 401}, providers.InvalidCredentials, no, 0, 0},
		{"forbidden", httpapitest.Fault{Status: 403}, providers.AccessDenied, no, 0, 0},
		{"not found", httpapitest.Fault{Status: 404}, providers.NoSuchZone, no, 0, 0},
		{"conflict", httpapitest.Fault{Status: 409}, providers.Conflict, no, 0, 0},
		{"unprocessable", httpapitest.Fault{Status: 422}, providers.Invalid, no, 0, 0},
		{"too many", httpapitest.Fault{Status: 429, RetryAfter: "7"}, providers.RateLimited, no, 7 * time.Second, 0},
		{"too many, no word of when", httpapitest.Fault{Status: 429}, providers.RateLimited, no, 0, 0},
		{"broken", httpapitest.Fault{Status: 500}, providers.Unavailable, unknown, 0, 0},
		{"away", httpapitest.Fault{Status: 503, RetryAfter: "120", HTML: true}, providers.Unavailable, unknown, 2 * time.Minute, 0},
		{"not allowed", httpapitest.Fault{Status: 405}, providers.Unavailable, no, 0, 0},
		{"given up", httpapitest.Fault{Status: 408}, providers.Timeout, unknown, 0, 0},
		{"a page that forbids", httpapitest.Fault{Status: 403, HTML: true}, providers.Unavailable, no, 0, 0},
		{"a page that limits", httpapitest.Fault{Status: 429, HTML: true}, providers.RateLimited, no, 0, 0},
		{"redirect", httpapitest.Fault{Status: 302}, providers.Unavailable, unknown, 0, 0},
		{"a page", httpapitest.Fault{HTML: true}, providers.Unavailable, unknown, 0, 0},
		{"a page after it landed", httpapitest.Fault{HTML: true, Land: true}, providers.Unavailable, unknown, 0, 1},
		{"half an answer", httpapitest.Fault{Half: true}, providers.Unavailable, unknown, 0, 1},
		{"half a body of another", httpapitest.Fault{Body: `{"path": "/zo`}, providers.Unavailable, unknown, 0, 0},
		{"hung up", httpapitest.Fault{Drop: true}, providers.Unavailable, unknown, 0, 0},
		{"hung up after it landed", httpapitest.Fault{Drop: true, Land: true}, providers.Unavailable, unknown, 0, 1},
		{"silent", httpapitest.Fault{Delay: time.Hour}, providers.Timeout, unknown, 0, 0},
		{"silent after it landed", httpapitest.Fault{Delay: time.Hour, Land: true}, providers.Timeout, unknown, 0, 1},
	} {
		for _, write := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s write=%t", tc.name, write), func(t *testing.T) {
				var handled atomic.Int64
				s, err := httpapitest.Start(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					handled.Add(1)
					fmt.Fprint(w, `{"path": "/zones"}`)
				}), func(r *http.Request) bool { return r.Method != http.MethodGet })
				if err != nil {
					t.Fatal(err)
				}
				s.SetFault(tc.fault)
				c := httpapi.Client{Endpoint: s.URL()}
				if tc.fault.Delay == time.Hour {
					c.Timeout = 50 * time.Millisecond
				}
				err = call(t.Context(), c, write)
				for tc.lands > 0 && handled.Load() == 0 && t.Context().Err() == nil {
					time.Sleep(time.Millisecond) // the client may give up sooner
				}
				s.Close()
				if n := handled.Load(); n != tc.lands {
					t.Errorf("handled %d times, want %d", n, tc.lands)
				}
				if got := providers.CodeOf(err); got != tc.code {
					t.Fatalf("code %q, want %q: %v", got, tc.code, err)
				}
				if err == nil {
					return
				}
				e, ok := errors.AsType[*providers.Error](err)
				if !ok {
					t.Fatalf("a %T, want *providers.Error: %v", err, err)
				}
				want := no
				if write {
					want = tc.wrote
				}
				if e.Wrote != want || e.RetryAfter != tc.after {
					t.Errorf("wrote %d, retry after %s; want %d, %s: %v", e.Wrote, e.RetryAfter, want, tc.after, err)
				}
				if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, canary) {
					t.Errorf("the credential is in the error: %s", text)
				}
			})
		}
	}
}

// TestContext: a context that ends ends the request, and one that has ended
// sends none.
func TestContext(t *testing.T) {
	s, c := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := call(ctx, c, true)
	if e, ok := errors.AsType[*providers.Error](err); !ok || e.Code != providers.Timeout || e.Wrote != providers.WroteNo || s.Requests() != 0 {
		t.Errorf("an ended context: %v, and %d requests", err, s.Requests())
	}
	s.SetFault(httpapitest.Fault{Delay: time.Hour})
	ctx, cancel = context.WithCancel(t.Context())
	s.SetHook(func(*http.Request) { cancel() })
	err = call(ctx, c, true)
	if e, ok := errors.AsType[*providers.Error](err); !ok || e.Code != providers.Timeout || e.Wrote != providers.WroteUnknown {
		t.Errorf("a context that ends: %v", err)
	}
}

// TestNoConnection: where nothing listens, nothing was written.
func TestNoConnection(t *testing.T) {
	s, c := start(t)
	s.Close()
	err := call(t.Context(), c, true)
	if e, ok := errors.AsType[*providers.Error](err); !ok || e.Code != providers.Unavailable || e.Wrote != providers.WroteNo {
		t.Errorf("%v", err)
	}
}

// TestRedirect: credentials go nowhere but to the endpoint.
func TestRedirect(t *testing.T) {
	other, _ := start(t)
	s, err := httpapitest.Start(http.RedirectHandler(other.URL(), http.StatusTemporaryRedirect), func(*http.Request) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := call(t.Context(), httpapi.Client{Endpoint: s.URL()}, false); providers.CodeOf(err) != providers.Unavailable {
		t.Errorf("%v", err)
	}
	if n := other.Requests(); n != 0 {
		t.Errorf("%d requests followed the redirect", n)
	}
}

func TestTooLong(t *testing.T) {
	s, err := httpapitest.Start(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 16<<20+1))
	}), func(*http.Request) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	err = call(t.Context(), httpapi.Client{Endpoint: s.URL()}, false)
	if providers.CodeOf(err) != providers.Unavailable || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("%v", err)
	}
}

func TestEndpoint(t *testing.T) {
	const official = "https://api.host.example/v4"
	for _, tc := range []struct{ given, want string }{
		{"", official},
		{"https://sandbox.host.example/", "https://sandbox.host.example"},
		{"http://127.0.0.1:8080/v4", "http://127.0.0.1:8080/v4"},
		{"http://[::1]:8080", "http://[::1]:8080"},
		{"http://localhost:8080", "http://localhost:8080"},
		{"http://api.host.example", ""},
		{"http://127.0.0.1.host.example", ""},
		{"ftp://127.0.0.1", ""},
		{"https://user:secret@host.example", ""},
		{"https://host.example/?a=b", ""},
		{"https://", ""},
		{"host.example", ""},
		{"::", ""},
		{"https://host.example/?", ""},
		{"https://host.example#", ""},
		{"https://:443", ""},
	} {
		got, err := httpapi.Endpoint(tc.given, official)
		if got != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%q: got %q, %v; want %q", tc.given, got, err, tc.want)
		}
		if err != nil && providers.CodeOf(err) != providers.Invalid {
			t.Errorf("%q: %v", tc.given, err)
		}
	}
}

// TestOnce: a write whose connection breaks is not sent again, whatever its
// method.
func TestOnce(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodDelete, http.MethodPost, http.MethodPut} {
		t.Run(method, func(t *testing.T) {
			s, c := start(t)
			if err := call(t.Context(), c, false); err != nil { // a connection to keep
				t.Fatal(err)
			}
			s.SetFault(httpapitest.Fault{Drop: true})
			r := httpapi.Request{Method: method, Path: "/zones", Write: true}
			if method == http.MethodPost || method == http.MethodPut {
				r.Body = []byte("{}")
			}
			_, err := c.Send(t.Context(), r)
			if e, ok := errors.AsType[*providers.Error](err); !ok || e.Wrote != providers.WroteUnknown {
				t.Errorf("got %v, want that nobody knows whether it landed", err)
			}
			if n := s.Requests(); n != 2 {
				t.Errorf("%d requests after the first, want 1", n-1)
			}
		})
	}
}

// silent is a transport of a program's own, which tells nothing of connections.
type silent func(*http.Request) (*http.Response, error)

func (f silent) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestOwnTransport: what a transport does not tell is not taken for "not sent".
func TestOwnTransport(t *testing.T) {
	for name, answer := range map[string]silent{
		"broken": func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
		"redirect": func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 302, Body: http.NoBody}, nil
		},
		"deadline": func(*http.Request) (*http.Response, error) { return nil, os.ErrDeadlineExceeded },
	} {
		t.Run(name, func(t *testing.T) {
			err := call(t.Context(), httpapi.Client{Endpoint: "https://api.host.example", HTTP: &http.Client{Transport: answer}}, true)
			if e, ok := errors.AsType[*providers.Error](err); !ok || e.Wrote != providers.WroteUnknown || (e.Code == providers.Timeout) != (name == "deadline") {
				t.Errorf("got %v, want that nobody knows whether it landed", err)
			}
		})
	}
}

// TestMalformed: a path and a header lead nowhere but where they say.
func TestMalformed(t *testing.T) {
	s, c := start(t)
	for _, r := range []httpapi.Request{
		{Method: http.MethodGet, Path: "@127.0.0.1:1/steal"},
		{Method: http.MethodDelete, Path: "/zones/1#2/records", Write: true},
		{Method: http.MethodGet, Path: "/zones?all"},
		{Method: http.MethodGet, Path: "/zones", Header: http.Header{"Authorization": {"Bearer " + canary + "\n"}}},
		{Method: "GET /", Path: "/zones"},
	} {
		_, err := c.Send(t.Context(), r)
		if providers.CodeOf(err) != providers.Internal || strings.Contains(fmt.Sprintf("%v %+v", err, r), canary) {
			t.Errorf("%v: got %v, want Internal", r, err)
		}
	}
	if n := s.Requests(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

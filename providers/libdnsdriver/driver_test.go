package libdnsdriver_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
)

// reader is half a libdns provider.
type reader struct{}

func (reader) GetRecords(context.Context, string) ([]libdns.Record, error) { return nil, nil }

// TestOpenRefuses what is no libdns provider, and says what it lacks.
func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		new  func(providers.Credentials) (any, error)
		code providers.Code
		says string
	}{
		{"no constructor", nil, providers.Internal, "Driver.New is nil"},
		{"nothing", func(providers.Credentials) (any, error) { return nil, nil }, providers.Internal, "GetRecords, AppendRecords, SetRecords, DeleteRecords"},
		{"half a provider", func(providers.Credentials) (any, error) { return reader{}, nil }, providers.Internal, "lacks AppendRecords, SetRecords, DeleteRecords"},
		{"an error", func(c providers.Credentials) (any, error) { return nil, fmt.Errorf("cannot use %s", c["token"]) }, providers.InvalidCredentials, "cannot use [redacted]"},
		{"a panic", func(c providers.Credentials) (any, error) { panic(c["token"]) }, providers.Internal, "the module panicked: with a string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := driver(nil)
			d.New = c.new
			s, err := d.Open(providers.Credentials{"token": secret})
			if pe, ok := errors.AsType[*providers.Error](err); !ok || pe.Code != c.code || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), secret) {
				t.Errorf("%v, error %v, want %s that says %q", s, err, c.code, c.says)
			}
		})
	}
}

// TestErrors reads the errors of modules, each in the words of one.
func TestErrors(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	for _, c := range []struct {
		err  error
		code providers.Code
	}{
		{errors.New("unexpected status code 401: {}"), providers.InvalidCredentials},                                                  // libdns/desec
		{errors.New("Unauthorized (401)"), providers.InvalidCredentials},                                                              // libdns/hetzner, ionos
		{errors.New("LiveDNS returned a 403 (no)"), providers.AccessDenied},                                                           // libdns/gandi
		{errors.New("could not get records: Domain: a; Status: 404; Body: {}"), providers.NoSuchZone},                                 // libdns/godaddy
		{errors.New("got error status: HTTP 429: []"), providers.RateLimited},                                                         // libdns/cloudflare
		{errors.New(`Invalid http response status, {"message":"Invalid API key. (002)"} for endpoint`), providers.InvalidCredentials}, // libdns/porkbun
		{errors.New("dns: bad authentication"), providers.InvalidCredentials},                                                         // libdns/rfc2136
		{errors.New("zone named not found (customer.example.)"), providers.NoSuchZone},                                                // libdns/ionos
		{errors.New("record 192.0.2.404 has 401 characters"), providers.Unavailable},
		{errors.New("HTTP 503"), providers.Unavailable},
		{fmt.Errorf("asking: %w", context.DeadlineExceeded), providers.Timeout},
		{fmt.Errorf("asking: %w", dial), providers.Unavailable},
		{fmt.Errorf("asking: %w", &providers.Error{Code: providers.Challenge}), providers.Challenge},
	} {
		m := newModule()
		s, z := open(t, driver(m))
		m.set(faults{ReadError: fmt.Errorf("%w with %s", c.err, secret)})
		_, err := s.Read(t.Context(), z)
		if pe, ok := errors.AsType[*providers.Error](err); !ok || pe.Code != c.code || pe.Wrote != providers.WroteNo {
			t.Errorf("%v is %v, want %s", c.err, err, c.code)
		}
		if text := fmt.Sprintf("%v %+v %#v", err, err, errors.Unwrap(err)); strings.Contains(text, secret) {
			t.Errorf("the secret shows: %s", text)
		}
	}
}

// TestPanics of a module are errors of ours, with nothing of the module's own
// in them but what the Go runtime says.
func TestPanics(t *testing.T) {
	for _, v := range []any{secret, errors.New(secret), fmt.Sprint} {
		m := newModule()
		s, z := open(t, driver(m))
		m.set(faults{ReadPanic: v})
		_, err := s.Read(t.Context(), z)
		if providers.CodeOf(err) != providers.Internal || strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
			t.Errorf("a panic with a %T is %v, want Internal and no word of it", v, err)
		}
	}
}

// TestFindByList prefers the module's list of zones, and says when it holds two
// of a name; a zone that the list leaves out is found by reading it.
func TestFindByList(t *testing.T) {
	m := newModule()
	s, err := driver(lister{m}).Open(providers.Credentials{"token": secret})
	if err != nil {
		t.Fatal(err)
	}
	if z, err := s.Find(t.Context(), apex); err != nil || z.Apex != apex || m.count("get") != 0 {
		t.Errorf("%+v, error %v, %d readings; want the zone from the list", z, err, m.count("get"))
	}
	two := twice{m}
	s, err = driver(two).Open(providers.Credentials{"token": secret})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Find(t.Context(), apex); providers.CodeOf(err) != providers.Ambiguous {
		t.Errorf("error %v, want Ambiguous", err)
	}
	s, err = driver(none{m}).Open(providers.Credentials{"token": secret})
	if err != nil {
		t.Fatal(err)
	}
	if z, err := s.Find(t.Context(), apex); err != nil || len(z.NameServers) != 2 {
		t.Errorf("%+v, error %v; want the zone with its two name servers", z, err)
	}
}

// twice lists the zone in two spellings, none an empty first page.
type (
	twice struct{ *module }
	none  struct{ *module }
)

func (twice) ListZones(context.Context) ([]libdns.Zone, error) {
	return []libdns.Zone{{Name: "customer.example."}, {Name: "Customer.Example"}, {Name: "a..b"}}, nil
}

func (none) ListZones(context.Context) ([]libdns.Zone, error) { return nil, nil }

var _ providers.Driver = libdnsdriver.Driver{}

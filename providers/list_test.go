package providers_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
)

// TestList: the zones of an account are asked for like all else: in turn, again
// while the host is busy, and with nothing secret in what comes back.
func TestList(t *testing.T) {
	const token = "s3cr3t-canary/value"
	busy := &providers.Error{Code: providers.Unavailable, Err: errors.New("503")}
	for _, tt := range []struct {
		name   string
		answer func(n int) error
		want   string // of the error; "" for none
		calls  int
	}{
		{"all is well", func(int) error { return nil }, "", 1},
		{"busy twice", func(n int) error {
			if n < 3 {
				return busy
			}
			return nil
		}, "", 3},
		{"busy for good", func(int) error { return busy }, "memory: Unavailable: 503", 4},
		{"a token in its error", func(int) error { return errors.New("get https://host.example/?token=s3cr3t-canary%2fvalue") }, "memory: Internal: get https://host.example/?token=[redacted]", 1},
		{"a panic", func(int) error { panic("bad " + token) }, "memory: Internal: the driver panicked in List: bad [redacted]", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				d := failing(memoryHost(t, providers.Caps{}), func(method string, n int) error {
					if method != "List" {
						return nil
					}
					calls++
					return tt.answer(n)
				})
				d.info = func(i *providers.Info) { i.Fields = []providers.Field{{Name: "token", Secret: true}} }
				zones, err := openWith(t, d, token, providers.Options{}).List(t.Context())
				got := ""
				if err != nil {
					got = err.Error()
				}
				if got != tt.want || calls != tt.calls {
					t.Errorf("got %q after %d calls, want %q after %d", got, calls, tt.want, tt.calls)
				}
				if err == nil && (len(zones) != 1 || zones[0].Apex != apex) || err != nil && zones != nil {
					t.Errorf("zones: got %v", zones)
				}
			})
		})
	}
}

// TestListRates: listing counts among the requests of a credential.
func TestListRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{rates: []providers.Rate{{Requests: 1, Per: time.Hour}}}
		acct := openWith(t, c.driver(memoryHost(t, providers.Caps{})), "", providers.Options{})
		for i := range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			if _, err := acct.List(ctx); i > 0 && providers.CodeOf(err) != providers.RateLimited || i == 0 && err != nil {
				t.Errorf("request %d: got %v", i, err)
			}
			cancel()
		}
		if n := len(c.sent[""]); n != 1 {
			t.Errorf("%d requests in an hour, want 1", n)
		}
	})
}

// bare is a driver whose sessions can do what every session must, and no more.
type bare struct{ memory.Driver }

func (d bare) Open(c providers.Credentials) (providers.Session, error) {
	s, err := d.Driver.Open(c)
	return struct{ providers.Session }{s}, err
}

// TestListUnsupported: a driver that cannot list says so.
func TestListUnsupported(t *testing.T) {
	acct := openWith(t, bare{memoryHost(t, providers.Caps{}).Driver()}, "", providers.Options{})
	zones, err := acct.List(t.Context())
	if zones != nil || providers.CodeOf(err) != providers.Unsupported || !strings.HasPrefix(err.Error(), "memory: Unsupported: ") {
		t.Errorf("got %v, %v; want Unsupported", zones, err)
	}
}

// TestListTelling: a list that would carry the credential into plans is refused.
func TestListTelling(t *testing.T) {
	d := listing{telling{Driver: memoryHost(t, providers.Caps{}).Driver()}, []providers.Zone{{ID: "1", Apex: apex}, {ID: canary, Apex: apex}}}
	zones, err := openWith(t, d, canary, providers.Options{}).List(t.Context())
	if zones != nil || providers.CodeOf(err) != providers.Internal || sings(err.Error()) {
		t.Errorf("got %v, %v; want Internal", zones, err)
	}
}

// listing is a driver that lists what it is told to.
type listing struct {
	telling
	zones []providers.Zone
}

func (d listing) Open(c providers.Credentials) (providers.Session, error) {
	s, err := d.telling.Open(c)
	return listingSession{s, d.zones}, err
}

type listingSession struct {
	providers.Session
	zones []providers.Zone
}

func (s listingSession) List(context.Context) ([]providers.Zone, error) { return s.zones, nil }

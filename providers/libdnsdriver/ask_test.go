package libdnsdriver_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestExitingReader: a module that ends its goroutine keeps no caller waiting.
func TestExitingReader(t *testing.T) {
	m := newModule()
	s, z := open(t, driver(m))
	m.set(faults{ReadExits: true})
	for range 2 { // the second one has its turn
		if _, err := s.Read(t.Context(), z); providers.CodeOf(err) != providers.Internal {
			t.Errorf("got %v, want Internal", err)
		}
	}
	s, err := driver(unprintable{m}).Open(providers.Credentials{"token": secret})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(t.Context(), z); providers.CodeOf(err) != providers.Internal {
		t.Errorf("an error that cannot be printed: %v, want Internal", err)
	}
}

// unprintable is a module whose readings fail with a nil pointer.
type unprintable struct{ *module }

func (unprintable) GetRecords(context.Context, string) ([]libdns.Record, error) {
	var none *apiError
	return nil, none
}

// TestOpenUnprintable: so does a constructor with such an error.
func TestOpenUnprintable(t *testing.T) {
	for _, none := range []error{(*apiError)(nil), (*providers.Error)(nil)} {
		d := driver(nil)
		d.New = func(providers.Credentials) (any, error) { return nil, none }
		if s, err := d.Open(providers.Credentials{"token": secret}); providers.CodeOf(err) != providers.Internal {
			t.Errorf("%T: %v, error %v, want Internal", none, s, err)
		}
	}
}

func rates(rates ...providers.Rate) func(*libdnsdriver.Driver) {
	return func(d *libdnsdriver.Driver) { d.Host.Caps.Rates = rates }
}

// TestModuleRates: no request reaches a module that its host's limit does not
// let through, and one that is not let through has written nothing.
func TestModuleRates(t *testing.T) {
	replace := zone.Change{Remove: []zone.Record{txt("@", 3600, "v=spf1 -all")}, Add: []zone.Record{txt("@", 3600, "v=spf1 mx -all")}}
	for _, c := range []struct {
		name   string
		atOnce int // requests
		mode   libdnsdriver.Mode
		do     func(context.Context, providers.Session, providers.Zone) error
		wrote  providers.Wrote
		calls  map[string]int
	}{
		{name: "reading", atOnce: 2, do: func(ctx context.Context, s providers.Session, z providers.Zone) (err error) {
			for range 20 {
				_, err = s.Read(ctx, z)
			}
			return err
		}, calls: map[string]int{"get": 2}},
		{name: "listing", atOnce: 1, do: func(ctx context.Context, s providers.Session, _ providers.Zone) (err error) {
			for range 20 {
				_, err = s.Find(ctx, apex)
			}
			return err
		}, calls: map[string]int{"list": 1}},
		{name: "before the write", atOnce: 1, do: edit(replace), calls: map[string]int{"get": 1}},
		{name: "between two writes", atOnce: 2, do: edit(replace), wrote: providers.WroteUnknown, calls: map[string]int{"get": 1, "append": 1}},
		{name: "bare", atOnce: 1, mode: libdnsdriver.BareSet, do: func(ctx context.Context, s providers.Session, z providers.Zone) error {
			return errors.Join(edit(replace)(ctx, s, z), edit(replace)(ctx, s, z))
		}, calls: map[string]int{"set": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newModule(theirs()...)
			per := providers.Rate{Requests: 2 * c.atOnce, Per: time.Hour} // an Account lets half of them through at once
			acct, _ := account(t, holding{Driver: driver(lister{m}, rates(per), mode(c.mode)), do: c.do})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := acct.Check(ctx)
			if pe, ok := errors.AsType[*providers.Error](err); !ok || pe.Code != providers.RateLimited || pe.RetryAfter <= 0 || pe.Wrote != c.wrote {
				t.Errorf("got %v %+v, want RateLimited with a time and wrote %d", err, pe, c.wrote)
			}
			for _, call := range []string{"get", "list", "append", "delete", "set"} {
				if got := m.count(call); got != c.calls[call] {
					t.Errorf("%d calls of %s, want %d", got, call, c.calls[call])
				}
			}
		})
	}
}

// edit writes one change from the zone as it stands.
func edit(c zone.Change) func(context.Context, providers.Session, providers.Zone) error {
	return func(ctx context.Context, s providers.Session, z providers.Zone) error {
		verification := txt("@", 3600, "site-verification")
		return s.Write(ctx, z, zone.Edit{Before: append(c.Remove[:1:1], verification), After: append(c.Add[:1:1], verification)})
	}
}

// holding is a driver whose Check makes any calls of the session, within one call
// of the Account.
type holding struct {
	providers.Driver
	do func(context.Context, providers.Session, providers.Zone) error
}

func (h holding) Open(c providers.Credentials) (providers.Session, error) {
	s, err := h.Driver.Open(c)
	return checked{s, h}, err
}

type checked struct {
	providers.Session
	by holding
}

func (c checked) Check(ctx context.Context) error {
	return c.by.do(ctx, c.Session, providers.Zone{Apex: apex, Caps: c.by.Info().Caps})
}

// TestRatesPatience: work that waits for its turn at the host is no module that
// does not come back.
func TestRatesPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		acct, z := account(t, driver(m, rates(providers.Rate{Requests: 1, Per: time.Minute})))
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				if _, err := acct.Read(t.Context(), z); err != nil {
					t.Errorf("reading %d: %v", i, err)
				}
			})
		}
		all.Wait()
		if got := m.count("get"); got != 4 {
			t.Errorf("%d calls reached the module, want 4", got)
		}
	})
}

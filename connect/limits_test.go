package connect_test

import (
	"context"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// metered is a driver that waits for its turn before it finds a zone.
type metered struct{ memory.Driver }

func (d metered) Info() providers.Info {
	i := d.Driver.Info()
	i.Caps.Rates = []providers.Rate{{Requests: 1, Per: time.Hour}}
	return i
}

func (d metered) Open(c providers.Credentials) (providers.Session, error) {
	s, err := d.Driver.Open(c)
	return meteredSession{s}, err
}

type meteredSession struct{ providers.Session }

func (s meteredSession) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	if err := providers.Wait(ctx); err != nil {
		return providers.Zone{}, err
	}
	return s.Session.Find(ctx, apex)
}

// TestLimits: what one credential sends is counted for all calls of an engine,
// and of all engines that share Limits, unless Rates say otherwise.
func TestLimits(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{read(t, "zone.txt"), read(t, "app.example.txt")}})
	m := memory.New(memory.Options{NameServers: []string{"ns?.customer.example"}, Zones: []zone.Snapshot{zoneOf(t, read(t, "zone.txt"))}})
	prepare := func(o connect.Options) providers.Code {
		t.Helper()
		o.Drivers = []providers.Driver{metered{m.Driver()}}
		o.Verify = verify.Options{Start: w.Start(), Map: w.Map, MinDelay: 10 * time.Millisecond, Timeout: patience}
		e, err := connect.New(o)
		if err != nil {
			t.Fatal(err)
		}
		site, err := e.Detect(t.Context(), string(customer))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience) // far less than an hour
		defer cancel()
		for range 2 {
			if _, err = e.Prepare(ctx, site, nil, nil); err != nil {
				break
			}
		}
		return providers.CodeOf(err)
	}
	if got := prepare(connect.Options{}); got != providers.RateLimited {
		t.Errorf("a second request within the hour: got %q, want RateLimited", got)
	}
	if got := prepare(connect.Options{Rates: []providers.Rate{}}); got != "" {
		t.Errorf("without limits: got %q, want none", got)
	}
	shared := &providers.Limits{}
	two := []providers.Rate{{Requests: 3, Per: time.Hour}} // two of them at once
	if got := prepare(connect.Options{Limits: shared, Rates: two}); got != "" {
		t.Errorf("the first engine: got %q, want none", got)
	}
	if got := prepare(connect.Options{Limits: shared, Rates: two}); got != providers.RateLimited {
		t.Errorf("the second engine: got %q, want RateLimited", got)
	}
}

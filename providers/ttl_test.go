package providers_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

func otherTTL(t testing.TB) zone.Change {
	return zone.Change{Owner: www, Remove: recs(t, `www 3600 A 192.0.2.1`), Add: recs(t, `www 60 A 192.0.2.1`)}
}

// TestTTLBrokenOff: a change of TTL that loses the value is no run that never
// began: its outcome says what is gone, and taking that back brings it back.
func TestTTLBrokenOff(t *testing.T) {
	for _, grain := range stepwise {
		t.Run(string(grain), func(t *testing.T) {
			w := begin(t, providers.Caps{Grain: grain}, `www 3600 A 192.0.2.1`, `@ TXT "token"`)
			acct, err := providers.Open(halfway{w.host.Driver()}, nil, providers.Options{Journal: w.journal, Lost: 1})
			if err != nil {
				t.Fatal(err)
			}
			c, run := otherTTL(t), &providers.Run{}
			got := acct.Apply(t.Context(), w.zone, []zone.Change{c}, run)
			if s := states(got); s != "failed/Unavailable" || !strings.Contains(got[0].Detail, "nothing stands at www.customer.example. now") {
				t.Fatalf("got %s: %+v", s, got)
			}
			if d := cmp.Diff(&zone.Change{Owner: www, Remove: c.Remove}, got[0].Part); d != "" {
				t.Errorf("part (-want +got):\n%s", d)
			}
			if run.End == nil || run.End.Recovery() != providers.Stuck {
				t.Fatalf("end %+v, want stuck", run.End)
			}
			w.holds(t, zone.Change{Owner: www, Remove: c.Remove})
			if got := acct.Apply(t.Context(), w.zone, []zone.Change{got[0].Part.Inverse()}, &providers.Run{}); states(got) != "applied" {
				t.Errorf("taken back: got %+v", got)
			}
			w.holds(t)
		})
	}
}

// TestTTLCutOff: a run that was cut off between the two halves of a change of
// TTL is finished, not closed as if it had never begun.
func TestTTLCutOff(t *testing.T) {
	for _, grain := range grains {
		t.Run(string(grain), func(t *testing.T) {
			w := begin(t, providers.Caps{Grain: grain}, `www 3600 A 192.0.2.1`, `@ TXT "token"`)
			c := otherTTL(t)
			run := w.cutOff(t, "cut", c)
			w.host.Change(apex, zone.Change{Owner: www, Remove: c.Remove})
			how, got, err := w.acct.Recover(t.Context(), run)
			if err != nil || how != providers.Finished || states(got) != "applied" {
				t.Errorf("got %s %s %v, want finished", how, states(got), err)
			}
			w.holds(t, c)
		})
	}
}

// halfway is a driver whose first write removes and does not add: it is two
// requests, and the second one fails.
type halfway struct{ providers.Driver }

func (h halfway) Open(c providers.Credentials) (providers.Session, error) {
	s, err := h.Driver.Open(c)
	return &halfwaySession{Session: s}, err
}

type halfwaySession struct {
	providers.Session
	writes int
}

func (s *halfwaySession) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	if s.writes++; s.writes > 1 {
		return s.Session.Write(ctx, z, e)
	}
	if err := s.Session.Write(ctx, z, zone.Edit{Before: e.Before}); err != nil {
		return err
	}
	return &providers.Error{Code: providers.Unavailable, Wrote: providers.WroteUnknown, Err: errors.New("503")}
}

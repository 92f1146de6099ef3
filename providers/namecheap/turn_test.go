package namecheap_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestCause: a call that is given up says for what reason, a write too.
func TestCause(t *testing.T) {
	lost := errors.New("the lease is lost")
	for _, command := range []string{getSRV, getHosts, setHosts} {
		t.Run(command, func(t *testing.T) {
			f := start(t, namecheaptest.Options{}, mailZone()...)
			s := session(t, f)
			snap, err := s.Read(t.Context(), whole())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			f.SetHook(func(r *http.Request) {
				if r.ParseForm() == nil && r.Form.Get("Command") == command {
					cancel(lost)
					<-r.Context().Done() // no answer can come before the caller has heard of it
				}
			})
			if err := s.Write(ctx, whole(), challengeEdit(snap)); providers.CodeOf(err) != providers.Timeout || !errors.Is(err, lost) {
				t.Errorf("got %v, want Timeout for %v", err, lost)
			}
		})
	}
}

// TestTurns: the turns of a write and of what keeps the SRV records are waited
// for before the zone is read, and not between that and the write.
func TestTurns(t *testing.T) {
	for _, c := range []struct {
		name   string
		zone   []zone.Record
		turns  int // of the plan, of the write, and of the reading before it
		writes int
	}{
		{"all that a write needs", mailZone(), 2 + 1 + 2, 1},
		{"one less", mailZone(), 2 + 1 + 1, 0},
		{"all that a write with SRV records needs", append(mailZone(), sip()), 2 + 1 + 3 + 2, 2},
		{"one less with SRV records", append(mailZone(), sip()), 2 + 1 + 3 + 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, namecheaptest.Options{DropSRV: true}, c.zone...)
			rate := providers.Rate{Requests: 2*c.turns - 1, Per: time.Hour} // of which half may come at once
			acct := account(t, f, providers.Options{Rates: []providers.Rate{rate}})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			o := acct.Apply(ctx, whole(), []zone.Change{challengeChange()}, &providers.Run{})[0]
			if f.Writes() != c.writes {
				t.Errorf("%d writes, want %d: %s %s", f.Writes(), c.writes, o.State, o.Detail)
			}
			if has := slices.Contains(f.Zone(apex).Records, sip()); has != slices.Contains(c.zone, sip()) {
				t.Errorf("the SRV record is there: %t", has)
			}
		})
	}
}

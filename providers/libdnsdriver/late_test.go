package libdnsdriver_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestHarmOfTheRun: harm that comes to light when the caller has gone is told in
// the outcome of the run that did it, and the next run has none of it.
func TestHarmOfTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule(theirs()...)
		acct, z := account(t, driver(slow{m, 300 * time.Millisecond}))
		m.set(faults{DropsMail: true, Forgetful: true})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		add := func(ctx context.Context, rel string) providers.Outcome {
			r := txt(rel, 3600, "mine")
			return acct.Apply(ctx, z, []zone.Change{{Owner: r.Name, Add: []zone.Record{r}}}, &providers.Run{})[0]
		}
		if o := add(ctx, "first"); o.State != providers.Applied || o.Code != providers.Internal || !strings.Contains(o.Detail, "mx1.mail.example.") {
			t.Errorf("got %+v, want applied, with the loss of the mail", o)
		}
		m.set(faults{})
		if o := add(t.Context(), "second"); o.State != providers.Applied || o.Code != "" {
			t.Errorf("the next run: got %+v, want applied and no more", o)
		}
	})
}

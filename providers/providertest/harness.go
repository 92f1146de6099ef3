package providertest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Harness is what the suite needs of an author. Only New must be given; what
// the other fields add is said at each.
type Harness struct {
	// New is a driver, valid credentials, and the apex of a zone that the
	// suite may empty. It is called once for each case.
	New func(t testing.TB) (providers.Driver, providers.Credentials, zone.Name)
	// Seed makes the zone hold these records and what the host keeps itself
	// (SOA, NS of the apex), and nothing else. nil: through the driver.
	Seed func(t testing.TB, records []zone.Record)
	// Zone is the zone as the host itself holds it. nil: as the driver reads
	// it, so a driver that reads what is not there can deceive the suite.
	Zone func(t testing.TB) zone.Snapshot
	// Hang keeps the host from answering until the case ends. nil: the case
	// that needs it is skipped.
	Hang func(t testing.TB)
	// Lost is how long a write that does not show is looked for, as
	// providers.Options has it; 0: its default.
	Lost time.Duration
	// Skip is cases that are known to fail, each with the reason.
	Skip map[string]string
}

// Case is one rule of the contract.
type Case struct {
	Name string // "text-borders"
	Rule string // one sentence
	run  func(*env) error
}

// Cases is all cases in the order they run.
func Cases() []Case {
	var all []Case
	for _, group := range [][]Case{credentialCases, zoneCases, setCases, textCases, typeCases, guardCases, refusalCases, contextCases} {
		all = append(all, group...)
	}
	return all
}

// Run runs every case as a subtest.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			t.Helper()
			var not notHere
			switch err := c.try(t, h); {
			case errors.As(err, &not):
				t.Skip(string(not))
			case err != nil:
				t.Errorf("%v\nThe rule: %s", err, c.Rule)
			}
		})
	}
}

// notHere is why a case does not apply.
type notHere string

func (n notHere) Error() string { return string(n) }

const caseTimeout = 2 * time.Minute

// try runs the case and is what it found wrong.
func (c Case) try(t testing.TB, h Harness) error {
	t.Helper()
	if reason, ok := h.Skip[c.Name]; ok {
		return notHere("known to fail: " + reason)
	}
	ctx, cancel := context.WithTimeout(t.Context(), caseTimeout)
	defer cancel()
	e := &env{t: t, h: h, ctx: func() context.Context { return ctx }}
	e.driver, e.creds, e.apex = h.New(t)
	if err := e.open(); err != nil {
		return fmt.Errorf("before the case itself: %w", err)
	}
	return c.run(e)
}

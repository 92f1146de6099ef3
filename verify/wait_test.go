package verify_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// TestWait lets a frozen secondary go after some looks.
func TestWait(t *testing.T) {
	w := world(t)
	e := expect(t, "_token", "TXT", `"token=1"`)
	w.Server("ns2").Freeze()
	var verdicts []verify.Verdict
	var asked []int
	// A full look is due after every MaxDelay: not here, however slow the machine is.
	rarely := func(o *verify.Options) { o.MaxDelay = time.Hour }
	r, err := verifier(w, rarely).Wait(t.Context(), verify.Request{Expect: []verify.Expect{e, expect(t, "shop", "A", "192.0.2.11")}}, func(r verify.Report) {
		verdicts = append(verdicts, r.Verdict)
		asked = append(asked, r.Queries)
		switch len(verdicts) {
		case 2:
			put(w, e.Record)
		case 4:
			w.Server("ns2").Thaw()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []verify.Verdict{verify.Partial, verify.Partial, verify.Partial, verify.Partial, verify.Propagated}
	if !slices.Equal(verdicts, want) {
		t.Errorf("verdicts %v, want %v", verdicts, want)
	}
	if r.Verdict != verify.Propagated || len(r.Lagging()) != 0 {
		t.Errorf("the result is %s with %v behind", r.Verdict, r.Lagging())
	}
	// The second look asks two servers for one record, the fourth one server.
	if asked[1] != 2 || asked[3] != 1 {
		t.Errorf("questions in each look: %v, want 2 in the second and 1 in the fourth", asked)
	}
	// Success is that of a full look: both servers, both records, twice.
	if asked[4] < 8 {
		t.Errorf("questions in each look: %v, want a full one at the end", asked)
	}
}

func TestWaitEnds(t *testing.T) {
	w := world(t)
	e := expect(t, "_token", "TXT", `"token=1"`)
	w.Server("ns2").Freeze()
	put(w, e.Record)
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	r, err := verifier(w).Wait(ctx, verify.Request{Expect: []verify.Expect{e}}, func(verify.Report) {
		if looks++; looks == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the error of the context", err)
	}
	if want := []string{"ns2.customer.example (127.0.0.2)"}; r.Verdict != verify.Partial || !slices.Equal(r.Lagging(), want) {
		t.Errorf("last report: %s, lagging %v, want partial and %v", r.Verdict, r.Lagging(), want)
	}
}

// TestWaitForResolver waits for the last one to learn.
func TestWaitForResolver(t *testing.T) {
	w := world(t)
	e := expect(t, "_token", "TXT", `"token=1"`)
	w.Server("resolver").Freeze()
	put(w, e.Record)
	var next uint32
	r, err := verifier(w, resolver(w)...).Wait(t.Context(), verify.Request{Expect: []verify.Expect{e}}, func(r verify.Report) {
		if r.Verdict == verify.Published {
			next = r.NextLook
			w.Server("resolver").Thaw()
		}
	})
	if err != nil || r.Verdict != verify.Propagated {
		t.Errorf("%s %v, want propagated", r.Verdict, err)
	}
	if next != 301 {
		t.Errorf("NextLook %d s while the resolver keeps a negative answer of 300 s, want 301", next)
	}
}

// TestWaitDelegationChanges moves the domain to other servers while waiting.
func TestWaitDelegationChanges(t *testing.T) {
	w := world(t)
	e := expect(t, "_token", "TXT", `"token=1"`)
	put(w, e.Record)
	w.Server("ns1").SetFault(verifytest.Fault{Rcode: "REFUSED"})
	w.Server("ns2").SetFault(verifytest.Fault{Rcode: "REFUSED"})
	looks := 0
	r, err := verifier(w).Wait(t.Context(), verify.Request{Expect: []verify.Expect{e}}, func(r verify.Report) {
		if looks++; looks == 2 {
			if r.Verdict != verify.Unreachable {
				t.Errorf("verdict %s, want unreachable", r.Verdict)
			}
			w.Change("example", zone.Change{Owner: apex, Add: []zone.Record{
				record(t, "customer.example.", "NS", "old.example."), record(t, "old.example.", "A", "127.0.0.3"),
			}})
		}
	})
	if err != nil || r.Verdict != verify.Propagated {
		t.Errorf("%s %v, want propagated by the server added: %s", r.Verdict, err, dump(r))
	}
}

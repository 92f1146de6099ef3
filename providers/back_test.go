package providers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

var stepwise = []providers.Grain{providers.GrainRecord, providers.GrainRRset}

const www = "www." + apex

// swapZone has a name with addresses of different TTL and one with a CNAME.
var swapZone = []string{`www 60 A 192.0.2.1`, `www 60 A 192.0.2.2`, `www 900 TXT "x" "y"`, `shop 7200 CNAME old.example.`, `@ TXT "token"`}

func toCNAME(t testing.TB) zone.Change {
	return zone.Change{
		Owner: www, Remove: recs(t, `www 60 A 192.0.2.1`, `www 60 A 192.0.2.2`, `www 900 TXT "x" "y"`),
		Add: recs(t, `www CNAME edge.app.example.`), Absent: []string{zone.AnyType},
	}
}

func fromCNAME(t testing.TB) zone.Change {
	return zone.Change{
		Owner: "shop." + apex, Remove: recs(t, `shop 7200 CNAME old.example.`),
		Add: recs(t, `shop A 192.0.2.8`, `shop AAAA 2001:db8::1`), Absent: []string{zone.AnyType},
	}
}

// TestPutBack: what was to come in a swap is refused, at each of its writes.
func TestPutBack(t *testing.T) {
	for _, tt := range []struct {
		name  string
		code  providers.Code
		state providers.State
	}{
		{"invalid", providers.Invalid, providers.Rejected},
		{"unsupported", providers.Unsupported, providers.Rejected},
		{"conflict", providers.Conflict, providers.Failed},
		{"no access", providers.AccessDenied, providers.Failed},
	} {
		for _, grain := range stepwise {
			for dir, swap := range map[string]zone.Change{"to CNAME": toCNAME(t), "from CNAME": fromCNAME(t)} {
				t.Run(tt.name+"/"+string(grain)+"/"+dir, func(t *testing.T) {
					for n := 2; ; n++ {
						if n > 9 {
							t.Fatal("the swap has no end")
						}
						w := begin(t, providers.Caps{Grain: grain, CAS: n%2 == 0}, swapZone...)
						w.host.FailWrite(n, memory.Refused(tt.code))
						got := w.acct.Apply(t.Context(), w.zone, []zone.Change{swap}, &providers.Run{})
						if providers.Done(got) {
							if n == 2 {
								t.Error("one write was the whole swap")
							}
							return
						}
						if s, want := states(got), string(tt.state)+"/"+string(tt.code); s != want || got[0].Part != nil {
							t.Errorf("write %d: got %s %+v, want %s", n, s, got, want)
						}
						if d := got[0].Detail; !strings.Contains(d, "as told") || !strings.Contains(d, "what stood there was put back") {
							t.Errorf("write %d: detail %q lacks the reason, or what was done", n, d)
						}
						w.holds(t)
						if len(w.open(t)) > 0 {
							t.Error("the run is open")
						}
					}
				})
			}
		}
	}
}

// TestPutBackRefused: neither half may be written any more.
func TestPutBackRefused(t *testing.T) {
	for _, grain := range stepwise {
		w := begin(t, providers.Caps{Grain: grain}, swapZone...)
		taken := map[providers.Grain]int{providers.GrainRecord: 3, providers.GrainRRset: 2}[grain]
		for n := taken + 1; n <= taken*2+1; n++ {
			w.host.FailWrite(n, memory.Refused(providers.Invalid))
		}
		got := w.acct.Apply(t.Context(), w.zone, []zone.Change{toCNAME(t)}, &providers.Run{})
		if s := states(got); s != "failed/Invalid" {
			t.Errorf("%s: got %s", grain, s)
		}
		for _, part := range []string{"could not be put back: Invalid", "nothing stands at www.customer.example. now"} {
			if !strings.Contains(got[0].Detail, part) {
				t.Errorf("%s: detail %q lacks %q", grain, got[0].Detail, part)
			}
		}
		if got[0].Part == nil {
			t.Fatalf("%s: nobody says what is to be taken back", grain)
		}
		if d := cmp.Diff(toCNAME(t).Remove, got[0].Part.Remove); d != "" || len(got[0].Part.Add) > 0 {
			t.Errorf("%s: part (-want +got):\n%s", grain, d)
		}
		if got := w.acct.Apply(t.Context(), w.zone, []zone.Change{got[0].Part.Inverse()}, &providers.Run{}); !providers.Done(got) {
			t.Errorf("%s: taking it back: %+v", grain, got)
		}
		w.holds(t)
	}
}

// TestPutBackBeside: what came cannot be taken away again. What stood there
// must not be put beside it.
func TestPutBackBeside(t *testing.T) {
	for _, grain := range stepwise {
		w := begin(t, providers.Caps{Grain: grain}, swapZone...)
		w.host.FailWrite(3, memory.Refused(providers.Invalid)) // the second address
		w.host.FailWrite(4, memory.Refused(providers.Invalid)) // taking the first one away
		swap := fromCNAME(t)
		got := w.acct.Apply(t.Context(), w.zone, []zone.Change{swap}, &providers.Run{})
		if s := states(got); s != "failed/Invalid" || got[0].Part == nil || w.host.Writes() != 4 {
			t.Errorf("%s: got %s %+v after %d writes, want 4", grain, s, got, w.host.Writes())
		}
		w.holds(t, zone.Change{Owner: swap.Owner, Remove: swap.Remove, Add: swap.Add[:1]})
	}
}

// TestPutBackLost: an answer is lost halfway. What was lost is looked for, and
// nothing is written on a guess.
func TestPutBackLost(t *testing.T) {
	for _, grain := range stepwise {
		last := map[providers.Grain]int{providers.GrainRecord: 4, providers.GrainRRset: 3}[grain]
		w := begin(t, providers.Caps{Grain: grain}, swapZone...)
		w.host.FailWrite(last, memory.Lost(false))
		got := w.acct.Apply(t.Context(), w.zone, []zone.Change{toCNAME(t)}, &providers.Run{})
		if s := states(got); s != "failed/Timeout" || got[0].Part == nil || !strings.Contains(got[0].Detail, "nothing stands") {
			t.Errorf("%s: got %s %+v", grain, s, got)
		}
		if w.host.Writes() != last {
			t.Errorf("%s: %d writes, want none after the lost one", grain, w.host.Writes())
		}

		w = begin(t, providers.Caps{Grain: grain}, swapZone...)
		w.host.FailWrite(last, memory.Refused(providers.Invalid))
		w.host.FailWrite(last+1, memory.Lost(true))
		got = w.acct.Apply(t.Context(), w.zone, []zone.Change{toCNAME(t)}, &providers.Run{})
		if s := states(got); s != "rejected/Invalid" || !strings.Contains(got[0].Detail, "was put back") {
			t.Errorf("%s: the answer to putting back was lost: got %s %+v", grain, s, got)
		}
		w.holds(t)
	}
}

// TestPutBackGivenUp: the caller gives up between the halves.
func TestPutBackGivenUp(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainRRset}, swapZone...)
	ctx, cancel := context.WithCancel(t.Context())
	w.host.SetHooks(memory.Hooks{After: func(n int, _ zone.Edit) error {
		if n == 2 {
			cancel()
		}
		return nil
	}})
	got := w.acct.Apply(ctx, w.zone, []zone.Change{toCNAME(t)}, &providers.Run{})
	if s := states(got); s != "failed/Timeout" || !strings.Contains(got[0].Detail, "was put back") {
		t.Errorf("got %s %+v", s, got)
	}
	w.holds(t)
}

// TestPutBackRecovered: the process ends between the halves, and the host
// refuses the other half when the run is recovered.
func TestPutBackRecovered(t *testing.T) {
	for _, grain := range stepwise {
		for dir, swap := range map[string]zone.Change{"to CNAME": toCNAME(t), "from CNAME": fromCNAME(t)} {
			w := begin(t, providers.Caps{Grain: grain}, swapZone...)
			w.cutAt(1, true)
			w.acct.Apply(t.Context(), w.zone, []zone.Change{swap}, &providers.Run{})
			w.host.SetHooks(memory.Hooks{Before: func(_ int, e zone.Edit) error {
				if slices.ContainsFunc(e.After, func(r zone.Record) bool { return zone.Contains(swap.Add, r) }) {
					return &providers.Error{Code: providers.Invalid}
				}
				return nil
			}})
			w.host.SetReadFault(memory.Fault{})
			w.reopen(t)
			how, got, err := w.acct.Recover(t.Context(), w.open(t)[0])
			if err != nil || states(got) != "rejected/Invalid" || how != providers.Stuck {
				t.Errorf("%s %s: got %q %+v %v", grain, dir, how, got, err)
			}
			w.holds(t)
			if len(w.open(t)) > 0 {
				t.Errorf("%s %s: the run is open", grain, dir)
			}
		}
	}
}

// TestPutBackOthers: at a host's alias only what cannot stand beside it is
// swapped. A text that was refused before costs nobody an address.
func TestPutBackOthers(t *testing.T) {
	for _, grain := range stepwise {
		w := begin(t, providers.Caps{Grain: grain, ApexAlias: zone.TypeAlias}, `@ A 192.0.2.1`, `@ TXT "old"`, `@ MX 10 mail.example.`)
		change := zone.Change{
			Owner: apex, Remove: recs(t, `@ A 192.0.2.1`, `@ TXT "old"`),
			Add: append(recs(t, `@ TXT "new"`), zone.Record{Name: apex, Type: zone.TypeAlias, TTL: 300, Data: "edge.app.example."}),
		}
		w.host.FailWrite(1, memory.Refused(providers.Invalid))
		if got := w.acct.Apply(t.Context(), w.zone, []zone.Change{change}, &providers.Run{}); states(got) != "rejected/Invalid" || w.host.Writes() != 1 {
			t.Errorf("%s: got %+v after %d writes", grain, got, w.host.Writes())
		}
		w.holds(t)
		w.host.FailWrite(3, memory.Refused(providers.Invalid)) // text, address, alias
		if got := w.acct.Apply(t.Context(), w.zone, []zone.Change{change}, &providers.Run{}); states(got) != "rejected/Invalid" || got[0].Part != nil {
			t.Errorf("%s: got %+v", grain, got)
		}
		w.holds(t)
	}
}

// TestPutBackTheirs: somebody writes between the halves of a swap, and the host
// refuses the other half. What they wrote stays, whether or not the host compares.
func TestPutBackTheirs(t *testing.T) {
	for _, tt := range []struct {
		name, theirs string
		beside       bool // what stood there can come back
	}{
		{"another address", `www A 203.0.113.9`, true},
		{"a text", `www TXT "theirs"`, true},
		{"a CNAME", `www CNAME theirs.example.`, false},
	} {
		for _, grain := range stepwise {
			for _, cas := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s cas=%t", tt.name, grain, cas), func(t *testing.T) {
					w := begin(t, providers.Caps{Grain: grain, CAS: cas}, `www A 192.0.2.1`, `@ TXT "token"`)
					theirs := zone.Change{Owner: www, Add: recs(t, tt.theirs)}
					w.host.FailWrite(2, memory.Refused(providers.Invalid))
					w.host.SetHooks(memory.Hooks{Before: func(n int, _ zone.Edit) error {
						if n == 2 {
							w.host.Change(apex, theirs)
						}
						return nil
					}})
					swap := zone.Change{Owner: www, Remove: recs(t, `www A 192.0.2.1`), Add: recs(t, `www CNAME edge.app.example.`), Absent: []string{zone.AnyType}}
					got := w.acct.Apply(t.Context(), w.zone, []zone.Change{swap}, &providers.Run{})
					if providers.Done(got) || (got[0].Part == nil) != tt.beside {
						t.Errorf("got %+v", got)
					}
					if tt.beside {
						w.holds(t, theirs)
					} else {
						w.holds(t, zone.Change{Owner: www, Remove: swap.Remove, Add: theirs.Add})
					}
				})
			}
		}
	}
}

// TestPutBackUnread: what came between cannot be read. A host that compares
// nothing is not written to, and the run stays open; recovery ends it.
func TestPutBackUnread(t *testing.T) {
	for _, cas := range []bool{false, true} {
		w := begin(t, providers.Caps{Grain: providers.GrainRRset, CAS: cas}, swapZone...)
		w.host.FailWrite(3, memory.Refused(providers.Invalid))
		w.host.SetHooks(memory.Hooks{After: func(int, zone.Edit) error {
			w.host.SetReadFault(memory.Refused(providers.AccessDenied))
			return nil
		}})
		got := w.acct.Apply(t.Context(), w.zone, []zone.Change{toCNAME(t)}, &providers.Run{})
		if want := map[bool]int{false: 3, true: 5}[cas]; got[0].State != providers.Unknown || w.host.Writes() != want {
			t.Errorf("cas=%t: got %+v after %d writes, want %d", cas, got, w.host.Writes(), want)
		}
		w.host.SetReadFault(memory.Fault{})
		w.host.SetHooks(memory.Hooks{})
		how, _, err := w.acct.Recover(t.Context(), w.open(t)[0])
		if want := map[bool]providers.Recovery{false: providers.Finished, true: providers.NeverBegan}[cas]; err != nil || how != want {
			t.Errorf("cas=%t: got %q %v, want %q", cas, how, err, want)
		}
		if cas {
			w.holds(t)
		} else {
			w.holds(t, toCNAME(t))
		}
	}
}

// TestPutBackUnsettled: the host shows what was before the run for a while. That
// is not what was put back.
func TestPutBackUnsettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, providers.Caps{Grain: providers.GrainRRset, Settle: time.Minute}, `www A 192.0.2.1`)
		for n := range 2 {
			w.host.FailWrite(2+n, memory.Refused(providers.Invalid))
		}
		swap := zone.Change{Owner: www, Remove: recs(t, `www A 192.0.2.1`), Add: recs(t, `www CNAME edge.app.example.`)}
		got := w.acct.Apply(t.Context(), w.zone, []zone.Change{swap}, &providers.Run{})
		if states(got) != "failed/Invalid" || got[0].Part == nil || !strings.Contains(got[0].Detail, "could not be put back") {
			t.Errorf("got %+v", got)
		}
		w.holds(t, zone.Change{Owner: www, Remove: swap.Remove})
	})
}

// TestPutBackLanded: a write that was given up lands just before it is sent
// again, and is refused for that. There is nothing to put back.
func TestPutBackLanded(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainRecord}, `www A 192.0.2.1`)
	swap := zone.Change{Owner: www, Remove: recs(t, `www A 192.0.2.1`), Add: recs(t, `www CNAME edge.app.example.`)}
	w.host.SetHooks(memory.Hooks{Before: func(n int, _ zone.Edit) error {
		if n == 2 {
			w.host.Change(apex, swap)
		}
		return nil
	}})
	if got := w.acct.Apply(t.Context(), w.zone, []zone.Change{swap}, &providers.Run{}); states(got) != "applied" || w.host.Writes() != 2 {
		t.Errorf("got %+v after %d writes, want 2", got, w.host.Writes())
	}
	w.holds(t, swap)
}

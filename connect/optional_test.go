package connect_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/verify"
)

var allGrains = []providers.Grain{providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone}

func optional(in plan.Intent) plan.Intent {
	in.Optional = true
	return in
}

// refusing is a host that does not take records whose data holds a text.
func refusing(t *testing.T, grain providers.Grain, text string) (host, *memory.Host) {
	t.Helper()
	h, m := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: grain}}, providers.JournalMemory())
	m.SetHooks(memory.Hooks{Before: func(_ int, e zone.Edit) error { return refusal(e, text) }})
	return h, m
}

func refusal(e zone.Edit, text string) error {
	if slices.ContainsFunc(e.After, func(r zone.Record) bool { return strings.Contains(r.Text(), text) }) {
		return &providers.Error{Code: providers.Unsupported, Err: fmt.Errorf("no record with %q", text)}
	}
	return nil
}

func (h host) decide(t *testing.T, want []plan.Intent, more ...plan.Decision) connect.Plan {
	t.Helper()
	p, err := h.engine.Prepare(t.Context(), h.detect(t), h.creds, want, append(more, decided()...)...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// refusals is what is asked for, of which the host refuses one that holds
// "refused" and has the index bad.
var refusals = []struct {
	name      string
	intents   []plan.Intent
	bad       int
	decisions []plan.Decision
}{
	{"at a new name", []plan.Intent{plan.CNAME("www", "edge.app.example"), plan.TXT("_app", "refused"), plan.SPF("@", "include:_spf.app.customer.example")}, 1, nil},
	{"beside others of its set", []plan.Intent{plan.TXT("@", "refused"), plan.SPF("@", "include:_spf.app.customer.example"), plan.TXT("@", "app=1"), plan.A("app", "198.51.100.7")}, 0, nil},
	{"beside others of its name", []plan.Intent{plan.A("www", "198.51.100.7"), plan.TXT("www", "refused"), plan.MX("@", 5, "mx.app.example")}, 1, nil},
	{"in place of an address", []plan.Intent{plan.CNAME("www", "refused.app.example"), plan.TXT("@", "app=1")}, 0, nil},
	{"decided by name", []plan.Intent{plan.TXT("@", "app=1"), plan.CNAME("shop", "refused.app.example")}, 1, []plan.Decision{{Code: plan.AddressGroup, Owner: "shop", Option: "replace"}}},
	{"one of two mail servers", []plan.Intent{plan.MX("@", 5, "mx.app.example"), plan.MX("@", 6, "refused.app.example")}, 1, nil},
	{"the first of two addresses", []plan.Intent{plan.A("www", "198.51.100.66"), plan.A("www", "198.51.100.7")}, 0, nil},
	{"the second of two addresses", []plan.Intent{plan.A("www", "198.51.100.66"), plan.A("www", "198.51.100.5")}, 0, nil},
	{"one of two senders", []plan.Intent{plan.SPF("@", "include:_spf.app.customer.example"), plan.SPF("@", "ip4:192.0.2.77")}, 1, nil},
	{"one of two senders of a name without any", []plan.Intent{plan.SPF("shop", "v=spf1 include:_spf.app.customer.example -all"), plan.SPF("shop", "v=spf1 ip4:192.0.2.77 -all")}, 1, nil},
	{"the only one", []plan.Intent{plan.TXT("_app", "refused")}, 0, nil},
	{"a key", []plan.Intent{plan.CNAME("www", "edge.app.example"), plan.DKIM("s9._domainkey", "v=DKIM1; k=rsa; p="+key, "")}, 1, nil},
}

const key = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDc79iGpR7QbBZ2MN+KyryTjosuU4TrKEocjj9nplMyV/BH9k65c58BM2QTVG9as/pXXC632jFvP6ZIdGAGVYoGN1QEJP2NTYLDy0ESdSF3J8UCCMd4dNTP1CQcqpbJ/81yKepP3MH5bMsAqlyABi1X9/SL6WeSF26SLt+vnCE35wIDAQAB"

// refusedText is what the host does not take of an intent.
func refusedText(in plan.Intent) string {
	for _, text := range []string{"192.0.2.77", "198.51.100.66", "k=rsa; p=" + key} {
		if strings.Contains(in.Value, text) {
			return text
		}
	}
	return "refused"
}

// TestOptionalRefused has the host refuse an optional record, at every grain.
// The zone is as without it, and as before when the run is taken back.
func TestOptionalRefused(t *testing.T) {
	for _, grain := range allGrains {
		for _, tt := range refusals {
			t.Run(string(grain)+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				h, m := refusing(t, grain, refusedText(tt.intents[tt.bad]))
				before := h.zone()
				want := slices.Clone(tt.intents)
				want[tt.bad].Optional = true
				p := h.decide(t, want, tt.decisions...)
				run := h.apply(t, p)
				kept(t, before, h.zone(), p)

				plain, _ := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: grain}}, providers.JournalMemory())
				plain.apply(t, plain.decide(t, slices.Delete(slices.Clone(want), tt.bad, tt.bad+1)))
				if d := cmp.Diff(beside(run, without(h.zone(), "SOA")), without(plain.zone(), "SOA")); d != "" {
					t.Errorf("zone (-got +want):\n%s", d)
				}
				h.failed(t, run, want, tt.bad)
				h.shows(t, run)
				if run.Plan != p.ID || slices.ContainsFunc(run.Keys, func(k connect.Key) bool { return strings.HasPrefix(string(k.Owner), "s9.") }) {
					t.Errorf("run of plan %s with keys %v, want plan %s without the key that was refused", run.Plan, run.Keys, p.ID)
				}
				if ended, how, err := h.engine.Recover(t.Context(), h.creds, run.ID); err != nil || how != providers.WasDone && how != providers.NeverBegan {
					t.Errorf("recover: got %q %v", how, err)
				} else {
					h.failed(t, ended, want, tt.bad)
					h.shows(t, ended)
				}

				m.SetHooks(memory.Hooks{})
				h.undo(t, run.ID)
				if d := cmp.Diff(without(h.zone(), "SOA"), without(before, "SOA")); d != "" {
					t.Errorf("after undo (-got +want):\n%s", d)
				}
			})
		}
	}
}

// beside is records without what came with the one that was refused: a new name
// has a copy of what a wildcard answered for it, which the outcome names.
func beside(run connect.Run, recs []zone.Record) []zone.Record {
	for _, o := range run.Outcomes {
		if o.State == providers.Failed && o.Part != nil {
			recs = slices.DeleteFunc(recs, func(r zone.Record) bool { return r.Data == "192.0.2.99" && zone.Contains(o.Part.Add, r) })
		}
	}
	return recs
}

// failed checks what the run, and the event of it, say they do without.
func (h host) failed(t *testing.T, run connect.Run, want []plan.Intent, bad int) {
	t.Helper()
	if len(run.FailedOptional) != 1 {
		t.Fatalf("failed optional: got %+v, want intent %d", run.FailedOptional, bad)
	}
	f := run.FailedOptional[0]
	if f.Index != bad || f.Code != providers.Unsupported || !strings.Contains(f.Reason, "no record with") || f.Intent.Host != want[bad].Host {
		t.Errorf("failed optional: got %+v, want intent %d as unsupported", f, bad)
	}
	for _, ev := range *h.events {
		if ev.Type == connect.Applied && (len(ev.FailedOptional) != 1 || ev.FailedOptional[0].Value != want[bad].Value) {
			t.Errorf("event: got %+v, want the record that failed", ev.FailedOptional)
		}
	}
}

// shows checks that the zone holds what the run says that DNS must show.
func (h host) shows(t *testing.T, run connect.Run) {
	t.Helper()
	snap := h.zone()
	for _, x := range run.Expect {
		there := snap.Set(x.Record.Name, x.Record.Type)
		ok := zone.Contains(there, x.Record) != x.Gone
		if x.Match == verify.MatchSPF {
			ok = slices.ContainsFunc(there, func(r zone.Record) bool {
				return spf.IsRecord(r.Text()) && strings.Contains(r.Text(), strings.Fields(x.Record.Text() + " ")[0])
			})
		}
		if !ok {
			t.Errorf("the run expects %s (gone: %v), and the zone has %v", x.Record, x.Gone, there)
		}
	}
}

// TestRequiredRefused is the same refusal of a record that is required.
func TestRequiredRefused(t *testing.T) {
	for _, grain := range allGrains {
		for _, tt := range refusals {
			t.Run(string(grain)+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				h, m := refusing(t, grain, refusedText(tt.intents[tt.bad]))
				before := h.zone()
				want := slices.Clone(tt.intents)
				for i := range want { // the others may fail, and do not help
					want[i].Optional = i != tt.bad && want[i].Kind == plan.KindTXT
				}
				run := h.incomplete(t, h.decide(t, want, tt.decisions...))
				m.SetHooks(memory.Hooks{})
				h.undo(t, run.ID)
				h.same(t, before)
			})
		}
	}
}

// TestRequiredRefusedOnce does not try again where that cannot help.
func TestRequiredRefusedOnce(t *testing.T) {
	for _, grain := range stepwise {
		h, m := refusing(t, grain, "refused")
		h.incomplete(t, h.decide(t, []plan.Intent{plan.TXT("shop", "refused"), optional(plan.TXT("sip", "refused"))}))
		if n := m.Writes(); n != 2 {
			t.Errorf("%s: %d writes reached the host, want 2", grain, n)
		}
	}
}

// TestOptionalFaults is what an optional intent does not excuse: another error
// than a refusal of the record, and a name that is left without what stood there.
func TestOptionalFaults(t *testing.T) {
	want := []plan.Intent{optional(plan.CNAME("www", "edge.app.example"))}
	for _, code := range []providers.Code{providers.AccessDenied, providers.RateLimited, providers.Unavailable} {
		h, m := memoryHost(t, memory.Options{}, providers.JournalMemory())
		m.SetFault(memory.Refused(code))
		h.incomplete(t, h.decide(t, want))
	}
	h, m := refusing(t, providers.GrainRRset, "edge")
	m.FailWrite(3, memory.Refused(providers.Invalid)) // what puts the address back
	before := h.zone()
	run := h.incomplete(t, h.decide(t, want))
	m.SetHooks(memory.Hooks{})
	h.undo(t, run.ID)
	h.same(t, before)
}

// TestOptionalStale has somebody edit the zone between the refusal and the
// second try, so that more would have to go than was approved.
func TestOptionalStale(t *testing.T) {
	want := []plan.Intent{plan.A("www", "198.51.100.7"), optional(plan.TXT("www", "refused"))}
	theirs := zone.Change{Owner: www, Add: []zone.Record{zone.NewTXT("www.customer.example", 3600, "theirs"), {Name: www, Type: "A", TTL: 3600, Data: "192.0.2.66"}}}
	for _, grain := range allGrains {
		t.Run(string(grain), func(t *testing.T) {
			h, m := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: grain}}, providers.JournalMemory())
			before := h.zone()
			m.SetHooks(memory.Hooks{Before: func(_ int, e zone.Edit) error {
				err := refusal(e, "refused")
				if err != nil {
					h.edit(theirs)
				}
				return err
			}})
			_, err := h.engine.Apply(t.Context(), h.creds, h.decide(t, want))
			stale, ok := errors.AsType[*connect.Stale](err)
			if !ok || len(stale.Plan.Changes) != 1 {
				t.Fatalf("apply: got %v, want *Stale with what would have to be done", err)
			}
			_, wrote := errors.AsType[*connect.Incomplete](err)
			if d := cmp.Diff(lines(h.zone().Records), lines(before.With(theirs).Records)); (d == "") == wrote {
				t.Errorf("%v, and the zone (-got +want):\n%s", err, d)
			}
		})
	}
}

// TestOptionalGivesWay plans without what cannot stand: the run says so, also
// by hand.
func TestOptionalGivesWay(t *testing.T) {
	want := []plan.Intent{plan.TXT("@", "app=1"), optional(plan.CNAME("@", "edge.app.example"))}
	h, _ := memoryHost(t, memory.Options{}, providers.JournalMemory())
	p := h.decide(t, want)
	for name, run := range map[string]connect.Run{"applied": h.apply(t, p), "by hand": p.ByHand()} {
		if len(run.FailedOptional) != 1 || run.FailedOptional[0].Index != 1 || run.FailedOptional[0].Code != providers.Conflict {
			t.Errorf("%s: got %+v, want intent 1 as a conflict", name, run.FailedOptional)
		}
	}
	skip := plan.Decision{Code: plan.ApexCNAME, Option: "skip"}
	if run := h.decide(t, want, skip).ByHand(); len(run.FailedOptional) != 0 {
		t.Errorf("a person left it out: got %+v", run.FailedOptional)
	}
}

// TestFactsApexNS wants name servers only where the driver can write them and
// a person decides it.
func TestFactsApexNS(t *testing.T) {
	replace := func(owner zone.Name) plan.Decision {
		return plan.Decision{Code: plan.NSApex, Owner: owner, Option: "replace"}
	}
	for _, tt := range []struct {
		name         string
		caps         bool
		manual       bool
		decision     plan.Decision
		can, decides bool
	}{
		{"both", true, false, replace(""), true, true},
		{"by name", true, false, replace(customer), true, true},
		{"by host", true, false, replace("@"), true, true},
		{"of another name", true, false, replace("shop"), true, false},
		{"kept", true, false, plan.Decision{Code: plan.NSApex, Option: "keep"}, true, false},
		{"defaults decide nothing", true, false, plan.TakeDefaults(), true, false},
		{"the host cannot", false, false, replace(""), false, true},
		{"by hand", true, true, replace(""), false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, _ := memoryHost(t, memory.Options{Caps: providers.Caps{ApexNS: tt.caps}}, providers.JournalMemory())
			site := h.detect(t)
			if tt.manual {
				site = site.ByHand()
			}
			f := h.engine.Facts(t.Context(), site, tt.decision)
			if f.ApexNS != tt.can || f.ApexNSDecided != tt.decides {
				t.Errorf("got %v, %v, want %v, %v", f.ApexNS, f.ApexNSDecided, tt.can, tt.decides)
			}
		})
	}
}

func ExampleRun_FailedIntents() {
	in := plan.TXT("_app", "token")
	in.Optional = true
	run := connect.Run{FailedOptional: []connect.Failed{{Index: 2, Intent: in, Code: providers.Unsupported, Reason: "no records of type TXT"}}}
	fmt.Printf("%+v\n", entri.FailedOptional(run.FailedIntents()...))
	// Output: [{Type:TXT Host:_app Value:token TTL:3600 Optional:true}]
}

package connect_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// knotHost is the example on a real name server, with zone text of one's own
// in place of the customer's.
func knotHost(t testing.TB, text string) host {
	t.Helper()
	k := rfc2136test.Knot{Second: true}.Start(t, text, read(t, "app.example.txt"))
	return serverHost(t, k, rfc2136.Driver{}, k.Credentials())
}

func serverHost(t testing.TB, k *rfc2136test.Server, d rfc2136.Driver, creds providers.Credentials) host {
	t.Helper()
	acct, err := providers.Open(d, k.Credentials(), providers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := host{creds: creds}
	h.zone = func() zone.Snapshot {
		z, err := acct.Find(t.Context(), customer)
		if err != nil {
			t.Fatal(err)
		}
		snap, err := acct.Read(t.Context(), z)
		if err != nil {
			t.Fatal(err)
		}
		return snap
	}
	h.edit = func(changes ...zone.Change) {
		z, err := acct.Find(t.Context(), customer)
		if err != nil {
			t.Fatal(err)
		}
		if out := acct.Apply(t.Context(), z, changes, &providers.Run{}); !providers.Done(out) {
			t.Fatalf("edit: %+v", out)
		}
	}
	h.engine, h.events = engine(t, d, providers.JournalDir(t.TempDir()),
		verify.Options{Start: []netip.AddrPort{loopback(k.Port)}, MinDelay: 10 * time.Millisecond, Timeout: patience})
	return h
}

// TestWalkOnKnot is the worked example on a real server: what differs before
// and after, what a second run does, and what taking it back leaves.
func TestWalkOnKnot(t *testing.T) {
	h := knotHost(t, read(t, "zone.txt"))
	walked(t, h)
}

// TestWalkOnServer is the same in this process, where Knot is not installed.
func TestWalkOnServer(t *testing.T) {
	h, _ := dnsHost(t, rfc2136.Driver{})
	walked(t, h)
}

func walked(t *testing.T, h host) {
	t.Helper()
	before := h.zone()
	p := h.prepare(t, intents(t))
	run := h.apply(t, p)
	report := h.wait(t, run)
	if report.Verdict != verify.Propagated || report.Queries == 0 {
		t.Errorf("report: got %s after %d questions, want propagated by asking", report.Verdict, report.Queries)
	}
	for _, r := range report.Records {
		if len(r.Servers) != 2 {
			t.Errorf("%s %s was asked of %d servers, want both", r.Expect.Record.Name, r.Expect.Record.Type, len(r.Servers))
		}
	}
	after := h.zone()
	want := expected(t)
	if d := cmp.Diff(difference(lines(before.Records), lines(after.Records)), want.Removed); d != "" {
		t.Errorf("removed (-got +want):\n%s", d)
	}
	if d := cmp.Diff(difference(lines(after.Records), lines(before.Records)), want.Added); d != "" {
		t.Errorf("added (-got +want):\n%s", d)
	}
	kept(t, before, after, p)
	last := (*h.events)[len(*h.events)-1]
	if last.Type != connect.Connected || len(last.Confirmed) != 8 || len(last.Missing) != 0 {
		t.Errorf("last event: got %+v, want connected with 8 records", last)
	}

	if again := h.prepare(t, intents(t)); again.Status != plan.NoChange {
		t.Errorf("second run: got\n%s", again.Text())
	}

	undo, err := h.engine.Undo(t.Context(), h.creds, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	h.wait(t, h.apply(t, undo))
	if d := cmp.Diff(without(h.zone(), "SOA"), without(before, "SOA")); d != "" {
		t.Errorf("after undo (-got +want):\n%s", d)
	}
}

// kept checks that every record in no change is the same, byte for byte.
func kept(t *testing.T, before, after zone.Snapshot, p connect.Plan) {
	t.Helper()
	for _, r := range before.Records {
		touched := r.Type == "SOA" || slices.ContainsFunc(p.Changes, func(c plan.Change) bool { return slices.Contains(c.Remove, r) })
		if !touched && !slices.Contains(after.Records, r) {
			t.Errorf("%s was not to be touched, and is not there any more", r)
		}
	}
}

func without(s zone.Snapshot, typ string) []zone.Record {
	return slices.DeleteFunc(slices.Clone(s.Records), func(r zone.Record) bool { return r.Type == typ })
}

// TestRespelledOnKnot connects, writes the zone again as another hand would
// spell it, and finds nothing to change; undo works on that zone too.
func TestRespelledOnKnot(t *testing.T) {
	h := knotHost(t, read(t, "zone.txt"))
	before := h.zone()
	p := h.prepare(t, intents(t))
	h.apply(t, p)
	respelled := respell(t, h.zone())
	h2 := knotHost(t, respelled)
	if d := cmp.Diff(lines(h2.zone().Records), lines(h.zone().Records)); d != "" {
		t.Fatalf("the respelled zone says something else:\n%s", d)
	}
	if again := h2.prepare(t, intents(t)); again.Status != plan.NoChange {
		t.Errorf("on the respelled zone: got\n%s", again.Text())
	}
	// A change beside respelled data lands, with prerequisites on it.
	want := append(intents(t), plan.TXT("@", "one-more=1"), plan.MX("mail", 10, "mail2.customer.example"))
	more := h2.prepare(t, want)
	h2.wait(t, h2.apply(t, more))
	if got := difference(lines(h2.zone().Records), lines(h.zone().Records)); len(got) != 2 {
		t.Errorf("added on the respelled zone: got %q, want the text and the MX", got)
	}
	_ = before
}

// respell writes a zone in upper case, with TXT in strings of nine octets,
// IPv6 addresses in full, and HTTPS parameters the other way round.
func respell(t *testing.T, s zone.Snapshot) string {
	t.Helper()
	var b strings.Builder
	for _, r := range append(slices.Clone(s.Set(s.Zone, "SOA")), without(s, "SOA")...) {
		switch r.Type {
		case "TXT":
			var strs []string
			for text := r.Text(); text != ""; {
				n := min(9, len(text))
				strs, text = append(strs, text[:n]), text[n:]
			}
			r.Data = zone.QuoteStrings(strs...)
		case "AAAA":
			a, _ := r.Addr()
			r.Data = a.StringExpanded()
		case "HTTPS":
			f := strings.Fields(r.Data)
			slices.Reverse(f[2:])
			r.Data = strings.Join(f, " ")
		case "CAA":
			r.Data = strings.Replace(r.Data, "issue", "ISSUE", 1)
		case "CNAME", "MX", "NS", "SRV", "SOA":
			r.Data = strings.ToUpper(r.Data)
		}
		r.Name = zone.Name(strings.ToUpper(string(r.Name)))
		b.WriteString(r.String() + "\n")
	}
	return b.String()
}

// TestUndoKeepsEdits takes the example back after somebody edited the zone.
func TestUndoKeepsEdits(t *testing.T) {
	h, _ := dnsHost(t, rfc2136.Driver{})
	undoKeepsEdits(t, h)
}

// TestUndoKeepsEditsOnKnot is the same on a real server.
func TestUndoKeepsEditsOnKnot(t *testing.T) {
	undoKeepsEdits(t, knotHost(t, read(t, "zone.txt")))
}

func undoKeepsEdits(t *testing.T, h host) {
	t.Helper()
	before := h.zone()
	run := h.apply(t, h.prepare(t, intents(t)))
	merged := "v=spf1 mx include:_spf.old.customer.example include:_spf.app.customer.example ~all"
	edited := "v=spf1 mx include:_spf.old.customer.example include:_spf.app.customer.example ip4:203.0.113.7 ~all"
	h.edit(zone.Change{
		Owner:  customer,
		Remove: []zone.Record{zone.NewTXT(customer, 3600, merged)},
		Add:    []zone.Record{zone.NewTXT(customer, 3600, edited), zone.NewTXT(customer, 3600, "unrelated")},
	})
	undo, err := h.engine.Undo(t.Context(), h.creds, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	h.apply(t, undo)
	got := lines(h.zone().Records)
	if d := cmp.Diff(difference(got, lines(before.Records)), []string{
		"customer.example. TXT unrelated",
		"customer.example. TXT v=spf1 mx include:_spf.old.customer.example ip4:203.0.113.7 -all",
	}); d != "" {
		t.Errorf("beside the zone as before (-got +want):\n%s", d)
	}
	if d := cmp.Diff(difference(lines(before.Records), got), []string{
		"customer.example. TXT v=spf1 mx include:_spf.old.customer.example -all",
	}); d != "" {
		t.Errorf("missing of the zone as before (-got +want):\n%s", d)
	}
}

// TestDisconnect takes two runs back together.
func TestDisconnect(t *testing.T) {
	h, _ := dnsHost(t, rfc2136.Driver{})
	before := h.zone()
	h.apply(t, h.prepare(t, intents(t)))
	h.apply(t, h.prepare(t, append(intents(t), plan.SPF("@", "ip4:198.51.100.9"), plan.TXT("@", "second=run"))))
	p, err := h.engine.Disconnect(t.Context(), h.detect(t), h.creds)
	if err != nil {
		t.Fatal(err)
	}
	h.wait(t, h.apply(t, p))
	if d := cmp.Diff(without(h.zone(), "SOA"), without(before, "SOA")); d != "" {
		t.Errorf("after disconnect (-got +want):\n%s", d)
	}
	if p, err = h.engine.Disconnect(t.Context(), h.detect(t), h.creds); err != nil || p.Status != plan.NoChange {
		t.Errorf("disconnect again: got %v\n%s", err, p.Text())
	}
}

// TestStale edits the zone between Prepare and Apply.
func TestStale(t *testing.T) {
	tests := []struct {
		name  string
		edit  zone.Change
		stale bool
	}{
		{"unrelated text at a touched owner", zone.Change{Owner: customer, Add: []zone.Record{zone.NewTXT(customer, 3600, "new=token")}}, false},
		{"unrelated owner", zone.Change{Owner: "other." + customer, Add: []zone.Record{zone.NewAddress("other."+customer, 60, netip.MustParseAddr("192.0.2.77"))}}, false},
		{"what the plan replaces", zone.Change{
			Owner:  "www." + customer,
			Remove: []zone.Record{zone.NewAddress("www."+customer, 3600, netip.MustParseAddr("192.0.2.10"))},
			Add:    []zone.Record{zone.NewAddress("www."+customer, 3600, netip.MustParseAddr("192.0.2.11"))},
		}, true},
		{"the SPF record", zone.Change{
			Owner:  customer,
			Remove: []zone.Record{zone.NewTXT(customer, 3600, "v=spf1 mx include:_spf.old.customer.example -all")},
			Add:    []zone.Record{zone.NewTXT(customer, 3600, "v=spf1 mx -all")},
		}, true},
		{"a record where the alias goes", zone.Change{Owner: "www." + customer, Add: []zone.Record{zone.NewTXT("www."+customer, 60, "x")}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, _ := dnsHost(t, rfc2136.Driver{})
			p := h.prepare(t, intents(t))
			// The plan goes out and comes back as JSON, as it may.
			data, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			p = connect.Plan{}
			if err := json.Unmarshal(data, &p); err != nil {
				t.Fatal(err)
			}
			h.edit(tt.edit)
			before := h.zone()
			_, err = h.engine.Apply(t.Context(), h.creds, p)
			var stale *connect.Stale
			if got := errors.As(err, &stale); got != tt.stale {
				t.Fatalf("stale: got %v (%v), want %v", got, err, tt.stale)
			}
			if !tt.stale {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if stale.Plan.ID == p.ID || stale.Plan.ID == "" {
				t.Errorf("the new plan has ID %q, the old one %q", stale.Plan.ID, p.ID)
			}
			if d := cmp.Diff(h.zone(), before); d != "" {
				t.Errorf("a stale plan changed the zone:\n%s", d)
			}
		})
	}
}

// TestFallback is the example on a host that stores short texts only.
func TestFallback(t *testing.T) {
	h, _ := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset, MaxTXT: 255}}, providers.JournalMemory())
	p := h.prepare(t, intents(t))
	run := h.apply(t, p)
	want := intents(t)[4]
	got := h.zone().Set("s1._domainkey."+customer, "TXT")
	if len(got) != 1 || got[0].Text() != want.Fallback {
		t.Errorf("s1._domainkey: got %v, want the fallback value", got)
	}
	r := p.Results[4]
	if !r.UsedFallback || len(r.Fingerprint) != 64 || !strings.Contains(p.Text(), r.Fingerprint) {
		t.Errorf("the plan does not say that the fallback is used, and its fingerprint: %+v", r)
	}
	if i := slices.IndexFunc(run.Expect, func(x verify.Expect) bool { return x.Match == verify.MatchDKIM }); i < 0 || run.Expect[i].Record.Text() != want.Fallback {
		t.Error("verification does not expect the fallback's key")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // DNS does not serve this host's zone; the report is asked for its keys alone
	report, _ := h.engine.Wait(ctx, run)
	key := connect.Key{Owner: "s1._domainkey." + customer, Fingerprint: r.Fingerprint, UsedFallback: true, Reason: r.Text}
	if d := cmp.Diff(report.Keys, []connect.Key{key}); d != "" || r.Text == "" {
		t.Errorf("the report's keys (-got +want):\n%s", d)
	}
}

// TestUndecided refuses a plan that nobody decided, and writes nothing.
func TestUndecided(t *testing.T) {
	h, _ := dnsHost(t, rfc2136.Driver{})
	p, err := h.engine.Prepare(t.Context(), h.detect(t), h.creds, intents(t))
	if err != nil {
		t.Fatal(err)
	}
	before := h.zone()
	_, err = h.engine.Apply(t.Context(), h.creds, p)
	var undecided *connect.Undecided
	if !errors.As(err, &undecided) || len(undecided.Conflicts) != 1 || undecided.Conflicts[0].Code != plan.AddressGroup {
		t.Errorf("got %v, want the address group of www to be undecided", err)
	}
	if d := cmp.Diff(h.zone(), before); d != "" {
		t.Errorf("the zone changed:\n%s", d)
	}
}

// TestManual is the walk without a driver: steps, then proof.
func TestManual(t *testing.T) {
	h, _ := dnsHost(t, rfc2136.Driver{})
	site := h.detect(t).ByHand()
	p, err := h.engine.Prepare(t.Context(), site, nil, intents(t), plan.TakeDefaults())
	if err != nil {
		t.Fatal(err)
	}
	auto := h.prepare(t, intents(t))
	if p.ID != auto.ID {
		t.Errorf("what DNS shows gives another plan than what the host holds:\n%s\n%s", p.Text(), auto.Text())
	}
	if len(p.Steps) != 9 || p.Steps[0].Host != "@" {
		t.Errorf("steps: got %d, want 9: %+v", len(p.Steps), p.Steps)
	}
	if _, err := h.engine.Apply(t.Context(), nil, p); !errors.Is(err, connect.ErrManual) {
		t.Errorf("apply: got %v, want ErrManual", err)
	}
	h.edit(p.ZoneChanges()...) // the person does it
	if r := h.wait(t, p.ByHand()); r.Verdict != verify.Propagated {
		t.Errorf("verdict %s", r.Verdict)
	}
}

// TestOnlyByHandLate: the host may let the zone be read and refuse the write.
func TestOnlyByHandLate(t *testing.T) {
	h, m := memoryHost(t, memory.Options{}, providers.JournalMemory())
	p := h.prepare(t, intents(t))
	m.SetFault(memory.Fault{Code: providers.AccessDenied, Reason: providers.ReasonNoAccess})
	_, err := h.engine.Apply(t.Context(), h.creds, p)
	only, ok := errors.AsType[*connect.OnlyByHand](err)
	if !ok || only.Site.SetupType != connect.Manual {
		t.Fatalf("got %v, want *OnlyByHand", err)
	}
	if _, ok := errors.AsType[*connect.Incomplete](err); !ok {
		t.Errorf("got %v, want it to tell the outcomes", err)
	}
}

// TestStaleSecondary has one of two servers lag for longer than the wait.
// TestOnlyByHand: a host that gives the customer no API sends the walk to a
// set-up by hand; one that refuses these credentials does not.
func TestOnlyByHand(t *testing.T) {
	for _, tc := range []struct {
		reason providers.Reason
		byHand bool
	}{{providers.ReasonNoAccess, true}, {providers.ReasonScope, false}, {"", false}} {
		t.Run(string(tc.reason), func(t *testing.T) {
			h, m := memoryHost(t, memory.Options{}, providers.JournalMemory())
			site, err := h.engine.Detect(t.Context(), string(customer))
			if err != nil {
				t.Fatal(err)
			}
			m.SetReadFault(memory.Fault{Code: providers.AccessDenied, Reason: tc.reason})
			_, err = h.engine.Prepare(t.Context(), site, h.creds, intents(t), plan.TakeDefaults())
			if providers.CodeOf(err) != providers.AccessDenied {
				t.Fatalf("got %v, want AccessDenied", err)
			}
			only, ok := errors.AsType[*connect.OnlyByHand](err)
			if ok != tc.byHand {
				t.Fatalf("by hand: %t, want %t: %v", ok, tc.byHand, err)
			}
			if !ok {
				return
			}
			p, err := h.engine.Prepare(t.Context(), only.Site, nil, intents(t), plan.TakeDefaults())
			if err != nil || len(p.Steps) == 0 || m.Writes() != 0 {
				t.Errorf("%d steps, %d writes: %v", len(p.Steps), m.Writes(), err)
			}
		})
	}
}

func TestStaleSecondary(t *testing.T) {
	h, w := dnsHost(t, rfc2136.Driver{})
	w.Server("ns2").Freeze()
	run := h.apply(t, h.prepare(t, intents(t)))
	report, err := h.engine.Check(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if lagging := report.Lagging(); len(lagging) != 1 || !strings.Contains(lagging[0], "ns2.customer.example") {
		t.Errorf("%s, lagging: got %v, want ns2 alone", report.Verdict, lagging)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := h.engine.Wait(ctx, run); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v, want the deadline", err)
	}
	w.Server("ns2").Thaw()
	h.wait(t, run)
}

// TestUnproven points the apex at the service by a feature of its host, which
// DNS has no record type for. That is not called connected.
func TestUnproven(t *testing.T) {
	h, _ := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset, ApexAlias: zone.TypeAlias}}, providers.JournalMemory())
	p, err := h.engine.Prepare(t.Context(), h.detect(t), nil, []plan.Intent{plan.CNAME("@", "edge.app.example")}, decided()...)
	if err != nil {
		t.Fatal(err)
	}
	run := h.apply(t, p)
	run.Expect = nil // DNS does not serve this host's zone
	if _, err := h.engine.Wait(t.Context(), run); !errors.Is(err, connect.ErrUnproven) || !strings.Contains(err.Error(), "customer.example. ALIAS") {
		t.Errorf("got %v, want ErrUnproven that names the alias", err)
	}
	for _, e := range *h.events {
		if e.Type == connect.Connected {
			t.Errorf("an event says connected: %+v", e)
		}
	}
}

// TestProxied: DNS shows the addresses of a proxy and not the record behind it,
// nor one beside it, so nobody waits for those, and nobody calls them proven.
func TestProxied(t *testing.T) {
	behind := zone.Record{Name: "proxied." + customer, Type: "A", TTL: 300, Data: "198.51.100.7", Meta: "proxied=true"}
	for _, tc := range []struct {
		name    string
		want    plan.Intent
		changes int
	}{
		{"it stands already", plan.Intent{Kind: plan.KindA, Host: "proxied", Value: behind.Data}, 0},
		{"beside it", plan.Intent{Kind: plan.KindAAAA, Host: "proxied", Value: "2001:db8::7"}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, m := memoryHost(t, memory.Options{}, providers.JournalMemory())
			m.Change(customer, zone.Change{Owner: behind.Name, Add: []zone.Record{behind}})
			p, err := h.engine.Prepare(t.Context(), h.detect(t), nil, []plan.Intent{tc.want, tc.want}, plan.Decision{Code: plan.AddressGroup, Option: "family"})
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Changes) != tc.changes || len(p.Expect) != 0 || len(p.Warnings) != 1 || p.Warnings[0].Code != "proxied" {
				t.Errorf("changes %v, expected %v, warnings %v", p.Changes, p.Expect, p.Warnings)
			}
			run := h.apply(t, p)
			if len(run.Unproven) != 1 {
				t.Errorf("unproven: %v, want one", run.Unproven)
			}
			for name, look := range map[string]func(context.Context, connect.Run) (connect.Report, error){"wait": h.engine.Wait, "check": h.engine.Check} {
				if _, err := look(t.Context(), run); !errors.Is(err, connect.ErrUnproven) || !strings.Contains(err.Error(), "proxied.customer.example. A") {
					t.Errorf("%s: got %v, want ErrUnproven that names the record", name, err)
				}
			}
		})
	}
}

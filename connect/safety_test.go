package connect_test

import (
	"context"
	"errors"
	"fmt"
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
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

const www = "www." + customer

// decided is plan.TakeDefaults, and yes to what has no default.
func decided() []plan.Decision {
	return []plan.Decision{
		plan.TakeDefaults(),
		{Code: plan.AddressGroup, Option: "replace"},
		{Code: plan.MXSet, Option: "replace"},
		{Code: plan.SafetyGate, Option: "proceed"},
	}
}

// incomplete applies a plan that cannot be carried out to the end.
func (h host) incomplete(t *testing.T, p connect.Plan) connect.Run {
	t.Helper()
	_, err := h.engine.Apply(t.Context(), h.creds, p)
	failed, ok := errors.AsType[*connect.Incomplete](err)
	if !ok {
		t.Fatalf("apply: got %T %v, want *Incomplete", err, err)
	}
	return failed.Run
}

func (h host) undo(t *testing.T, run string) connect.Run {
	t.Helper()
	p, err := h.engine.Undo(t.Context(), h.creds, run, decided()...)
	if err != nil {
		t.Fatal(err)
	}
	return h.apply(t, p)
}

func (h host) disconnect(t *testing.T) connect.Plan {
	t.Helper()
	p, err := h.engine.Disconnect(t.Context(), h.detect(t), h.creds, decided()...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// same fails the test unless the zone says what it said before.
func (h host) same(t *testing.T, before zone.Snapshot) {
	t.Helper()
	if d := cmp.Diff(lines(h.zone().Records), lines(before.Records)); d != "" {
		t.Errorf("zone (-got +want):\n%s", d)
	}
}

// extendSPF is somebody who adds a sender of their own to the SPF record.
func (h host) extendSPF(t *testing.T, term string) {
	t.Helper()
	r := spfRecords(h.zone())[0]
	more := strings.Replace(r.Text(), "v=spf1", "v=spf1 "+term, 1)
	h.edit(zone.Change{Owner: customer, Remove: []zone.Record{r}, Add: []zone.Record{zone.NewTXT(customer, r.TTL, more)}})
}

func spfRecords(s zone.Snapshot) []zone.Record {
	return slices.DeleteFunc(slices.Clone(s.Set(customer, "TXT")), func(r zone.Record) bool { return !strings.HasPrefix(r.Text(), "v=spf1") })
}

var stepwise = []providers.Grain{providers.GrainRecord, providers.GrainRRset}

// TestSPFInPlace has a text join the SPF record's neighbours in the same run,
// at a host that writes one record at a time: the domain is never without SPF.
func TestSPFInPlace(t *testing.T) {
	h, m := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRecord}}, providers.JournalMemory())
	m.SetHooks(memory.Hooks{After: func(n int, _ zone.Edit) error {
		if got := spfRecords(h.zone()); len(got) != 1 {
			t.Errorf("after write %d the domain has %d SPF records: %v", n, len(got), got)
		}
		return nil
	}})
	h.apply(t, h.prepare(t, []plan.Intent{plan.SPF("@", "include:_spf.app.customer.example"), plan.TXT("@", "aaa=1")}))
}

// TestHalfDone has the host refuse the second half of a change, and then to put
// the first back. What that removed comes back when the run is taken back, and
// recovery does not call it done.
func TestHalfDone(t *testing.T) {
	for _, grain := range stepwise {
		t.Run(string(grain), func(t *testing.T) {
			h, m := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: grain}}, providers.JournalMemory())
			before := h.zone()
			m.FailWrite(2, memory.Refused(providers.Invalid))
			m.FailWrite(3, memory.Refused(providers.Invalid))
			run := h.incomplete(t, h.prepare(t, []plan.Intent{plan.CNAME("www", "edge.app.example")}))
			if p := run.Outcomes[0].Part; p == nil || len(p.Remove) != 1 || len(p.Add) != 0 {
				t.Errorf("part: got %+v, want the address that was removed", p)
			}
			if _, how, err := h.engine.Recover(t.Context(), h.creds, run.ID); err != nil || how != providers.Stuck {
				t.Errorf("recover: got %q %v, want stuck", how, err)
			}
			h.undo(t, run.ID)
			h.same(t, before)
		})
	}
}

// TestHalfDoneUnit is the same where a name points at two addresses, of which
// the host refuses to remove one, and later to bring one back.
func TestHalfDoneUnit(t *testing.T) {
	h, m := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset}}, providers.JournalMemory())
	before := h.zone()
	want := []plan.Intent{plan.A("@", "198.51.100.4")}
	prepare := func() connect.Plan {
		p, err := h.engine.Prepare(t.Context(), h.detect(t), h.creds, want, decided()...)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	m.FailWrite(2, memory.Refused(providers.Invalid))
	h.undo(t, h.incomplete(t, prepare()).ID)
	h.same(t, before)

	h.apply(t, prepare())
	m.FailWrite(2, memory.Refused(providers.Invalid))
	h.incomplete(t, h.disconnect(t))
	h.apply(t, h.disconnect(t))
	h.same(t, before)
}

// TestHalfDoneMX loses the write that replaces the second of two mail servers,
// connects again, and takes the two runs back one after the other.
func TestHalfDoneMX(t *testing.T) {
	for _, landed := range []bool{true, false} {
		h, m := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRecord}}, providers.JournalMemory())
		before := h.zone()
		want := []plan.Intent{plan.MX("@", 6, "mx2.app.example"), plan.MX("@", 7, "mx3.app.example")}
		prepare := func() connect.Plan {
			p, err := h.engine.Prepare(t.Context(), h.detect(t), h.creds, want, decided()...)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		m.FailWrite(2, memory.Lost(landed))
		first := ""
		if p := prepare(); landed {
			first = h.apply(t, p).ID
		} else {
			first = h.incomplete(t, p).ID
		}
		h.apply(t, prepare())
		h.undo(t, first)
		h.apply(t, h.disconnect(t))
		h.same(t, before)
	}
}

// TestConflictHalfway has somebody write beside a name between the two halves
// of its swap. What stood there is put back, and the plan is stale.
func TestConflictHalfway(t *testing.T) {
	h, m := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset, CAS: true}}, providers.JournalMemory())
	before := h.zone()
	theirs := zone.Change{Owner: www, Add: []zone.Record{zone.NewTXT(www, 300, "theirs")}}
	m.SetHooks(memory.Hooks{After: func(n int, _ zone.Edit) error {
		if n == 1 {
			h.edit(theirs)
		}
		return nil
	}})
	_, err := h.engine.Apply(t.Context(), h.creds, h.prepare(t, []plan.Intent{plan.CNAME("www", "edge.app.example")}))
	if _, stale := errors.AsType[*connect.Stale](err); !stale {
		t.Errorf("got %v, want *Stale", err)
	}
	h.same(t, before.With(theirs))
}

// TestReadBackHalfway loses the read-back after half of a change was put back:
// nobody knows how far it came, so the run stays open.
func TestReadBackHalfway(t *testing.T) {
	h, m := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset}}, providers.JournalMemory())
	before := h.zone()
	m.FailWrite(2, memory.Refused(providers.Invalid))
	m.SetHooks(memory.Hooks{After: func(n int, _ zone.Edit) error {
		if n == 3 { // the address is back
			m.SetReadFault(memory.Refused(providers.AccessDenied))
		}
		return nil
	}})
	run := h.incomplete(t, h.prepare(t, []plan.Intent{plan.CNAME("www", "edge.app.example")}))
	m.SetHooks(memory.Hooks{})
	m.SetReadFault(memory.Fault{})
	if _, how, err := h.engine.Recover(t.Context(), h.creds, run.ID); err != nil || how != providers.NeverBegan {
		t.Errorf("recover: got %q %v, want never-began", how, err)
	}
	h.undo(t, run.ID)
	h.same(t, before)
}

// TestRecoverEnded recovers what needs none: a run that failed was not done.
func TestRecoverEnded(t *testing.T) {
	h, m := memoryHost(t, memory.Options{}, providers.JournalMemory())
	m.FailWrite(1, memory.Refused(providers.Unavailable))
	run := h.incomplete(t, h.prepare(t, []plan.Intent{plan.TXT("@", "a=1")}))
	if _, how, err := h.engine.Recover(t.Context(), h.creds, run.ID); err != nil || how != providers.NeverBegan {
		t.Errorf("got %q %v, want never-began", how, err)
	}
}

// TestRecoverWaited recovers a run that was under way when it was looked up and
// has ended since. What was done after it stays.
func TestRecoverWaited(t *testing.T) {
	j := providers.JournalMemory()
	m := memory.New(memory.Options{Zones: []zone.Snapshot{zoneOf(t, read(t, "zone.txt"))}})
	account, err := providers.Open(m.Driver(), nil, providers.Options{Journal: j})
	if err != nil {
		t.Fatal(err)
	}
	z, err := account.Find(t.Context(), customer)
	if err != nil {
		t.Fatal(err)
	}
	a, b := zone.NewTXT(customer, 3600, "a"), zone.NewTXT(www, 3600, "b")
	run := providers.Run{}
	account.Apply(t.Context(), z, []zone.Change{{Owner: customer, Add: []zone.Record{a}}, {Owner: www, Add: []zone.Record{b}}}, &run)
	m.Change(customer, zone.Change{Owner: www, Remove: []zone.Record{b}})
	before := m.Zone(customer)
	run.End = nil
	if how, _, err := account.Recover(t.Context(), run); err != nil || how != providers.WasDone {
		t.Errorf("got %q %v, want was-done", how, err)
	}
	if d := cmp.Diff(m.Zone(customer), before); d != "" {
		t.Errorf("a value that somebody removed since is back:\n%s", d)
	}
}

// TestRecoverEditedSPF cuts a run off after it merged, and has somebody edit the
// SPF record before recovery. Taking the run back takes our term out of it.
func TestRecoverEditedSPF(t *testing.T) {
	h, m := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset}}, providers.JournalMemory())
	m.SetHooks(memory.Hooks{After: func(int, zone.Edit) error {
		m.SetReadFault(memory.Refused(providers.AccessDenied))
		return errors.New("cut off")
	}})
	run := h.incomplete(t, h.prepare(t, []plan.Intent{plan.SPF("@", "include:_spf.app.customer.example")}))
	m.SetHooks(memory.Hooks{})
	m.SetReadFault(memory.Fault{})
	h.extendSPF(t, "ip4:203.0.113.7")
	if _, how, err := h.engine.Recover(t.Context(), h.creds, run.ID); err != nil || how != providers.Stuck {
		t.Fatalf("recover: got %q %v, want stuck", how, err)
	}
	h.undo(t, run.ID)
	want := "v=spf1 ip4:203.0.113.7 mx include:_spf.old.customer.example -all"
	if got := spfRecords(h.zone()); len(got) != 1 || got[0].Text() != want {
		t.Errorf("SPF: got %v, want %s", got, want)
	}
}

// TestDisconnectTwice has somebody edit the merged SPF record. The second time
// there is nothing to take back, least of all an SPF record of old.
func TestDisconnectTwice(t *testing.T) {
	h, _ := dnsHost(t, rfc2136.Driver{})
	h.apply(t, h.prepare(t, intents(t)))
	h.extendSPF(t, "ip4:203.0.113.7")
	h.apply(t, h.disconnect(t))
	if p := h.disconnect(t); p.Status != plan.NoChange {
		t.Errorf("again:\n%s", p.Text())
	}
	want := "v=spf1 ip4:203.0.113.7 mx include:_spf.old.customer.example -all"
	if got := spfRecords(h.zone()); len(got) != 1 || got[0].Text() != want {
		t.Errorf("SPF: got %v, want %s", got, want)
	}
}

// TestUndoFailed has the host refuse an undo, and an undo taken back itself:
// our term is in the SPF record still, and is taken out of it.
func TestUndoFailed(t *testing.T) {
	for name, undo := range map[string]func(*testing.T, host, *memory.Host, connect.Run){
		"refused": func(t *testing.T, h host, m *memory.Host, run connect.Run) {
			p, err := h.engine.Undo(t.Context(), h.creds, run.ID)
			if err != nil {
				t.Fatal(err)
			}
			m.FailWrite(1, memory.Refused(providers.Invalid))
			h.incomplete(t, p)
		},
		"taken back": func(t *testing.T, h host, _ *memory.Host, run connect.Run) {
			h.undo(t, h.undo(t, run.ID).ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, m := memoryHost(t, memory.Options{}, providers.JournalMemory())
			before := h.zone()
			undo(t, h, m, h.apply(t, h.prepare(t, []plan.Intent{plan.SPF("@", "include:_spf.app.customer.example")})))
			h.extendSPF(t, "ip4:203.0.113.7")
			h.apply(t, h.disconnect(t))
			want := strings.Replace(spfRecords(before)[0].Text(), "v=spf1", "v=spf1 ip4:203.0.113.7", 1)
			if got := spfRecords(h.zone()); len(got) != 1 || got[0].Text() != want {
				t.Errorf("SPF: got %v, want %s", got, want)
			}
		})
	}
}

// TestUndoOwnZone takes back what was written for a subdomain that is a zone of
// its own.
func TestUndoOwnZone(t *testing.T) {
	const sub = "sub." + customer
	below := "$ORIGIN sub.customer.example.\n$TTL 3600\n@ SOA ns1.customer.example. h 1 3600 600 86400 300\n@ NS ns1.customer.example.\n@ NS ns2.customer.example.\n"
	above := read(t, "zone.txt") + "\nsub NS ns1\nsub NS ns2\n"
	w := verifytest.New(t, verifytest.Options{Text: []string{above, below, read(t, "app.example.txt")}})
	m := memory.New(memory.Options{NameServers: []string{"ns?.customer.example"}, Zones: []zone.Snapshot{zoneOf(t, above), zoneOf(t, below)}})
	h := host{zone: func() zone.Snapshot { return m.Zone(sub) }}
	h.engine, _ = engine(t, m.Driver(), providers.JournalMemory(), verify.Options{Start: w.Start(), Map: w.Map})
	before := h.zone()
	site, err := h.engine.Detect(t.Context(), string(sub))
	if err != nil {
		t.Fatal(err)
	}
	connected := func() connect.Run {
		p, err := h.engine.Prepare(t.Context(), site, nil, []plan.Intent{plan.TXT("sub", "x=1")})
		if err != nil {
			t.Fatal(err)
		}
		return h.apply(t, p)
	}
	h.undo(t, connected().ID)
	h.same(t, before)
	connected()
	p, err := h.engine.Disconnect(t.Context(), site, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.apply(t, p)
	h.same(t, before)
}

// TestDisconnectByHand shows a person what to take back, where the host of the
// domain is not known any more.
func TestDisconnectByHand(t *testing.T) {
	h, _ := dnsHost(t, rfc2136.Driver{})
	before := h.zone()
	h.apply(t, h.prepare(t, intents(t)))
	p, err := h.engine.Disconnect(t.Context(), h.detect(t).ByHand(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Steps) != 9 {
		t.Errorf("got %d steps, want the 9 of the way there:\n%s", len(p.Steps), p.Text())
	}
	h.edit(p.ZoneChanges()...)
	h.same(t, before)
}

// TestTampered sends a plan back with no set-up type, or another one.
func TestTampered(t *testing.T) {
	h, m := memoryHost(t, memory.Options{}, providers.JournalMemory())
	for _, typ := range []connect.SetupType{"", "by-magic"} {
		p := h.prepare(t, []plan.Intent{plan.TXT("@", "a=1")})
		p.Request.Site.SetupType = typ
		if _, err := h.engine.Apply(t.Context(), h.creds, p); !errors.Is(err, connect.ErrManual) || m.Writes() > 0 {
			t.Errorf("set-up type %q: got %v, %d writes", typ, err, m.Writes())
		}
	}
}

// TestForeignRun shares the journal with a program that uses it for runs of its
// own.
func TestForeignRun(t *testing.T) {
	j := providers.JournalDir(t.TempDir())
	run := providers.Run{ID: "theirs", Driver: "memory", Zone: providers.Zone{Apex: customer}}
	if err := j.Begin(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	h, _ := memoryHost(t, memory.Options{}, j)
	h.apply(t, h.prepare(t, []plan.Intent{plan.TXT("@", "a=1")}))
	if _, err := h.engine.Undo(t.Context(), h.creds, "../theirs"); !errors.Is(err, providers.ErrNoRun) {
		t.Errorf("a path for a run: got %v, want ErrNoRun", err)
	}
}

// TestRunReused gives one run to two applications. The second must not take the
// place of the first, which could not be taken back any more.
func TestRunReused(t *testing.T) {
	for name, j := range map[string]providers.Journal{"memory": providers.JournalMemory(), "dir": providers.JournalDir(t.TempDir())} {
		m := memory.New(memory.Options{Zones: []zone.Snapshot{zoneOf(t, read(t, "zone.txt"))}})
		account, err := providers.Open(m.Driver(), nil, providers.Options{Journal: j})
		if err != nil {
			t.Fatal(err)
		}
		z, err := account.Find(t.Context(), customer)
		if err != nil {
			t.Fatal(err)
		}
		run := providers.Run{}
		for i, want := range []providers.State{providers.Applied, providers.Failed} {
			change := zone.Change{Owner: customer, Add: []zone.Record{zone.NewTXT(customer, 3600, fmt.Sprint(i))}}
			if got := account.Apply(t.Context(), z, []zone.Change{change}, &run); got[0].State != want {
				t.Errorf("%s: application %d: got %+v, want %s", name, i, got, want)
			}
		}
		if m.Writes() != 1 {
			t.Errorf("%s: %d writes, want 1", name, m.Writes())
		}
	}
}

// leaky is a host whose errors repeat the credentials it was given, as HTTP
// clients and parsers do.
type leaky struct{ memory.Driver }

func (d leaky) Info() providers.Info {
	i := d.Driver.Info()
	i.Fields = []providers.Field{{Name: "id", Secret: true}, {Name: "token", Secret: true}}
	return i
}

func (d leaky) Open(c providers.Credentials) (providers.Session, error) {
	s, err := d.Driver.Open(nil)
	return leakySession{s, c}, err
}

type leakySession struct {
	providers.Session
	c providers.Credentials
}

func (s leakySession) Find(context.Context, zone.Name) (providers.Zone, error) {
	token := strings.TrimSpace(s.c["token"])
	return providers.Zone{}, fmt.Errorf("get https://host.example/?token=%s: %q: bad", strings.ReplaceAll(token, "/", "%2F"), token)
}

// TestSecrets has a token that holds the account's ID, ends in a newline as
// files do, and comes back as the host's client spelled it.
func TestSecrets(t *testing.T) {
	creds := providers.Credentials{"id": "acct-1234", "token": "acct-1234/s3cr3t\n"}
	account, err := providers.Open(leaky{memory.New(memory.Options{}).Driver()}, creds, providers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = account.Find(t.Context(), customer)
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%v %+v %#v %s %q", account, account, account, account, account)} {
		if strings.Contains(text, "s3cr3t") || strings.Contains(text, "acct-1234") {
			t.Errorf("a secret is printed: %s", text)
		}
	}
}

// TestConnectDecisions leaves the caller's decisions alone.
func TestConnectDecisions(t *testing.T) {
	all := []plan.Decision{{Code: plan.AddressGroup, Option: "keep"}, {Code: plan.SafetyGate, Option: "proceed"}}
	w := verifytest.New(t, verifytest.Options{Text: []string{read(t, "zone.txt"), read(t, "app.example.txt")}})
	m := memory.New(memory.Options{Zones: []zone.Snapshot{zoneOf(t, read(t, "zone.txt"))}})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, _, err := connect.Connect(ctx, connect.Options{
		Drivers: []providers.Driver{m.Driver()}, Verify: verify.Options{Start: w.Start(), Map: w.Map, MinDelay: 10 * time.Millisecond},
	}, string(customer), nil, []plan.Intent{plan.A("ns1", netip.MustParseAddr("127.0.0.1").String())}, all[:1]...)
	if err != nil {
		t.Fatal(err)
	}
	if all[1].Code != plan.SafetyGate {
		t.Errorf("the caller's second decision is now %+v", all[1])
	}
}

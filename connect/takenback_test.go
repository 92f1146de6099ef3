package connect_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

const (
	firstKey  = "v=DKIM1; k=ed25519; p=gE1nG1AEAVZUBFWXN4iAYcWtf9YsYNzCqF6Ma7Mbc04="
	secondKey = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	theirKey  = "v=DKIM1; k=ed25519; p=iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
	thirdKey  = "v=DKIM1; k=ed25519; p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="
	services  = "_spf.a TXT \"v=spf1 ip4:198.51.100.1 -all\"\n_spf.b TXT \"v=spf1 ip4:198.51.100.2 -all\"\n_spf.c TXT \"v=spf1 ip4:198.51.100.3 -all\"\n"
	includesA = "include:_spf.a.customer.example"
	includesB = "include:_spf.b.customer.example"
	includesC = "include:_spf.c.customer.example"
)

// shared is a zone in memory that several services are connected to.
func shared(t *testing.T, text string) (host, *memory.Host) {
	t.Helper()
	s := newStaleness(t, services+text, providers.Caps{})
	h := host{zone: func() zone.Snapshot { return s.host.Zone(customer) }, edit: func(c ...zone.Change) { s.host.Change(customer, c...) }}
	h.engine, h.events = engine(t, s.host.Driver(), providers.JournalMemory(), verify.Options{Start: s.world.Start(), Map: s.world.Map, MinDelay: 10 * time.Millisecond, Timeout: patience})
	return h, s.host
}

// connected connects a service to the zone, whatever gives way to it.
func (h host) connected(t *testing.T, want ...plan.Intent) (run string) {
	t.Helper()
	p, err := h.engine.Prepare(t.Context(), h.detect(t), nil, want, append(decided(), plan.Decision{Code: plan.DKIMSelector, Option: "replace"})...)
	if err != nil {
		t.Fatal(err)
	}
	return h.apply(t, p).ID
}

func warnings(p connect.Plan) []string {
	var out []string
	for _, w := range p.Warnings {
		out = append(out, w.Code)
	}
	return out
}

// TestSharedZone connects services to one zone and takes them back, one after
// the other or all at once: the zone says what it said before.
func TestSharedZone(t *testing.T) {
	for _, tt := range []struct {
		name string
		zone string
		want [][]plan.Intent // of each service
		undo []int           // then the rest is disconnected
	}{
		{"an SPF record that the first created, the rest at once", "", [][]plan.Intent{
			{plan.SPF("@", "v=spf1 "+includesA+" -all")}, {plan.SPF("@", "v=spf1 "+includesB+" -all")},
		}, []int{0}},
		{"a wildcard's SPF record", "* A 192.0.2.1\n* MX 10 ns1\n* TXT \"v=spf1 a -all\"\n", [][]plan.Intent{
			{plan.TXT("em", "verify=1")}, {plan.TXT("@", "verify=2")},
		}, nil},
		{"a wildcard's SPF record that the second merged into", "* A 192.0.2.1\n* TXT \"v=spf1 a -all\"\n", [][]plan.Intent{
			{plan.TXT("em", "verify=1")}, {plan.SPF("em", includesB)},
		}, nil},
		{"a wildcard's SPF record, the merge first", "* A 192.0.2.1\n* TXT \"v=spf1 a -all\"\n", [][]plan.Intent{
			{plan.TXT("em", "verify=1")}, {plan.SPF("em", includesB)},
		}, []int{1}},
		{"a wildcard's SPF record, the merge last", "* A 192.0.2.1\n* TXT \"v=spf1 a -all\"\n", [][]plan.Intent{
			{plan.TXT("em", "verify=1")}, {plan.SPF("em", includesB)},
		}, []int{0, 1}},
		{"a wildcard's SPF record, the merge with the rest", "* A 192.0.2.1\n* TXT \"v=spf1 a -all\"\n", [][]plan.Intent{
			{plan.TXT("em", "verify=1")}, {plan.SPF("em", includesB)},
		}, []int{0}},
		{"a wildcard's SPF record that the first asked for", "* A 192.0.2.1\n* TXT \"v=spf1 a -all\"\n", [][]plan.Intent{
			{plan.SPF("em", "v=spf1 a -all"), plan.TXT("em", "verify=1")}, {plan.SPF("em", includesB)},
		}, nil},
		{"a wildcard's SPF record that both merged into", "* A 192.0.2.1\n* TXT \"v=spf1 a -all\"\n", [][]plan.Intent{
			{plan.SPF("em", includesA)}, {plan.SPF("em", includesB)},
		}, []int{0, 1}},
		{"a wildcard's SPF record that both merged into, with texts beside it", "* A 192.0.2.1\n* TXT \"v=spf1 a -all\"\n", [][]plan.Intent{
			{plan.SPF("em", includesA), plan.TXT("em", "verify=1")}, {plan.SPF("em", includesB), plan.TXT("em", "verify=2"), plan.TXT("below.em", "verify=2")},
		}, []int{0, 1}},
		{"an SPF record with spaces of its own", "@ TXT \"v=spf1  ip4:192.0.2.4 -all\"\n", [][]plan.Intent{
			{plan.SPF("@", includesA)}, {plan.SPF("@", includesB)},
		}, []int{0, 1}},
		{"an SPF subrecord", "@ TXT \"v=spf1 ip4:192.0.2.4 -all\"\n", [][]plan.Intent{
			{plan.SPF("@", "v=spf1 -ip4:192.0.2.20 ip4:192.0.2.20/31 -all")}, {plan.TXT("@", "verify=2")},
		}, nil},
		{"a key that the second rotated", "", [][]plan.Intent{
			{plan.DKIM("a._domainkey", firstKey, ""), plan.TXT("@", "verify=1")}, {plan.DKIM("a._domainkey", secondKey, "")},
		}, []int{0, 1}},
		{"a key of theirs that both replaced", "a._domainkey TXT \"" + theirKey + "\"\n", [][]plan.Intent{
			{plan.DKIM("a._domainkey", firstKey, ""), plan.TXT("@", "verify=1")}, {plan.DKIM("a._domainkey", secondKey, "")},
		}, []int{0, 1}},
		{"an alias in the place of an address", "www A 192.0.2.10\n", [][]plan.Intent{
			{plan.CNAME("www", "edge.app.example"), plan.TXT("@", "verify=1")}, {plan.CNAME("www", "ns1.customer.example")},
		}, []int{0, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, _ := shared(t, tt.zone)
			before := h.zone()
			var runs []string
			for _, want := range tt.want {
				runs = append(runs, h.connected(t, want...))
			}
			for _, i := range tt.undo {
				h.undo(t, runs[i])
			}
			if len(tt.undo) < len(runs) {
				h.apply(t, h.disconnect(t))
			}
			h.same(t, before)
		})
	}
}

// comings is every order in which services come, one after the other, and go:
// "a b -a -b", or "all" once all have come for Disconnect.
func comings(services ...string) [][]string {
	var out [][]string
	var next func(so, come, here []string)
	next = func(so, come, here []string) {
		switch {
		case len(come) > 0:
			next(append(slices.Clip(so), come[0]), come[1:], append(slices.Clip(here), come[0]))
		case len(here) == 0:
			out = append(out, so)
		case so[len(so)-1] == services[len(services)-1]:
			out = append(out, append(slices.Clip(so), "all"))
		}
		for i, s := range here {
			next(append(slices.Clip(so), "-"+s), come, slices.Concat(here[:i], here[i+1:]))
		}
	}
	next(nil, services, nil)
	return out
}

// TestSharedZoneAnyOrder has three services write the same and go again, some
// before the next comes: the zone says what it said before.
func TestSharedZoneAnyOrder(t *testing.T) {
	for _, tt := range []struct {
		name string
		zone string
		want [3]plan.Intent
	}{
		{"an SPF record that the first created", "", [3]plan.Intent{
			plan.SPF("@", "v=spf1 "+includesA+" -all"), plan.SPF("@", "v=spf1 "+includesB+" -all"), plan.SPF("@", "v=spf1 "+includesC+" -all"),
		}},
		{"an all that each weakened", "@ TXT \"v=spf1 ip4:192.0.2.4 -all\"\n", [3]plan.Intent{
			plan.SPF("@", "v=spf1 "+includesA+" ~all"), plan.SPF("@", "v=spf1 "+includesB+" ?all"), plan.SPF("@", "v=spf1 "+includesC+" ?all"),
		}},
		{"a key of theirs that each replaced", "a._domainkey TXT \"" + theirKey + "\"\n", [3]plan.Intent{
			plan.DKIM("a._domainkey", firstKey, ""), plan.DKIM("a._domainkey", secondKey, ""), plan.DKIM("a._domainkey", thirdKey, ""),
		}},
		{"an alias in the place of an address", "www A 192.0.2.10\n", [3]plan.Intent{
			plan.CNAME("www", "edge.app.example"), plan.A("www", "192.0.2.77"), plan.CNAME("www", "ns1.customer.example"),
		}},
	} {
		for _, order := range comings("a", "b", "c") {
			t.Run(tt.name+" "+strings.Join(order, " "), func(t *testing.T) {
				h, _ := shared(t, tt.zone)
				before := h.zone()
				runs := map[string]string{}
				for _, step := range order {
					if gone, ok := strings.CutPrefix(step, "-"); ok {
						h.undo(t, runs[gone])
					} else if step == "all" {
						h.apply(t, h.disconnect(t))
					} else { // with a text of its own: an undo that has nothing to write is not in the journal
						runs[step] = h.connected(t, tt.want[len(runs)], plan.TXT("@", step+"=1"))
					}
				}
				h.same(t, before)
			})
		}
	}
}

// TestUndoneUndo has two services share an SPF record that the first created,
// and something else than the undo of both happen to it.
func TestUndoneUndo(t *testing.T) {
	const both = "v=spf1 " + includesA + " " + includesB + " -all"
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, h host, m *memory.Host, a, b string)
		want string // at the end; "" for no record
	}{
		{"the undo of the first is taken back", func(t *testing.T, h host, _ *memory.Host, a, b string) {
			h.undo(t, h.undo(t, a).ID)
			h.undo(t, b)
		}, "v=spf1 " + includesA + " -all"},
		{"and so is that", func(t *testing.T, h host, _ *memory.Host, a, b string) {
			h.undo(t, h.undo(t, h.undo(t, a).ID).ID)
			h.undo(t, b)
		}, ""},
		{"the host refuses the undo of the first", func(t *testing.T, h host, m *memory.Host, a, b string) {
			p, err := h.engine.Undo(t.Context(), nil, a, decided()...)
			if err != nil {
				t.Fatal(err)
			}
			m.FailWrite(1, memory.Refused(providers.Invalid))
			h.incomplete(t, p)
			h.undo(t, b)
		}, "v=spf1 " + includesA + " -all"},
		{"the first is connected again", func(t *testing.T, h host, _ *memory.Host, a, b string) {
			h.undo(t, a)
			h.connected(t, plan.SPF("@", includesA))
			h.undo(t, b)
		}, "v=spf1 " + includesA + " -all"},
		{"somebody extends the record", func(t *testing.T, h host, _ *memory.Host, a, b string) {
			h.undo(t, a)
			h.extendSPF(t, "ip4:203.0.113.7")
			h.undo(t, b)
		}, "v=spf1 ip4:203.0.113.7 -all"},
		{"all is disconnected and connected again", func(t *testing.T, h host, _ *memory.Host, a, _ string) {
			h.undo(t, a)
			h.apply(t, h.disconnect(t))
			h.connected(t, plan.SPF("@", "v=spf1 "+includesA+" "+includesB+" -all"))
		}, both},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, m := shared(t, "")
			a := h.connected(t, plan.SPF("@", "v=spf1 "+includesA+" -all"))
			b := h.connected(t, plan.SPF("@", includesB))
			tt.do(t, h, m, a, b)
			var got []string
			for _, r := range spfRecords(h.zone()) {
				got = append(got, r.Text())
			}
			if strings.Join(got, " and ") != tt.want {
				t.Errorf("SPF: got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestUndoneUndoTold: an undo that is taken back does not bring terms back to an
// SPF record that was changed since, and that is told.
func TestUndoneUndoTold(t *testing.T) {
	h, _ := shared(t, "@ TXT \"v=spf1 ip4:192.0.2.4 -all\"\n")
	undo := h.undo(t, h.connected(t, plan.SPF("@", includesA))).ID
	told := func(want ...string) {
		t.Helper()
		p, err := h.engine.Undo(t.Context(), nil, undo)
		if err != nil {
			t.Fatal(err)
		}
		if got := warnings(p); !slices.Equal(got, want) {
			t.Errorf("warnings: got %v, want %v", p.Warnings, want)
		}
	}
	told()
	b := h.connected(t, plan.SPF("@", includesB))
	told("changed-since")
	h.undo(t, b)
	told()
	h.connected(t, plan.SPF("@", includesA+" "+includesB))
	told()
}

// TestUndoAllBuiltOn: the all that a connected service set is not somebody's
// edit.
func TestUndoAllBuiltOn(t *testing.T) {
	h, _ := shared(t, "@ TXT \"v=spf1 ip4:192.0.2.4 -all\"\n")
	a := h.connected(t, plan.SPF("@", "v=spf1 "+includesA+" ~all"))
	h.connected(t, plan.SPF("@", "v=spf1 "+includesB+" ?all"))
	p, err := h.engine.Undo(t.Context(), nil, a)
	if err != nil {
		t.Fatal(err)
	}
	if got := warnings(p); len(got) > 0 {
		t.Errorf("warnings: got %v, want none", p.Warnings)
	}
	left := "v=spf1 ip4:203.0.113.7 " + includesA + " " + includesB + " +all"
	h.edit(zone.Change{Owner: customer, Remove: spfRecords(h.zone()), Add: []zone.Record{zone.NewTXT(customer, 300, left)}})
	h.undo(t, a)
	want := "v=spf1 ip4:203.0.113.7 " + includesB + " +all"
	if got := spfRecords(h.zone()); len(got) != 1 || got[0].Text() != want {
		t.Errorf("SPF: got %v, want %s", got, want)
	}
}

// TestUndoReliedOn: what goes with one service and another found in place is
// told, once, while that one is connected.
func TestUndoReliedOn(t *testing.T) {
	h, _ := shared(t, "@ TXT \"v=spf1 -all\"\n")
	a := h.connected(t, plan.SPF("@", includesA), plan.TXT("@", "verify-a=1"))
	b := h.connected(t, plan.SPF("@", includesA), plan.TXT("@", "verify-b=1"))
	again := h.connected(t, plan.SPF("@", includesA), plan.TXT("@", "verify-c=1"))
	told := func(want ...string) {
		t.Helper()
		p, err := h.engine.Undo(t.Context(), nil, a)
		if err != nil {
			t.Fatal(err)
		}
		if got := warnings(p); !slices.Equal(got, want) || len(got) > 0 && !strings.Contains(p.Warnings[0].Text, again) {
			t.Errorf("warnings: got %v, want %v of run %s", p.Warnings, want, again)
		}
	}
	told("relied-on")
	h.undo(t, b)
	told("relied-on")
	h.undo(t, again)
	told()
}

// TestUndoBesideWildcard: of what a wildcard answers, before or after, undo says
// what is lost.
func TestUndoBesideWildcard(t *testing.T) {
	for _, tt := range []struct {
		name string
		zone string
		a, b []plan.Intent
		want []string // warnings of the undo of a
	}{
		{
			"it answers again what another found", "* A 192.0.2.1\n* TXT \"v=spf1 a -all\"\n",
			[]plan.Intent{plan.TXT("em", "verify-a=1")},
			[]plan.Intent{plan.A("em", "192.0.2.1"), plan.SPF("em", "a"), plan.TXT("@", "verify-b=1")},
			nil,
		},
		{
			"it goes, and answered another", "",
			[]plan.Intent{plan.SPF("*", "v=spf1 ip4:192.0.2.9 -all")},
			[]plan.Intent{plan.SPF("em", "ip4:192.0.2.9"), plan.TXT("@", "verify-b=1")},
			[]string{"relied-on"},
		},
		{
			"another keeps it out", "* A 192.0.2.1\n",
			[]plan.Intent{plan.A("www", "192.0.2.1")},
			[]plan.Intent{plan.TXT("www", "verify-b=1")},
			[]string{string(plan.WildcardShadow)},
		},
		{
			"it never answered there", "* A 192.0.2.1\nwww TXT x\n",
			[]plan.Intent{plan.A("www", "192.0.2.1")},
			[]plan.Intent{plan.TXT("www", "verify-b=1")},
			nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, _ := shared(t, tt.zone)
			a := h.connected(t, tt.a...)
			h.connected(t, tt.b...)
			p, err := h.engine.Undo(t.Context(), nil, a)
			if err != nil {
				t.Fatal(err)
			}
			if got := warnings(p); !slices.Equal(got, tt.want) {
				t.Errorf("warnings: got %v, want %v", p.Warnings, tt.want)
			}
		})
	}
}

// TestWildcardSameAsAsked: what a service asked for is its own to replace, though
// a wildcard had answered the same.
func TestWildcardSameAsAsked(t *testing.T) {
	for _, tt := range []struct{ was, is plan.Intent }{
		{plan.A("www", "192.0.2.1"), plan.A("www", "198.51.100.7")},
		{plan.MX("www", 10, "ns1"), plan.MX("www", 10, "edge.app.example")},
	} {
		t.Run(string(tt.was.Kind), func(t *testing.T) {
			h, _ := shared(t, "* A 192.0.2.1\n* MX 10 ns1\n")
			h.connected(t, tt.was)
			p, err := h.engine.Prepare(t.Context(), h.detect(t), nil, []plan.Intent{tt.is})
			if err != nil {
				t.Fatal(err)
			}
			if p.Status != plan.Ready || len(p.Conflicts) > 0 {
				t.Errorf("got a plan that is %s, want ready:\n%s", p.Status, p.Text())
			}
		})
	}
}

// TestWildcardCopyStaysTheirs: what a plan copied from a wildcard is not ours to
// replace.
func TestWildcardCopyStaysTheirs(t *testing.T) {
	h, _ := shared(t, "* A 192.0.2.1\n* MX 10 ns1\n")
	prepare := func(want []plan.Intent, decisions ...plan.Decision) connect.Plan {
		p, err := h.engine.Prepare(t.Context(), h.detect(t), nil, want, decisions...)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	add := []plan.Decision{plan.TakeDefaults(), {Code: plan.MXSet, Option: "append"}}
	mail := plan.MX("news", 10, "edge.app.example")
	h.apply(t, prepare([]plan.Intent{mail}, add...))
	if p := prepare([]plan.Intent{mail}, add...); p.Status != plan.NoChange {
		t.Errorf("again:\n%s", p.Text())
	}
	p := prepare([]plan.Intent{mail, plan.A("news", "198.51.100.7")})
	var asked []plan.Code
	for _, c := range p.Open() {
		asked = append(asked, c.Code)
	}
	if !slices.Equal(asked, []plan.Code{plan.AddressGroup, plan.MXSet}) {
		t.Errorf("asked: got %v, want for the copied address and mail server\n%s", asked, p.Text())
	}
}

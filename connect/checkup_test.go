package connect

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// answered is a diagnosis of customer.example to which DNS has answered this,
// by type.
func answered(statuses map[string]plan.FactStatus) *checkup {
	c := &checkup{inquiry: (&Engine{}).inquire(), name: "customer.example"}
	for typ, status := range statuses {
		a := &answering{done: make(chan struct{}), reply: reply{status: status}}
		close(a.done)
		c.known[plan.Question{Name: c.name, Type: typ}] = a
	}
	return c
}

// TestCheckupExists: a name exists where one type says so, though a server says
// of another that it does not (RFC 4074 section 4.2).
func TestCheckupExists(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name             string
		mx, txt, a, aaaa plan.FactStatus
		want             plan.FactStatus
	}{
		{"an address, and NXDOMAIN for AAAA", plan.Found, plan.NoData, plan.Found, plan.NXDomain, plan.Found},
		{"NXDOMAIN first", plan.NXDomain, plan.Found, plan.NoData, plan.NoData, plan.Found},
		{"NXDOMAIN first, and nothing of the type after it", plan.NXDomain, plan.NoData, plan.NXDomain, plan.NXDomain, plan.Found},
		{"NXDOMAIN, and no answer", plan.Failed, plan.NXDomain, plan.Failed, plan.Failed, plan.NXDomain},
		{"NXDOMAIN", plan.NXDomain, plan.NXDomain, plan.NXDomain, plan.NXDomain, plan.NXDomain},
		{"no answer", plan.Failed, plan.Failed, plan.Failed, plan.Failed, plan.Failed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := answered(map[string]plan.FactStatus{"MX": tt.mx, "TXT": tt.txt, "A": tt.a, "AAAA": tt.aaaa})
			if got := c.exists(t.Context()); got != (tt.want == plan.Found) || c.d.Status != tt.want {
				t.Errorf("got %v, status %s, want %s", got, c.d.Status, tt.want)
			}
		})
	}
}

// TestCheckupReceivers: an address that DNS gave no answer about is not said to
// be missing.
func TestCheckupReceivers(t *testing.T) {
	t.Parallel()
	finding := func(code string, s Severity) map[string]Severity { return map[string]Severity{code: s} }
	for _, tt := range []struct {
		name        string
		mx, a, aaaa plan.FactStatus
		want        map[string]Severity
	}{
		{"no answer about addresses", plan.NoData, plan.Failed, plan.Failed, finding("no-answer", Unknown)},
		{"no answer about one kind, and none of the other", plan.NoData, plan.NoData, plan.Failed, finding("no-answer", Unknown)},
		{"no answer about one kind, and one of the other", plan.NoData, plan.Failed, plan.Found, finding("no-mx", Hint)},
		{"no address", plan.NoData, plan.NoData, plan.NoData, finding("no-mx", Hint)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := answered(map[string]plan.FactStatus{"MX": tt.mx, "A": tt.a, "AAAA": tt.aaaa})
			c.receivers()
			got := map[string]Severity{}
			for _, f := range c.d.Findings {
				got[f.Code] = f.Severity
				if f.Owner != zone.Name("customer.example") {
					t.Errorf("owner %s", f.Owner)
				}
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("findings (-got +want):\n%s", diff)
			}
		})
	}
}

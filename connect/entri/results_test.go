package entri_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestResults compares the table with the reference's own lines, in which
// name, title and description stand without a space between them.
func TestResults(t *testing.T) {
	data, err := os.ReadFile("testdata/results.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, r := range entri.Results() {
		got.WriteString(string(r) + r.Title() + r.Description() + "\n")
	}
	if got.String() != string(data) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), data)
	}
	if r := entri.Result("NoSuchError"); r.Title() != "" || r.Description() != "" {
		t.Errorf("an unknown result has the texts %q and %q", r.Title(), r.Description())
	}
}

func TestResultOf(t *testing.T) {
	for code, want := range map[providers.Code]entri.Result{
		"":                           entri.Success,
		providers.InvalidCredentials: entri.InvalidCredentialsError,
		providers.TooManyAttempts:    entri.InvalidCredentialsError,
		providers.EmailNotVerified:   entri.EmailNotVerifiedError,
		providers.NoSuchZone:         entri.InvalidDomainError,
		providers.Ambiguous:          entri.InvalidDomainError,
		providers.AccessDenied:       entri.AccessDeniedError,
		providers.Challenge:          entri.UserInputTimeoutError,
		providers.InvalidCode:        entri.AuthCodeError,
		providers.SessionExpired:     entri.SessionError,
		providers.Timeout:            entri.TimeoutError,
		providers.RateLimited:        entri.TimeoutError,
		providers.Unavailable:        entri.TimeoutError,
		providers.Unsupported:        entri.GenericError,
		providers.Conflict:           entri.GenericError,
		providers.Invalid:            entri.GenericError,
		providers.Internal:           entri.GenericError,
		"SomethingNew":               entri.GenericError,
	} {
		if got := entri.ResultOf(code); got != want || got.Title() == "" {
			t.Errorf("ResultOf(%q) = %q, want %q", code, got, want)
		}
	}
}

// Why a plan that nobody can carry out ends a flow.
func ExampleResultOfPlan() {
	p := plan.Plan{Conflicts: []plan.Conflict{{
		Code: plan.SPFLength, Text: "The SPF record would have 267 octets, and this DNS host stores at most 255.",
		Params: map[string]string{"octets": "267", "limit": "255"},
	}}}
	fmt.Println(entri.ResultOfPlan(p))
	// Output: SpfRecordsLengthError The SPF record would have 267 octets, and this DNS host stores at most 255.
}

// TestResultOfPlan: the two results about SPF come from the plan, with the
// figures and what would help.
func TestResultOfPlan(t *testing.T) {
	const lookups = "v=spf1 a:1.customer.example a:2.customer.example a:3.customer.example a:4.customer.example a:5.customer.example " +
		"a:6.customer.example a:7.customer.example a:8.customer.example a:9.customer.example include:own.customer.example -all"
	text := "customer.example. 3600 IN NS ns1.customer.example.\ncustomer.example. 3600 IN TXT \"" + lookups + "\"\n" +
		"own.customer.example. 3600 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
	for _, n := range "123456789" {
		text += string(n) + ".customer.example. 3600 IN A 192.0.2.1\n"
	}
	snap, err := zone.ReadText(strings.NewReader(text), "customer.example")
	if err != nil {
		t.Fatal(err)
	}
	snap.Zone = "customer.example"
	for _, tt := range []struct {
		name   string
		caps   providers.Caps
		decide []plan.Decision
		policy plan.Policies
		zone   []zone.Record // in place of the one above
		value  string        // of the intent, in place of the one below
		want   entri.Result
		detail []string
	}{
		{name: "too many lookups", want: entri.SpfRecordsLimitError, detail: []string{"11 lookups", "include:own.customer.example costs 1", "lookups 11 to 10"}},
		{name: "left out by policy", policy: plan.Policies{plan.ClassSPF: plan.Keep}, want: entri.SpfRecordsLimitError, detail: []string{"11 lookups"}},
		{name: "left out by decision", decide: []plan.Decision{{Code: plan.SPFLookups, Option: "skip"}}},
		{name: "made shorter", decide: []plan.Decision{{Code: plan.SPFLookups, Option: "shrink"}}},
		{
			name: "too long", caps: providers.Caps{MaxTXT: 200}, decide: []plan.Decision{{Code: plan.SPFLookups, Option: "force"}},
			want: entri.SpfRecordsLengthError, detail: []string{"octets", "at most 200"},
		},
		{
			name: "a subrecord that a DNAME would hide", value: "-ip4:192.0.2.1 ip4:192.0.2.0/24",
			zone: []zone.Record{zone.NewTXT("customer.example", 300, "v=spf1 ip4:192.0.2.77 -all"), {Name: "customer.example", Type: "DNAME", TTL: 300, Data: "other.example."}},
		},
		{
			name: "a character that the host cannot store", caps: providers.Caps{RefusedText: `"`}, value: "ip4:192.0.2.0/24",
			zone: []zone.Record{zone.NewTXT("customer.example", 300, `v=spf1 x="a" ip4:192.0.2.77 -all`)},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			snap, value := snap, cmp.Or(tt.value, "a:1.customer.example/24")
			if tt.zone != nil {
				snap = zone.NewSnapshot("customer.example", tt.zone)
			}
			p, err := plan.New(plan.Request{
				Domain: "customer.example", Snapshot: snap, Intents: []plan.Intent{plan.SPF("@", value)},
				Caps: tt.caps, Decisions: tt.decide, Policies: tt.policy,
			})
			if err != nil || len(p.Questions) > 0 {
				t.Fatalf("%v; questions %v", err, p.Questions)
			}
			if tt.zone != nil && !slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool { return c.Code == plan.SPFLength }) {
				t.Errorf("no conflict:\n%s", p.Text())
			}
			got, detail := entri.ResultOfPlan(p)
			if got != tt.want || (got == "") != (detail == "") {
				t.Errorf("got %q, %q, want %q", got, detail, tt.want)
			}
			for _, w := range tt.detail {
				if !strings.Contains(detail, w) {
					t.Errorf("%q does not say %q", detail, w)
				}
			}
		})
	}
}

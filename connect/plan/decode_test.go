package plan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
)

// encoded is plans as they are kept: those of some scenarios.
func encoded(t testing.TB, n int) [][]byte {
	t.Helper()
	outside := elsewhere(t)
	var out [][]byte
	for seed := 0; len(out) < n; seed++ {
		_, p, err := settle(scenarios.Example(seed), outside)
		if err != nil {
			continue
		}
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

func TestDecode(t *testing.T) {
	for _, data := range encoded(t, 300) {
		p, err := plan.Decode(data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(again), string(data)); d != "" {
			t.Fatalf("encoded again (-got +want):\n%s", d)
		}
	}
}

// TestDecodeAltered flips every octet of plans: what is read all the same shows
// what was shown before.
func TestDecodeAltered(t *testing.T) {
	refused, read, plans := 0, 0, 6
	if raceEnabled {
		plans = 2
	}
	for _, data := range encoded(t, plans) {
		want := shownOf(t, data)
		for i := range data {
			for _, bit := range []byte{1, 32, 128} {
				other := append([]byte(nil), data...)
				other[i] ^= bit
				if _, err := plan.Decode(other); err != nil {
					refused++
					continue
				}
				read++
				if got := shownOf(t, other); got != want {
					t.Fatalf("octet %d altered: the plan shows something else under its old ID (-got +want):\n%s", i, cmp.Diff(got, want))
				}
			}
		}
	}
	t.Logf("%d altered plans refused, %d showed the same", refused, read)
	if refused == 0 {
		t.Error("nothing was refused")
	}
}

// shownOf is the part of a plan that approving it approves.
func shownOf(t *testing.T, data []byte) string {
	t.Helper()
	var p plan.Plan
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	for i := range p.Changes {
		p.Changes[i].Why = nil
	}
	for i, c := range p.Conflicts {
		p.Conflicts[i] = plan.Conflict{Code: c.Code, Owner: c.Owner, Existing: c.Existing, Wanted: c.Wanted, Answer: c.Answer}
	}
	out, err := json.Marshal(plan.Plan{ID: p.ID, Zone: p.Zone, Status: p.Status, Changes: p.Changes, Conflicts: p.Conflicts, Hazards: p.Hazards})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestDecodeRefuses(t *testing.T) {
	p := plan.Plan{Version: 1, Zone: "a.example", Domain: "a.example", Status: plan.NoChange}
	good, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, data, want string }{
		{"nothing", "", "not the JSON of a plan"},
		{"another version", strings.Replace(string(good), `"version":1`, `"version":2`, 1), "version 2"},
		{"another ID", strings.Replace(string(good), `"id":""`, `"id":"0"`, 1), "not that of what the plan shows"},
		{"an unknown field", strings.Replace(string(good), `{`, `{"extra":1,`, 1), "unknown field"},
		{"two plans", string(good) + string(good), "something stands behind"},
		{"a zone that is none", strings.Replace(string(good), `"zone":"a.example"`, `"zone":"A..example"`, 1), "no canonical name"},
		{"too long", strings.Repeat(" ", plan.MaxSize+1), "at most"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := plan.Decode([]byte(tt.data)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// FuzzDecode reads whatever somebody may send as a plan. What is read prints,
// and reads the same when it is written again.
func FuzzDecode(f *testing.F) {
	for _, data := range encoded(f, 8) {
		f.Add(data)
	}
	f.Add([]byte(`{"version":1,"id":"","zone":".","domain":".","status":"no-change","changes":null,"conflicts":null,"hazards":null,"warnings":null,"results":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := plan.Decode(data)
		if err != nil {
			return
		}
		_ = p.Text()
		first, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		q, err := plan.Decode(first)
		if err != nil {
			t.Fatalf("%v\n%s", err, first)
		}
		second, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		if string(first) != string(second) {
			t.Fatalf("written again:\n%s\n%s", first, second)
		}
	})
}

package providertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// sorry is a driver that panics where it writes an address, and cannot write
// an empty text.
func sorry() Harness {
	h := wrap(broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
		for _, r := range e.After {
			if r.Type == "AAAA" {
				panic("no address for token-of-the-customer")
			}
			if r.Data == `""` {
				return &providers.Error{Code: providers.Internal, Err: errors.New("empty, says token-of-the-customer")}
			}
		}
		return s.Write(ctx, z, e)
	}}, memory.Options{})
	h.Name = "sorry"
	return h
}

func of(t *testing.T, r Report, name string) Result {
	t.Helper()
	for _, c := range r.Cases {
		if c.Case == name {
			return c
		}
	}
	t.Fatalf("no case %s in the report", name)
	return Result{}
}

// TestCheck is the suite without a test: a panic fails its case, what is known
// to fail is expected, and what is wrongly so listed is a failure.
func TestCheck(t *testing.T) {
	h := sorry()
	h.Fails = map[string]string{"text-empty": "an empty text is refused", "text-255": "it is said to be cut", "cas-whole": "no transactions"}
	r, err := Check(t.Context(), h)
	if err != nil || len(r.Cases) != len(Cases()) || r.Driver != "memory" || r.Conforms() {
		t.Fatalf("got %d cases of %q, conforming %t, %v", len(r.Cases), r.Driver, r.Conforms(), err)
	}
	for _, tt := range []struct {
		name   string
		status Status
		reason string
	}{
		{"type-aaaa", Failed, "the driver panicked in Write: no address for [redacted]"},
		{"one-aaaa", Failed, "the driver panicked in Write"},
		{"text-empty", Expected, "an empty text is refused"},
		{"text-255", Failed, "it is listed as known to fail (it is said to be cut), and holds"},
		{"cas-whole", Failed, "does not apply: the host does not compare and set"},
		{"cas-changed", Unsupported, "the host does not compare and set"},
		{"type-mx", Passed, ""},
	} {
		got := of(t, r, tt.name)
		if got.Status != tt.status || !strings.Contains(got.Reason, tt.reason) {
			t.Errorf("%s: got %s %q, want %s %q", tt.name, got.Status, got.Reason, tt.status, tt.reason)
		}
	}
	if text := fmt.Sprintf("%+v\n%s", r, r.Text()); strings.Contains(text, "token-of-the-customer") {
		t.Errorf("the report shows the secret:\n%s", text)
	}
	if found := of(t, r, "text-empty").Found; !strings.Contains(found, "empty, says [redacted]") {
		t.Errorf("found: %q", found)
	}
}

// TestDeaf: a driver that hears of no context is given up.
func TestDeaf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		h := wrap(broken{write: func(providers.Session, context.Context, providers.Zone, zone.Edit) error {
			<-release
			panic("late")
		}}, memory.Options{})
		i := slices.IndexFunc(Cases(), func(c Case) bool { return c.Name == "set-new" })
		err, _ := tried(t, Cases()[i], h)
		if err == nil || err.Error() != "Write did not return within 5s of the end of its context" {
			t.Errorf("got %v", err)
		}
	})
}

func TestCheckHarness(t *testing.T) {
	t.Run("ends the case", func(t *testing.T) {
		cleaned := 0
		h := sorry()
		inner := h.New
		h.New = func(t TB) (providers.Driver, providers.Credentials, zone.Name) {
			t.Cleanup(func() { cleaned++ })
			return inner(t)
		}
		h.Seed = func(t TB, _ []zone.Record) { t.Fatalf("no %s", "zone") }
		r, err := Check(t.Context(), h)
		if got := of(t, r, "set-1"); err != nil || got.Status != Failed || got.Reason != "the harness ended it: no zone" {
			t.Errorf("got %+v, %v", got, err)
		}
		if cleaned != len(Cases()) {
			t.Errorf("%d cases were cleaned up after, want %d", cleaned, len(Cases()))
		}
	})
	t.Run("lists what is no case", func(t *testing.T) {
		h := sorry()
		h.Fails = map[string]string{"text-999": "no such case"}
		if _, err := Check(t.Context(), h); err == nil || !strings.Contains(err.Error(), "text-999") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("ended", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Check(ctx, sorry()); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

var sample = Report{Name: "sample host", Driver: "sample", Cases: []Result{
	{Case: "a", Rule: "A is kept.", Status: Passed},
	{Case: "b", Rule: "B is kept.", Status: Failed, Reason: "the zone is not as it must be:\n\tmissing b"},
	{Case: "c", Rule: "C is kept.", Status: Unsupported, Reason: "the host has no C"},
	{Case: "d", Rule: "D is kept.", Status: Expected, Reason: "D is lost", Found: "no D"},
}}

func TestReportText(t *testing.T) {
	want := `conformance sample host: 1/4 (unsupported 1)
Driver: sample

Failed (1)
  b: B is kept.
      the zone is not as it must be:
      	missing b

Failed, as is known (1)
  d: D is kept.
      D is lost
      no D

Unsupported (1)
  c: C is kept.
      the host has no C

Passed (1)
  a
`
	if d := cmp.Diff(want, sample.Text()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestReportSave(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "reports")
	t.Setenv(reportVariable, dir)
	if err := sample.save(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "sample-host.txt"))
	if err != nil || string(text) != sample.Text() {
		t.Errorf("got %q, %v", text, err)
	}
	js, err := os.ReadFile(filepath.Join(dir, "sample-host.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got Report
	if err := json.Unmarshal(js, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sample, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

const childVariable = "MOORING_SUITE_CHILD"

// TestChild is what TestRun runs in processes of its own.
func TestChild(t *testing.T) {
	h := sorry()
	switch os.Getenv(childVariable) {
	case "":
		t.Skip("it is run by TestRun")
	case "known":
		h.Fails = map[string]string{}
		for name := range strings.FieldsSeq("text-empty type-aaaa one-aaaa") {
			h.Fails[name] = "as told"
		}
	case "wrong":
		h.Fails = map[string]string{"text-255": "as told"}
	case "skips":
		h.New = func(tb TB) (providers.Driver, providers.Credentials, zone.Name) {
			tb.(*testing.T).Skip("no server")
			return nil, nil, ""
		}
	}
	Run(t, h)
}

// TestRun looks at what Run prints and how the test ends.
func TestRun(t *testing.T) {
	for _, tt := range []struct {
		name, child, run string
		want             string // the line
		passes           bool
		says             string
	}{
		{"one case", "known", "TestChild/^text-255$", "conformance sorry: 1/1 (unsupported 0)", true, ""},
		{"a known failure", "known", "TestChild/^text-empty$", "conformance sorry: 0/1 (unsupported 0)", true, "fails, as is known (as told)"},
		{"an unknown failure", "bad", "TestChild/^text-empty$", "conformance sorry: 0/1 (unsupported 0)", false, "The rule: An empty TXT is a value, or is refused whole."},
		{"a failure that is none", "wrong", "TestChild/^text-255$", "conformance sorry: 0/1 (unsupported 0)", false, "it is listed as known to fail"},
		{"a harness that skips", "skips", "TestChild/^text-", "", true, "no server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", tt.run, "-test.v", "-test.shuffle", "on")
			cmd.Env = append(os.Environ(), childVariable+"="+tt.child, reportVariable+"=")
			var stdout strings.Builder
			cmd.Stdout = &stdout
			err := cmd.Run()
			if passes := err == nil; passes != tt.passes {
				t.Errorf("passed: %t, want %t\n%s", passes, tt.passes, stdout.String())
			}
			var lines []string
			for line := range strings.Lines(stdout.String()) {
				if strings.HasPrefix(line, "conformance ") {
					lines = append(lines, strings.TrimSpace(line))
				}
			}
			if want := tt.want; len(lines) != 1 || want != "" && lines[0] != want {
				t.Errorf("printed %q, want %q alone", lines, want)
			}
			if !strings.Contains(stdout.String(), tt.says) {
				t.Errorf("want %q in\n%s", tt.says, stdout.String())
			}
		})
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/verify"
)

// Those tests of this file that count processes run alone, and not beside the
// parallel ones.

// written is what a walk says before its first write.
const written = "written down in"

// TestDemoProcesses: each demo writes through one process, which is gone at the
// end, and prints what it prints without.
func TestDemoProcesses(t *testing.T) {
	for _, d := range bundled("") {
		id := d.Info().ID
		t.Run(id, func(t *testing.T) {
			var seen []int
			out := &person{instruction: written, act: func() { seen = children() }}
			if code := run(t.Context(), []string{"-demo", id, "-timeout", "1m"}, verify.Options{}, os.Stdin, out, out); code != exitConnected {
				t.Fatalf("status %d:\n%s", code, out)
			}
			if procs := len(children()); procs > 0 {
				t.Errorf("%d processes are left", procs)
			}
			if len(seen) != 1 && isLinux {
				t.Errorf("%d processes while it writes, want 1", len(seen))
			}
			code, plain := demo(t, "-demo", id, "-in-process")
			if code != exitConnected {
				t.Fatalf("in this process: status %d:\n%s", code, plain)
			}
			if d := cmp.Diff(steady(out.String()), steady(plain)); d != "" {
				t.Errorf("what is printed differs (-in a process of its own +in this one):\n%s", d)
			}
		})
	}
}

// steady is what a demo prints without what differs from one run to the next:
// ports, addresses, the ID of the run, and how often it looked.
func steady(text string) []string {
	text = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(text, "HOST")
	text = regexp.MustCompile(`run \S+,`).ReplaceAllString(text, "run ID,")
	var out []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "DNS shows") {
			out = append(out, line)
		}
	}
	return out
}

// TestDemoProcessesJSON: the plan and what became of it are the same wherever
// the driver runs.
func TestDemoProcessesJSON(t *testing.T) {
	results := map[bool]result{}
	for _, inProcess := range []bool{false, true} {
		var out, progress bytes.Buffer
		args := []string{"-json"}
		if inProcess {
			args = append(args, "-in-process")
		}
		code := run(t.Context(), args, verify.Options{}, os.Stdin, &out, &progress)
		var res result
		if err := json.Unmarshal(out.Bytes(), &res); err != nil || code != exitConnected {
			t.Fatalf("status %d, %v:\n%s%s", code, err, out.String(), progress.String())
		}
		results[inProcess] = res
	}
	own, here := results[false], results[true]
	if d := cmp.Diff(own.Outcomes, here.Outcomes); d != "" || own.Plan.ID != here.Plan.ID {
		t.Errorf("plans %s and %s, outcomes (-in a process of its own +in this one):\n%s", own.Plan.ID, here.Plan.ID, d)
	}
}

// TestInterrupted: an interrupt in the middle of a walk leaves no process.
func TestInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var seen []int
	out := &person{instruction: written, act: func() { seen = children(); interrupt() }}
	if code := run(ctx, []string{"-demo", "cloudflare"}, verify.Options{}, os.Stdin, out, out); code != exitNot {
		t.Errorf("status %d, want %d:\n%s", code, exitNot, out)
	}
	if left := children(); len(left) > 0 || len(seen) == 0 && isLinux {
		t.Errorf("processes before the interrupt: %v, after it: %v", seen, left)
	}
}

// TestNoPlaceForProcesses: where plugins cannot run, the message says how to do
// without, and that way works.
func TestNoPlaceForProcesses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, state := range map[string]string{"no directory": file, "too long for a socket": filepath.Join(t.TempDir(), strings.Repeat("long", 30))} {
		if name != "no directory" && !isLinux {
			continue
		}
		code, out := demo(t, "-demo", "cloudflare", "-plugin-state", state)
		if code != exitInput || !strings.Contains(out, "-in-process does without") || !strings.Contains(out, "-plugin-state") {
			t.Errorf("%s: status %d:\n%s", name, code, out)
		}
		if code, out := demo(t, "-demo", "cloudflare", "-plugin-state", state, "-in-process"); code != exitConnected {
			t.Errorf("%s, in this process: status %d:\n%s", name, code, out)
		}
	}
	var out, progress bytes.Buffer
	var res result
	code := run(t.Context(), []string{"-json", "-plugin-state", file}, verify.Options{}, os.Stdin, &out, &progress)
	if err := json.Unmarshal(out.Bytes(), &res); err != nil || code != exitInput || res.Error == nil || res.Error.Code != "Input" {
		t.Errorf("status %d, %v:\n%s", code, err, out.String())
	}
}

// TestEveryKindInProcesses: what one run of the program does, others settle and
// take back, each with processes of its own. It may run beside other tests.
func TestEveryKindInProcesses(t *testing.T) {
	t.Parallel()
	h := newHosted(t, "godaddy")
	before := h.zone()
	own := func(flags ...string) result {
		t.Helper()
		code, out, progress := h.embed(t, append(flags, "-in-process=false", "-json")...)
		var res result
		if err := json.Unmarshal([]byte(out), &res); err != nil || code != exitConnected {
			t.Fatalf("%v: status %d, %v:\n%s%s", flags, code, err, out, progress)
		}
		return res
	}
	if res := own("-check-conflicts"); res.Check == nil || len(res.Check.Records) == 0 {
		t.Errorf("no conflict is found: %+v", res.Check)
	}
	own("-plan-only", "-yes")
	own("-recover", own("-yes").Run)
	disconnected := own("-disconnect", "-yes")
	if d := cmp.Diff(h.difference(h.zone(), before), []string{}); d != "" {
		t.Errorf("added, after -disconnect (-got +want):\n%s", d)
	}
	own("-undo", disconnected.Run, "-yes")
	if len(h.difference(h.zone(), before)) == 0 {
		t.Error("after -undo of -disconnect nothing is there again")
	}
}

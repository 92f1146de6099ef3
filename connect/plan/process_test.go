package plan_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// twoProcesses plans the same in two processes: what a person approved in one
// must be what the next one does. Maps and addresses differ between them.
func twoProcesses(t *testing.T) {
	var out bytes.Buffer
	for seed := range 200 {
		_, p, err := settle(scenarios.Example(seed), elsewhere(t))
		fmt.Fprintf(&out, "%v\n%s\n", err, encode(p))
	}
	if file := os.Getenv("MOORING_PLAN_OUT"); file != "" {
		if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := t.TempDir() + "/plans"
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestRow07Deterministic$/^processes$")
	cmd.Env = append(os.Environ(), "MOORING_PLAN_OUT="+file)
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	other, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), other) {
		t.Errorf("two processes plan differently: %d bytes and %d", out.Len(), len(other))
	}
}

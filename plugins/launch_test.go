package plugins

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A start that was given up before its program has been verified leaves nothing
// behind, and nothing is executed that is not what was pinned.
func TestLaunchNothing(t *testing.T) {
	for _, given := range []bool{false, true} {
		s := newState(t)
		ctx, cancel := context.WithCancel(t.Context())
		if given {
			cancel()
		}
		bad := filepath.Join(s.runDir(), "mooring-plugin-acme")
		if err := os.WriteFile(bad, []byte("#!/bin/sh\necho executed > "+bad+".was\n"), 0o500); err != nil {
			t.Fatal(err)
		}
		p := program{id: "acme", path: bad, source: bad, sha256: "00", store: s.store}
		proc, err := launch(ctx, p, Options{}, s, nil)
		cancel()
		if proc != nil || err == nil || !given && !errors.Is(err, ErrTampered) {
			t.Errorf("given up: %t: got %v", given, err)
		}
		left, err := os.ReadDir(s.runDir())
		if err != nil || len(left) != 1 {
			t.Errorf("given up: %t: left are %v, %v", given, left, err)
		}
	}
}

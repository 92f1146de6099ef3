package connect_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
)

// TestDamaged: a file that cannot be read keeps nobody from planning, and every
// plan says what may be missing because of it.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	h, _ := memoryHost(t, memory.Options{}, providers.JournalDir(dir))
	if err := os.WriteFile(filepath.Join(dir, "damaged.run.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	var damaged *providers.Damaged
	if _, err := h.engine.Disconnect(t.Context(), h.detect(t), nil); !errors.As(err, &damaged) {
		t.Errorf("nothing that can be read: got %v, want *Damaged", err)
	}
	says := func(p connect.Plan) bool {
		return slices.ContainsFunc(p.Warnings, func(w plan.Warning) bool { return w.Code == "journal-damaged" })
	}
	p := h.prepare(t, intents(t))
	if !says(p) {
		t.Errorf("warnings: got %v, want journal-damaged", p.Warnings)
	}
	h.apply(t, p)
	back, err := h.engine.Disconnect(t.Context(), h.detect(t), nil)
	if err != nil || !says(back) {
		t.Errorf("disconnect: got %v, %v, want journal-damaged", back.Warnings, err)
	}
}

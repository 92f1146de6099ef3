package providers_test

import (
	"errors"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestReason: an outcome says why exactly the host gave no access, and so do
// those of the changes that were not sent because of it.
func TestReason(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainRRset}, startZone...)
	w.host.SetHooks(memory.Hooks{Before: func(int, zone.Edit) error {
		return &providers.Error{Code: providers.AccessDenied, Reason: providers.ReasonNoAccess, Err: errors.New("this plan has no API")}
	}})
	run := &providers.Run{}
	got := w.acct.Apply(t.Context(), w.zone, threeChanges(t), run)
	if len(got) != 3 || run.End == nil {
		t.Fatalf("got %+v, end %v", got, run.End)
	}
	for i, o := range got {
		if o.State != providers.Failed || o.Code != providers.AccessDenied || o.Reason != providers.ReasonNoAccess || run.End.Outcomes[i].Reason != o.Reason {
			t.Errorf("got %+v, in the journal %+v; want its reason", o, run.End.Outcomes[i])
		}
	}
	w.host.SetHooks(memory.Hooks{})
	if got := w.acct.Apply(t.Context(), w.zone, threeChanges(t), &providers.Run{}); states(got) != "applied applied applied" || got[0].Reason != "" {
		t.Errorf("afterwards: got %+v", got)
	}
}

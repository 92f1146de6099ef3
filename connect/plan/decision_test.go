package plan_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestDecisionOwner: a decision is heeded however its owner is spelled, or
// refused; it is never passed over.
func TestDecisionOwner(t *testing.T) {
	req, w, _ := walk(t)
	for _, tt := range []struct {
		owner   zone.Name
		refused bool
	}{
		{"www.customer.example", false},
		{"www", false},
		{"", false},
		{"wwww", true},
		{"wwww.customer.example", true},
		{"www.other.example", true},
	} {
		t.Run(string(tt.owner), func(t *testing.T) {
			req.Decisions = []plan.Decision{{Code: plan.AddressGroup, Owner: tt.owner, Option: "keep"}, plan.TakeDefaults()}
			_, err := again(&req, w)
			if tt.refused {
				var bad *plan.InputError
				if !errors.As(err, &bad) || !strings.Contains(err.Error(), string(tt.owner)) {
					t.Errorf("got %v, want an *InputError that names %s", err, tt.owner)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p := w.make(t, req); p.Conflicts[0].Answer != "keep" {
				t.Errorf("got %+v, want keep", p.Conflicts[0])
			}
		})
	}
}

package spf

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

type mergeVector struct {
	Name, Domain, Required string
	Existing               []string
	Options                struct {
		All                         string
		Compact, Repair, Subrecords *bool
	}
	Want     string
	Changed  bool
	Warnings []string
	Error    Code
	Extra    map[string]string `json:"extra_records"`
}

func readJSON(t testing.TB, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func mergeVectors(t testing.TB) []mergeVector {
	var file struct{ Vectors []mergeVector }
	readJSON(t, "merge-vectors.json", &file)
	return file.Vectors
}

// request turns the options of a vector into a request. The vectors allow
// subrecords unless they say otherwise and name them _spf1; the package asks
// for consent and names them by content.
func (v mergeVector) request(t testing.TB) MergeRequest {
	on := func(b *bool, otherwise bool) bool {
		if b == nil {
			return otherwise
		}
		return *b
	}
	policy, ok := map[string]AllPolicy{"": Weaker, "keep": Keep, "required-if-missing": RequiredIfMissing}[v.Options.All]
	if !ok {
		t.Fatalf("vector with unknown policy %q", v.Options.All)
	}
	return MergeRequest{
		Domain: v.Domain, Existing: v.Existing, Required: []string{v.Required}, All: policy,
		Repair: on(v.Options.Repair, false), Compact: on(v.Options.Compact, false),
		Subrecords: on(v.Options.Subrecords, true),
		Label:      func(string) string { return "_spf1" },
	}
}

// The sum is written down so that nobody mends a vector in passing.
const mergeVectorsSum = "ac0dc50f0db8ea73546b859b9f978c8aee976f108c3cb94761cfdec7954cc012"

// All hold without a resolver: none has a cost error.
func TestSuiteMerge(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "merge-vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(data)); sum != mergeVectorsSum {
		t.Errorf("merge-vectors.json has the sum %s", sum)
	}
	vectors, passed := mergeVectors(t), 0
	for _, v := range vectors {
		if t.Run(v.Name, v.run) {
			passed++
		}
	}
	fmt.Printf("suite merge: %d/%d\n", passed, len(vectors))
	if passed != 65 || len(vectors) != 65 {
		t.Errorf("%d of %d vectors hold, want 65 of 65", passed, len(vectors))
	}
}

func (v mergeVector) run(t *testing.T) {
	got, err := Merge(v.request(t))
	if v.Error != "" || err != nil {
		if e, ok := errors.AsType[*Error](err); !ok || e.Code != v.Error {
			t.Fatalf("error %v, want code %q", err, v.Error)
		}
		return
	}
	if got.Record != v.Want || got.Changed != v.Changed {
		t.Errorf("got  %q changed %v\nwant %q changed %v", got.Record, got.Changed, v.Want, v.Changed)
	}
	var codes []string
	for _, w := range got.Warnings {
		codes = append(codes, w.Code)
	}
	if diff := cmp.Diff(v.Warnings, codes, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	extra := map[string]string{}
	for _, x := range got.Extra {
		extra[x.Name] = x.Text
	}
	if diff := cmp.Diff(v.Extra, extra, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("extra (-want +got):\n%s", diff)
	}
}

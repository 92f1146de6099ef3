package dmarc_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/dkim/dmarc"
)

type reading struct {
	Valid     bool
	Why       string
	P, NP     dmarc.Policy
	PSD, T    string
	Applied   dmarc.Policy
	Implied   bool
	Effective *bool
	RUA       int
	Pct       *int
	Removed   []string
	Unknown   []string
	Warnings  []string
}

type walk struct {
	Name         string
	Domain       string
	Exists       bool
	Records      map[string]texts
	Organization string `json:"organizational_domain"`
	Owner        string `json:"policy_domain"`
	Policy       dmarc.Policy
	Queries      []string
}

type option struct {
	Name, Value    string
	Existing, Root texts
	Options        struct {
		InheritRootDMARC  bool
		OverrideTags      map[string]string
		RemoveTags        []string
		AddTagsIfNotExist map[string]string
		DMARCOverride     map[string]string
		MergeRUA          bool
	}
	Want    string
	Changed bool
	Error   dmarc.Code
}

// texts is null, a string or a list of them.
type texts []string

func (t *texts) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		*t = make(texts, 1)
		return json.Unmarshal(data, &(*t)[0])
	}
	return json.Unmarshal(data, (*[]string)(t))
}

type vectors struct {
	Parse []struct {
		Record           string
		RFC9989, RFC7489 reading
	}
	TreeWalk []walk `json:"tree_walk"`
	Options  []option
}

// vectorsHash is the SHA-256 of the vectors: a suite passes as it is or not at all.
const vectorsHash = "6fa9d7c8fd9cf8c1c9871632ed967d1c6fce3fc22357ff8acc4c8b7a61242b04"

func load(t testing.TB) vectors {
	t.Helper()
	var v vectors
	if err := json.Unmarshal(read(t, "testdata/dmarc-vectors.json", vectorsHash), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// read returns a file of test data, which has to be the one that was handed over.
func read(t testing.TB, file, hash string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != hash {
		t.Fatalf("%s has the SHA-256 %s, want %s", file, got, hash)
	}
	return data
}

// suite runs one case after the other and says how many passed.
func suite(t *testing.T, name string, total, promised int, run func(i int) bool) {
	t.Helper()
	passed := 0
	for i := range total {
		if run(i) {
			passed++
		}
	}
	fmt.Printf("suite %s: %d/%d\n", name, passed, total)
	if passed != promised {
		t.Errorf("%d of %d passed, want %d", passed, total, promised)
	}
}

// Both readings of every vector.
func TestSuiteDMARCParse(t *testing.T) {
	vs := load(t).Parse
	suite(t, "dmarc-parse", len(vs), 32, func(i int) bool {
		v := vs[i]
		return t.Run(v.Record, func(t *testing.T) {
			check(t, v.Record, dmarc.RFC9989, v.RFC9989)
			check(t, v.Record, dmarc.RFC7489, v.RFC7489)
			if r, err := dmarc.Parse(v.Record); err == nil && !v.RFC7489.Valid && len(r.Warnings) == 0 {
				t.Errorf("no warning, though RFC 7489 refuses the record: %s", v.RFC7489.Why)
			}
		})
	})
}

// check holds one reading of a record to its vector.
func check(t *testing.T, record string, by dmarc.Reading, want reading) {
	t.Helper()
	codes := map[string][]dmarc.Code{
		"not-dmarc": {dmarc.CodeNotDMARC}, "duplicate tag": {dmarc.CodeDuplicate}, "p missing, no rua": {dmarc.CodeNoPolicy},
		"p must come second": {dmarc.CodeLateP}, "p invalid, no rua": {dmarc.CodeInvalid}, "p": {dmarc.CodeInvalid},
		"pct out of range": {dmarc.CodeInvalid}, "rua": {dmarc.CodeNotURI, dmarc.CodeSeparator}, "adkim": {dmarc.CodeInvalid},
		"empty tag": {dmarc.CodeEmptyTag},
	}
	r, err := dmarc.ParseAs(record, by)
	if !want.Valid {
		if e, ok := errors.AsType[*dmarc.Error](err); !ok || !slices.Contains(codes[want.Why], e.Code) {
			t.Errorf("%v: %+v, %v; want a code of %s", by, r, err, codes[want.Why])
		}
		return
	}
	if err != nil {
		t.Errorf("%v: %v", by, err)
		return
	}
	if r.By != by || r.P != want.P || r.Implied != want.Implied || r.Effective != (want.Effective == nil || *want.Effective) {
		t.Errorf("%v: read by %v, p %s, implied %v, effective %v; want %s, %v, %v", by, r.By, r.P, r.Implied, r.Effective, want.P, want.Implied, want.Effective)
	}
	if want.NP != "" && r.NP != want.NP || want.PSD != "" && r.PSD != want.PSD || r.T != (want.T == "y") {
		t.Errorf("%v: np %s, psd %s, t %v; want %s, %s, %s", by, r.NP, r.PSD, r.T, want.NP, want.PSD, want.T)
	}
	if got := r.InForce(); want.Applied != "" && got != want.Applied {
		t.Errorf("%v: in force %s, want %s", by, got, want.Applied)
	}
	if want.RUA != 0 && len(r.RUA) != want.RUA {
		t.Errorf("%v: rua %q, want %d", by, r.RUA, want.RUA)
	}
	if want.Pct != nil && r.Older.Percent != *want.Pct {
		t.Errorf("%v: pct %d, want %d", by, r.Older.Percent, *want.Pct)
	}
	if got := tags(r, dmarc.CodeRemoved); !slices.Equal(got, want.Removed) {
		t.Errorf("%v: removed %q, want %q", by, got, want.Removed)
	}
	if got := tags(r, dmarc.CodeUnknown); !slices.Equal(got, want.Unknown) {
		t.Errorf("%v: unknown %q, want %q", by, got, want.Unknown)
	}
	for _, w := range want.Warnings {
		if w == "fo-0-and-1" {
			w = "fo-mixed"
		}
		if !slices.ContainsFunc(r.Warnings, func(g dmarc.Warning) bool { return w == string(g.Code) || w == g.Tag+"-"+string(g.Code) }) {
			t.Errorf("%v: warnings %v, want %s among them", by, r.Warnings, w)
		}
	}
}

func tags(r dmarc.Record, code dmarc.Code) []string {
	var out []string
	for _, w := range r.Warnings {
		if w.Code == code {
			out = append(out, w.Tag)
		}
	}
	return out
}

func TestSuiteDMARCOptions(t *testing.T) {
	vs := load(t).Options
	suite(t, "dmarc-options", len(vs), 17, func(i int) bool {
		v := vs[i]
		return t.Run(v.Name, func(t *testing.T) {
			edit := dmarc.Edit{
				InheritRoot: v.Options.InheritRootDMARC, Remove: v.Options.RemoveTags, Override: v.Options.OverrideTags,
				AddIfMissing: v.Options.AddTagsIfNotExist, MergeReports: v.Options.MergeRUA,
				Strict7489: v.Name == "invalid-existing-value-as-is", // which is Entri's reading of an invalid record
			}
			if v.Options.DMARCOverride != nil {
				edit.Override = v.Options.DMARCOverride
			}
			got, err := dmarc.Apply(dmarc.Request{Existing: v.Existing, Root: v.Root, Value: v.Value, Edit: edit})
			if v.Error != "" {
				if e, ok := errors.AsType[*dmarc.Error](err); !ok || e.Code != v.Error {
					t.Errorf("Apply = %+v, %v; want code %s", got, err, v.Error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Record != v.Want || got.Changed != v.Changed {
				t.Errorf("Apply = %q, changed %v; want %q, %v", got.Record, got.Changed, v.Want, v.Changed)
			}
		})
	})
}

func TestSuiteDMARCWalk(t *testing.T) {
	vs := load(t).TreeWalk
	suite(t, "dmarc-walk", len(vs), 15, func(i int) bool {
		v := vs[i]
		return t.Run(v.Name, func(t *testing.T) {
			facts := map[string][]string{}
			var found dmarc.Found
			var asked []string
			for {
				var questions []string
				if found, questions = dmarc.Discover(v.Domain, facts); len(questions) == 0 {
					break
				}
				for _, q := range questions {
					name := strings.TrimPrefix(q, "_dmarc.")
					facts[q] = v.Records[name]
					asked = append(asked, name)
				}
			}
			if found.Organization != v.Organization || found.Owner != v.Owner {
				t.Errorf("organization %q, owner %q; want %q, %q", found.Organization, found.Owner, v.Organization, v.Owner)
			}
			if got := found.Policy(v.Exists); v.Policy != "" && got != v.Policy {
				t.Errorf("policy %q, want %q", got, v.Policy)
			}
			if diff := cmp.Diff(asked, v.Queries); v.Queries != nil && diff != "" {
				t.Errorf("questions, got before want:\n%s", diff)
			}
		})
	})
}

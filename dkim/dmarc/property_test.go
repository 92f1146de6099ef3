package dmarc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/dkim/dmarc"
)

// corpus returns the DMARC records of several hundred real zones.
func corpus(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/moj-mail-records.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Records []struct{ Values []string }
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range file.Records {
		out = append(out, r.Values...)
	}
	if len(out) != 377 {
		t.Fatalf("%d records, want 377", len(out))
	}
	return out
}

// Nobody's record may change because a service has looked at it, and an edit of rua touches rua.
func TestApplyCorpus(t *testing.T) {
	valid := 0
	for _, text := range corpus(t) {
		r, err := dmarc.Parse(text)
		if err != nil {
			if text[0] != 'n' { // the one record that begins with nv=
				t.Errorf("Parse(%q): %v", text, err)
			}
			continue
		}
		valid++
		a, err := dmarc.Apply(dmarc.Request{Existing: []string{text}, Value: value})
		if err != nil || a.Record != text || a.Changed || a.Replaces != nil {
			t.Errorf("Apply(%q) = %+v, %v; want no change", text, a, err)
		}
		const rua = "mailto:z@z.example"
		a, err = dmarc.Apply(dmarc.Request{Existing: []string{text}, Edit: dmarc.Edit{Override: map[string]string{"rua": rua}}})
		if err != nil {
			t.Errorf("Apply(%q): %v", text, err)
			continue
		}
		after, err := dmarc.Parse(a.Record)
		if err != nil {
			t.Errorf("Parse(%q): %v", a.Record, err)
			continue
		}
		if diff := cmp.Diff(others(after, "rua"), others(r, "rua")); diff != "" {
			t.Errorf("%q became %q, got before want:\n%s", text, a.Record, diff)
		}
		if got, _ := after.Value("rua"); got != rua {
			t.Errorf("%q became %q without the new rua", text, a.Record)
		}
	}
	if valid != 376 {
		t.Errorf("%d valid records, want 376", valid)
	}
}

// others returns the parts of r that names does not name, byte for byte.
func others(r dmarc.Record, names ...string) []string {
	var out []string
	for _, t := range r.Tags {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, t.Name) }) {
			out = append(out, t.Raw)
		}
	}
	return out
}

// checkApply holds a request to the promises of the package and returns what came of it.
func checkApply(t rapid.TB, req dmarc.Request) {
	t.Helper()
	req.Existing = slices.Clip(req.Existing)
	before := fmt.Sprintf("%+v", req)
	a, err := dmarc.Apply(req)
	if after := fmt.Sprintf("%+v", req); after != before {
		t.Fatalf("Apply changed its request from\n%s to\n%s", before, after)
	}
	if err != nil {
		if _, ok := errors.AsType[*dmarc.Error](err); !ok {
			t.Fatalf("Apply(%+v): error %T, want *dmarc.Error", req, err)
		}
		return
	}
	r, err := dmarc.Parse(a.Record)
	if err != nil {
		t.Fatalf("Apply(%+v) = %q: %v", req, a.Record, err)
	}

	once := req
	once.Existing = []string{a.Record}
	again, err := dmarc.Apply(once)
	if err != nil || again.Changed || again.Record != a.Record {
		t.Fatalf("Apply(%+v) = %q; again %q, changed %v, %v", req, a.Record, again.Record, again.Changed, err)
	}
	turned := req
	turned.Existing = slices.Clone(req.Existing)
	slices.Reverse(turned.Existing)
	if b, err := dmarc.Apply(turned); err != nil || b.Record != a.Record {
		t.Fatalf("Apply(%+v) = %q; in another order %q, %v", req, a.Record, b.Record, err)
	}

	if a.Base != dmarc.BaseExisting || len(req.Existing) != 1 {
		return
	}
	e := req.Edit
	named := slices.Clone(e.Remove)
	for name := range e.Override {
		named = append(named, name)
	}
	for name := range e.AddIfMissing {
		named = append(named, name)
	}
	if e.MergeReports {
		named = append(named, "rua", "ruf")
	}
	old, err := dmarc.Parse(req.Existing[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(others(r, named...), others(old, named...)); diff != "" {
		t.Fatalf("Apply(%+v) = %q: parts that the edit does not name, got before want:\n%s", req, a.Record, diff)
	}
	policy := func(n string) bool { return strings.Contains("p sp np", strings.ToLower(n)) }
	if !slices.ContainsFunc(named, policy) && (r.P != old.P || r.SP != old.SP || r.NP != old.NP) {
		t.Fatalf("Apply(%+v) = %q: another policy", req, a.Record)
	}
}

func TestApplyProperty(t *testing.T) {
	policies := []string{"none", "quarantine", "Reject"}
	letters := []string{"r", "S"}
	addresses := []string{"mailto:a@b.example", "mailto:c@d.example!5m, mailto:A@b.example", "mailto:e@f.example,mailto:a@b.example"}
	good := map[string][]string{
		"p": policies, "P": policies, "sp": policies, "np": policies, "psd": {"y", "u"}, "t": {"y", "n"}, "adkim": letters, "aspf": letters,
		"rua": addresses, "RUA": addresses, "ruf": addresses, "fo": {"0", "1", "d:s"}, "pct": {"50", "100"}, "x": {"1", "two words"},
	}
	names := slices.Sorted(maps.Keys(good))
	bad := []string{"", "foo", "a@b.example", "mailto:a@b.example mailto:e@f.example", "mailto:g@h.example,"}

	part := rapid.Custom(func(t *rapid.T) string {
		space := rapid.SampledFrom([]string{"", " ", "\t"})
		name := rapid.SampledFrom(names).Draw(t, "name")
		value := rapid.SampledFrom(slices.Concat(good[name], good[name], good[name], bad)).Draw(t, "value")
		text := space.Draw(t, "lead") + name + space.Draw(t, "left") + "=" + space.Draw(t, "right") + value + space.Draw(t, "trail")
		return rapid.SampledFrom([]string{text, text, text, text, text, " ", "", "foo"}).Draw(t, "part")
	})
	record := rapid.Custom(func(t *rapid.T) string {
		start := rapid.SampledFrom([]string{"v=DMARC1", "v=DMARC1", "V = DMARC1 ", "v=spf1"}).Draw(t, "version")
		return strings.Join(append([]string{start}, rapid.SliceOfN(part, 0, 5).Draw(t, "parts")...), ";")
	})
	set := rapid.Custom(func(t *rapid.T) map[string]string {
		out := map[string]string{}
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 3).Draw(t, "names") {
			out[name] = rapid.SampledFrom(good[name]).Draw(t, name)
		}
		return out
	})
	rapid.Check(t, func(t *rapid.T) {
		req := dmarc.Request{
			Existing: rapid.SliceOfN(record, 0, 2).Draw(t, "existing"),
			Root:     rapid.SliceOfN(record, 0, 2).Draw(t, "root"),
			Value:    rapid.SampledFrom([]string{value, "v=DMARC1;p=reject;ruf=mailto:a@b.example", ""}).Draw(t, "value"),
			Edit: dmarc.Edit{
				InheritRoot: rapid.Bool().Draw(t, "inherit"), MergeReports: rapid.Bool().Draw(t, "merge"),
				Remove:   rapid.SliceOfN(rapid.SampledFrom(names), 0, 3).Draw(t, "remove"),
				Override: set.Draw(t, "override"), AddIfMissing: set.Draw(t, "add"),
			},
			Repair: rapid.Bool().Draw(t, "repair"),
		}
		checkApply(t, req)
	})
}

func FuzzApply(f *testing.F) {
	v := load(f)
	for i, o := range v.Options {
		f.Add(strings.Join(o.Existing, "\n"), strings.Join(o.Root, "\n"), o.Value, "sp", "none", "pct", uint8(i))
	}
	for i, p := range v.Parse {
		f.Add(p.Record, p.Record, p.Record, "rua", "mailto:a@b.example", "p", uint8(i))
	}
	f.Fuzz(func(t *testing.T, existing, root, value, name, text, removed string, flags uint8) {
		set := map[string]string{name: text}
		req := dmarc.Request{Existing: strings.Split(existing, "\n"), Root: strings.Split(root, "\n"), Value: value, Repair: flags&1 != 0}
		req.Edit = dmarc.Edit{InheritRoot: flags&2 != 0, MergeReports: flags&4 != 0}
		if flags&8 != 0 {
			req.Edit.Override = set
		}
		if flags&16 != 0 {
			req.Edit.AddIfMissing = set
		}
		if flags&32 != 0 {
			req.Edit.Remove = []string{removed}
		}
		checkApply(t, req)
	})
}

// Reading must not get slow where a record is as long as a TXT can be.
func TestHostile(t *testing.T) {
	const size = 65000
	var names, list strings.Builder
	for i := 0; names.Len() < size; i++ {
		fmt.Fprintf(&names, "t%d=;", i)
		fmt.Fprintf(&list, "mailto:a@h%d.example,", i)
	}
	for name, text := range map[string]string{
		"tags":      "v=DMARC1;" + names.String(),
		"addresses": "v=DMARC1; p=none; rua=" + list.String(),
		"spaces":    "v=DMARC1; p=none; rua=" + strings.Repeat(" ", size) + "x",
		"empty":     "v=DMARC1;" + strings.Repeat(";", size),
		"options":   "v=DMARC1; p=none; fo=" + strings.Repeat("d:", size/2) + "s",
	} {
		t.Run(name, func(t *testing.T) {
			edit := dmarc.Edit{MergeReports: true, AddIfMissing: map[string]string{"p": "none", "zz": "1"}}
			checkApply(t, dmarc.Request{Existing: []string{text}, Value: "v=DMARC1; p=none; rua=" + list.String() + "mailto:a@b.example", Edit: edit})
			dmarc.Differ(text, value)
			dmarc.Authorisers("customer.example", text)
		})
	}
}

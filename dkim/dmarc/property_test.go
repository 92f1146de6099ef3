package dmarc_test

import (
	"encoding/json"
	"errors"
	"flag"
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

// corpusHash is the SHA-256 of the corpus.
const corpusHash = "2069050ee82a40a711631c371dcce96be6b7753e86f2902b6cab32571afe4b3a"

// corpus returns the texts of real zones that stand at names with this label, or hold this text.
func corpus(t testing.TB, label, text string) []string {
	t.Helper()
	var file struct {
		Records []struct {
			Name, Type string
			Values     json.RawMessage
		}
	}
	if err := json.Unmarshal(read(t, "../testdata/moj-mail-records.json", corpusHash), &file); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range file.Records {
		if r.Type != "TXT" {
			continue
		}
		var values []string
		if err := json.Unmarshal(r.Values, &values); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			if strings.Contains("."+r.Name, "."+label+".") || strings.Contains(v, text) {
				out = append(out, v)
			}
		}
	}
	return out
}

// What several hundred real zones have in their DMARC records, as both documents read it. One record begins with "nv=": no receiver
// takes it for one, though its other tags are as they should be.
func TestCorpus(t *testing.T) {
	records := corpus(t, "_dmarc", "DMARC1")
	if len(records) != 377 {
		t.Fatalf("%d records, want 377", len(records))
	}
	for _, by := range []dmarc.Reading{dmarc.RFC9989, dmarc.RFC7489} {
		got := map[string]int{}
		for _, text := range records {
			r, err := dmarc.ParseAs(strings.TrimPrefix(text, "n"), by)
			if e, ok := errors.AsType[*dmarc.Error](err); ok {
				got[string(e.Code)]++
			}
			if strings.HasPrefix(text, "nv=") {
				got["nv"]++
				if dmarc.IsRecord(text) {
					t.Errorf("%q counts as a record", text)
				}
			}
			for _, tag := range r.Tags {
				got[strings.ToLower(tag.Name)]++
			}
			if err == nil && r.String() != strings.TrimPrefix(text, "n") {
				t.Errorf("%q became %q", text, r)
			}
		}
		want := map[string]int{"p": 375, "rua": 370, "sp": 346, "pct": 5, "rf": 2, "ri": 1, "np": 0, "nv": 1}
		for tag, n := range want {
			if got[tag] != n {
				t.Errorf("%v: %d times %s, want %d; all: %v", by, got[tag], tag, n, got)
			}
		}
	}
}

// Nobody's record may change because a service has looked at it, and an edit of rua touches rua.
func TestApplyCorpus(t *testing.T) {
	for _, text := range corpus(t, "_dmarc", "DMARC1") {
		r, err := dmarc.Parse(text)
		if err != nil {
			if !strings.HasPrefix(text, "nv=") {
				t.Errorf("Parse(%q): %v", text, err)
			}
			continue
		}
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

// What was added can be taken away again, and the record is what it was, byte for byte.
func TestAddRemoveProperty(t *testing.T) {
	added := map[string]string{
		"p": "none", "sp": "none", "np": "none", "adkim": "s", "fo": "1", "rua": "mailto:a@b.example", "ruf": "mailto:a@b.example", "pct": "5", "x": "1",
	}
	rapid.Check(t, func(t *rapid.T) {
		parts := []string{"v=DMARC1"}
		for name := range added {
			if rapid.Bool().Draw(t, name) {
				parts = append(parts, rapid.SampledFrom([]string{"", " "}).Draw(t, "space")+name+"="+added[name])
			}
		}
		slices.Sort(parts[1:])
		text := strings.Join(parts, ";") + rapid.SampledFrom([]string{"", ";", " ; "}).Draw(t, "end")
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(added))).Draw(t, "added")
		before, err := dmarc.Parse(text)
		if _, there := before.Value(name); err != nil || there {
			return
		}
		a, err := dmarc.Apply(dmarc.Request{Existing: []string{text}, Edit: dmarc.Edit{AddIfMissing: map[string]string{name: added[name]}}})
		if err != nil {
			t.Fatal(err)
		}
		b, err := dmarc.Apply(dmarc.Request{Existing: []string{a.Record}, Edit: dmarc.Edit{Remove: []string{name}}})
		if e, ok := errors.AsType[*dmarc.Error](err); ok && e.Code == dmarc.CodeNoEffect && !before.Effective {
			return // a record that works is not made one that does not, though it was none before
		}
		if err != nil || b.Record != text {
			t.Fatalf("%q became %q with %s and %q without it, %v", text, a.Record, name, b.Record, err)
		}
	})
}

// Reports of the owner never get lost in a merge: every address that was read before is read after, in its place and with its size.
func TestMergeReportsProperty(t *testing.T) {
	address := rapid.SampledFrom([]string{
		"mailto:a@customer.example", "MAILTO:A@customer.example", "mailto:a@CUSTOMER.example.!10m", "mailto:%61@customer.example", "https://r.example/x",
		"HTTPS://R.example/x", "mailto:dmarc@app.example!5k", "mailto:b@app.example?subject=x", "a@b.example", "", "mailto:c@d.example mailto:e@f.example",
	})
	list := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(address, 0, 4).Draw(t, "list"), rapid.SampledFrom([]string{",", " , "}).Draw(t, "comma"))
	})
	rapid.Check(t, func(t *rapid.T) {
		had := list.Draw(t, "rua")
		text := "v=DMARC1; p=none; rua=" + had + rapid.SampledFrom([]string{"", ";", "; ruf=" + list.Draw(t, "ruf")}).Draw(t, "end")
		a, err := dmarc.Apply(dmarc.Request{
			Existing: []string{text}, Edit: dmarc.Edit{MergeReports: true},
			Value: "v=DMARC1; p=reject; rua=mailto:dmarc@app.example,https://r.example/x; ruf=mailto:a@customer.example",
		})
		if err != nil {
			t.Fatal(err)
		}
		before, err := dmarc.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		after, err := dmarc.Parse(a.Record)
		if err != nil {
			t.Fatal(err)
		}
		if len(after.RUA) < len(before.RUA) || !slices.Equal(after.RUA[:len(before.RUA)], before.RUA) || !slices.Equal(after.RUF[:len(before.RUF)], before.RUF) {
			t.Fatalf("%q became %q: rua %q, ruf %q", text, a.Record, after.RUA, after.RUF)
		}
		if now, _ := after.Value("rua"); !strings.HasPrefix(now, strings.Trim(had, " ")) {
			t.Fatalf("%q became %q: the owner's addresses changed", text, a.Record)
		}
		for _, want := range []string{"mailto:dmarc@app.example", "https://r.example/x"} {
			same := func(uri string) bool { return strings.EqualFold(uri, want) }
			n, once := len(after.RUA)-len(slices.DeleteFunc(slices.Clone(after.RUA), same)), !slices.ContainsFunc(before.RUA, same)
			if n == 0 || once && n > 1 {
				t.Fatalf("%q became %q: %s stands %d times there", text, a.Record, want, n)
			}
		}
		if before.P != after.P || before.SP != after.SP {
			t.Fatalf("%q became %q: another policy", text, a.Record)
		}
	})
}

// walked is what the walk of RFC 9989 4.10 comes to in a DNS of these texts by owner name, and the owners that it looks up.
func walked(domain string, dns map[string][]string) (organization, owner string, asked []string) {
	type found struct{ name, psd string }
	var all []found
	for at := strings.Split(domain, "."); len(at) > 0; {
		name := strings.Join(at, ".")
		asked = append(asked, "_dmarc."+name)
		texts := slices.DeleteFunc(slices.Clone(dns["_dmarc."+name]), func(text string) bool { return !dmarc.IsRecord(text) })
		if len(texts) == 1 {
			if r, err := dmarc.Parse(texts[0]); err == nil {
				if all = append(all, found{name, r.PSD}); r.PSD != "u" {
					break
				}
			}
		}
		at = at[max(1, len(at)-7):]
	}
	organization = domain
	suffix := ""
	if len(all) > 0 {
		last := all[len(all)-1]
		organization = last.name
		if last.psd == "y" && last.name != domain {
			labels := strings.Split(strings.TrimSuffix(domain, "."+last.name), ".")
			organization, suffix = labels[len(labels)-1]+"."+last.name, last.name
		}
	}
	for _, name := range []string{domain, organization, suffix} {
		if slices.ContainsFunc(all, func(f found) bool { return f.name == name }) {
			return organization, name, asked
		}
	}
	return organization, "", asked
}

// Over whatever tree of names, the walk asks for what RFC 9989 wants, one name after the other, and comes to the same domains.
func TestDiscoverProperty(t *testing.T) {
	checks := "5000"
	if os.Getenv("MOORING_LONG") != "" {
		checks = "50000"
	}
	old := flag.Lookup("rapid.checks").Value.String()
	if err := flag.Set("rapid.checks", checks); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", old) })

	label := rapid.SampledFrom([]string{"a", "b", "c"})
	text := rapid.SampledFrom([]string{
		"v=DMARC1; p=none", "v=DMARC1; p=reject; sp=none", "v=DMARC1; p=quarantine; psd=n", "v=DMARC1; p=reject; psd=y", "v=DMARC1; p=none; psd=Y; np=reject",
		"v=DMARC1; p=none; psd=x", "v=DMARC1; p=none; p=none", "v=dmarc1; p=none", "token", "v=DMARC1",
	})
	texts := rapid.SampledFrom([]int{0, 0, 0, 0, 1, 1, 2})
	rapid.Check(t, func(t *rapid.T) {
		labels := rapid.SliceOfN(label, 1, 11).Draw(t, "labels")
		domain, dns := strings.Join(labels, "."), map[string][]string{}
		for i := range labels {
			n := texts.Draw(t, "texts")
			dns["_dmarc."+strings.Join(labels[i:], ".")] = rapid.SliceOfN(text, n, n).Draw(t, "text")
		}
		organization, owner, want := walked(domain, dns)
		facts := map[string][]string{}
		var asked []string
		var got dmarc.Found
		for len(asked) <= 8 {
			var questions []string
			if got, questions = dmarc.Discover(domain, facts); len(questions) == 0 {
				break
			}
			asked = append(asked, questions...)
			for _, q := range questions {
				facts[q] = dns[q]
			}
		}
		if got.Organization != organization || got.Owner != owner || !slices.Equal(asked, want) || len(asked) > 8 {
			t.Fatalf("%s in %q: organization %q, owner %q, asked %q; want %q, %q, %q", domain, dns, got.Organization, got.Owner, asked, organization, owner, want)
		}
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

package dmarc

import (
	"maps"
	"slices"
	"strings"
)

// Differ returns the tags in which a record that is there says something else than a wanted one, in both directions: what is
// spelled differently and means the same is no difference. It is meant for telling a person. If one of them is no valid record,
// the difference is v.
func Differ(have, want string) []string {
	a, errA := Parse(have)
	b, errB := Parse(want)
	if errA != nil || errB != nil {
		return []string{"v"}
	}
	written := func(tag string) bool {
		_, inA := a.Value(tag)
		_, inB := b.Value(tag)
		return inA || inB
	}
	var out []string
	add := func(tag string, differs bool) {
		if differs {
			out = append(out, tag)
		}
	}
	add("p", a.P != b.P)
	add("sp", a.SP != b.SP && written("sp")) // else it only follows p
	add("np", a.NP != b.NP && written("np"))
	add("psd", a.PSD != b.PSD)
	add("t", a.T != b.T)
	add("adkim", a.ADKIM != b.ADKIM)
	add("aspf", a.ASPF != b.ASPF)
	add("rua", !slices.Equal(set(a.RUA, fold), set(b.RUA, fold)))
	add("ruf", !slices.Equal(set(a.RUF, fold), set(b.RUF, fold)))
	add("fo", !slices.Equal(set(a.FO, strings.ToLower), set(b.FO, strings.ToLower)))
	return append(out, differOther(a, b)...)
}

// differOther compares the tags to which RFC 9989 gives no meaning, as text.
func differOther(a, b Record) []string {
	names := map[string]bool{}
	values := [2]map[string]string{{}, {}} // of the tags by their names in lower case
	for i, r := range []Record{a, b} {
		for _, w := range r.Warnings {
			if w.Code == CodeUnknown || w.Code == CodeRemoved {
				names[w.Tag] = true
			}
		}
		for _, t := range r.Tags {
			values[i][strings.ToLower(t.Name)] = t.Value
		}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		inA, okA := values[0][name]
		inB, okB := values[1][name]
		if okA != okB || inA != inB {
			out = append(out, name)
		}
	}
	return out
}

// set returns the items without order and repetition.
func set(items []string, canonical func(string) string) []string {
	var out []string
	for _, s := range items {
		out = append(out, canonical(s))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

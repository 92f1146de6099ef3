package dkim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/dkim"
)

func TestScanTags(t *testing.T) {
	tests := []struct {
		name, txt string
		want      []dkim.Tag
	}{
		{"nothing", "", []dkim.Tag{{}}},
		{"one", "p=", []dkim.Tag{{Name: "p", Raw: "p=", ValueOff: 2}}},
		{"two and a closing semicolon", "v=DKIM1; P = a b ;", []dkim.Tag{
			{Name: "v", Value: "DKIM1", Raw: "v=DKIM1", ValueOff: 2},
			{Name: "P", Value: "a b", Raw: " P = a b ", Off: 8, ValueOff: 13},
			{Raw: "", Off: 18, ValueOff: 18},
		}},
		{"no tags", "a; 1=2;=3;\tb", []dkim.Tag{
			{Raw: "a"},
			{Raw: " 1=2", Off: 2, ValueOff: 2},
			{Raw: "=3", Off: 7, ValueOff: 7},
			{Raw: "\tb", Off: 10, ValueOff: 10},
		}},
		{"a value with an equals sign", "rua=mailto:a?b=c", []dkim.Tag{
			{Name: "rua", Value: "mailto:a?b=c", Raw: "rua=mailto:a?b=c", ValueOff: 4},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []dkim.Tag
			for tag := range dkim.ScanTags(tt.txt) {
				got = append(got, tag)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("ScanTags(%q), got before want:\n%s", tt.txt, diff)
			}
		})
	}
}

// The parts lose nothing of the text, and the offsets point to what they say.
func TestScanTagsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		txt := rapid.StringOf(rapid.SampledFrom([]rune("ab1_=; \t\n\"é"))).Draw(t, "txt")
		var raw []string
		for tag := range dkim.ScanTags(txt) {
			raw = append(raw, tag.Raw)
			if !strings.HasPrefix(txt[tag.Off:], tag.Raw) || !strings.HasPrefix(txt[tag.ValueOff:], tag.Value) {
				t.Fatalf("%q: tag %+v points elsewhere", txt, tag)
			}
			if tag.Blank() != (strings.Trim(tag.Raw, " \t\r\n") == "") || tag.Blank() && tag.Name != "" {
				t.Fatalf("%q: tag %+v, blank %v", txt, tag, tag.Blank())
			}
		}
		if got := strings.Join(raw, ";"); got != txt {
			t.Fatalf("parts of %q join to %q", txt, got)
		}
	})
}

func TestScanTagsAllocatesNothing(t *testing.T) {
	txt, n := record(t, "unknown-tag"), 0
	if allocs := testing.AllocsPerRun(100, func() {
		for tag := range dkim.ScanTags(txt) {
			n += len(tag.Value)
		}
	}); allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
	if n == 0 {
		t.Error("no tags")
	}
}

func ExampleScanTags() {
	for t := range dkim.ScanTags("v=STSv1; id=20260101T000000;") {
		if !t.Blank() {
			fmt.Println(t.Name, t.Value)
		}
	}
	// Output:
	// v STSv1
	// id 20260101T000000
}

// What does it cost to look at every tag of a key of 2048 bits?
func BenchmarkScanTags(b *testing.B) {
	txt := record(b, "rsa2048-spki")
	b.ReportAllocs()
	for b.Loop() {
		for t := range dkim.ScanTags(txt) {
			_ = t
		}
	}
}

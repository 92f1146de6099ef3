package dkim_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/dkim"
)

func TestSplit(t *testing.T) {
	a255, b := strings.Repeat("a", 255), "b"
	tests := []struct {
		name, value string
		want        []string
	}{
		{"empty", "", []string{""}},
		{"one octet", b, []string{b}},
		{"255 octets", a255, []string{a255}},
		{"256 octets", a255 + b, []string{a255, b}},
		{"510 octets", a255 + a255, []string{a255, a255}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(dkim.Split(tt.value), tt.want); diff != "" {
				t.Errorf("Split, got before want:\n%s", diff)
			}
		})
	}
}

func TestSplitJoin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := string(rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "value"))
		strs := dkim.Split(value)
		if len(strs) == 0 {
			t.Fatal("no string at all")
		}
		for i, s := range strs {
			if len(s) > 255 {
				t.Fatalf("string %d has %d octets", i, len(s))
			}
		}
		if got := strings.Join(strs, ""); got != value {
			t.Fatalf("Split(%q) joined = %q", value, got)
		}
	})
}

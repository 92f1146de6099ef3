package dkim_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/dkim"
)

func TestClean(t *testing.T) {
	tests := []struct {
		name, txt, want string
		findings        []dkim.Code
	}{
		{"a key", long, long, nil},
		{"nothing", "", "", nil},
		{"quotes around", `"` + short + `"`, short, []dkim.Code{dkim.CodeQuotesStored}},
		{"strings as in a zone file", `"` + long[:255] + `" "` + long[255:] + `"`, long, []dkim.Code{dkim.CodeQuotesStored, dkim.CodeInnerQuotes}},
		{"strings over two lines", `"` + long[:255] + "\"\n\t\"" + long[255:] + `"`, long, []dkim.Code{dkim.CodeQuotesStored, dkim.CodeInnerQuotes}},
		{"outer quotes lost", long[:255] + `""` + long[255:], long, []dkim.Code{dkim.CodeInnerQuotes}},
		{"outer quotes lost, a space between", long[:255] + `" "` + long[255:], long, []dkim.Code{dkim.CodeInnerQuotes}},
		{"escaped quotes", long[:255] + `\"\"` + long[255:], long, []dkim.Code{dkim.CodeInnerQuotes, dkim.CodeEscapes}},
		{"escaped semicolons", strings.ReplaceAll(long, ";", `\;`), long, []dkim.Code{dkim.CodeEscapes}},
		{"escapes in figures", strings.ReplaceAll(short, ";", `\059`), short, []dkim.Code{dkim.CodeEscapes}},
		{"escapes escaped", strings.ReplaceAll(short, ";", `\\;`), short, []dkim.Code{dkim.CodeEscapes}},
		{"an escaped escape in figures", strings.ReplaceAll(short, ";", `\092;`), short, []dkim.Code{dkim.CodeEscapes}},
		{"a backslash at the end", short + `\`, short, []dkim.Code{dkim.CodeEscapes}},
		{"a space within the key", long[:255] + " " + long[255:], long, []dkim.Code{dkim.CodeSpaces}},
		{"spaces within words", strings.NewReplacer("DKIM1", "DK IM1", "rsa", "r sa").Replace(short), short, []dkim.Code{dkim.CodeSpaces}},
		{"spaces that may be", "v=DKIM1 ; t= y : s; n=a b; p=", "v=DKIM1 ; t= y : s; n=a b; p=", nil},
		{"spaces around", " " + short + "\n", short, []dkim.Code{dkim.CodeOuterSpace}},
		{"quotes in notes", `v=DKIM1; n="a\;b"; p=`, `v=DKIM1; n=a;b; p=`, []dkim.Code{dkim.CodeInnerQuotes, dkim.CodeEscapes}},
		{"quotes in notes of a key in order", `v=DKIM1; n="a\b"; p=`, `v=DKIM1; n="a\b"; p=`, nil},
		{"only quotes", `"" ""`, "", []dkim.Code{dkim.CodeQuotesStored}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, found := dkim.Clean(tt.txt)
			if got != tt.want {
				t.Errorf("got  %q,\nwant %q", got, tt.want)
			}
			if diff := cmp.Diff(codes(found), tt.findings); diff != "" {
				t.Errorf("findings, got before want:\n%s", diff)
			}
		})
	}
}

// Whatever a text is put together from: cleaning again changes nothing, every change is said, and a key stays the key it was.
func TestCleanLaws(t *testing.T) {
	key := shortKey(t)
	parts := []string{
		"v=DKIM1", "v= DKIM1", "DK", "IM1", "k=rsa", "k=ed25519", "p=", "n=", "n=a\\;b", "h=sha256", "s=*", "t=y", "x=1", "=", "; ", ";", " ", "\t",
		key, key[:100], key[100:], "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", `"`, `\;`, `\"`, `" "`, `\034`, `\032`, `\092`, `a "b" c`,
	}
	rapid.Check(t, func(t *rapid.T) {
		txt := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 9).Draw(t, "parts"), "")
		clean, found := dkim.Clean(txt)
		if again, _ := dkim.Clean(clean); again != clean {
			t.Fatalf("Clean(%q) = %q, and again %q", txt, clean, again)
		}
		if (clean != txt) != (len(found) > 0) {
			t.Fatalf("Clean(%q) = %q, saying %v", txt, clean, found)
		}
		k, err := dkim.ParseKey(txt)
		if err != nil {
			return
		}
		after, err := dkim.ParseKey(clean)
		if err != nil || !dkim.SameKey(txt, clean) || k.Notes != after.Notes || k.Unpadded != after.Unpadded {
			t.Fatalf("Clean(%q) = %q, another key: %+v, %v", txt, clean, after, err)
		}
		if !dkim.IsKey(txt) || !dkim.SameKey(k.Record(), txt) {
			t.Fatalf("%q is a key, and its record %q", txt, k.Record())
		}
	})
}

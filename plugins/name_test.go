package plugins

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseName(t *testing.T) {
	tests := []struct {
		name, file string
		want       string // id version protocol os arch; "": no plugin's name
	}{
		{"release", "mooring-plugin-acme_v1.2.3_p1_linux_amd64", "acme 1.2.3 1 linux amd64"},
		{"windows", "mooring-plugin-acme_v1.2.3_p1_windows_amd64.exe", "acme 1.2.3 1 windows amd64"},
		{"hyphens and digits", "mooring-plugin-acme-dns-2_v0.0.0_p12_plan9_386", "acme-dns-2 0.0.0 12 plan9 386"},
		{"pre-release and build", "mooring-plugin-acme_v1.0.0-rc.1+git.0a_p1_linux_arm64", "acme 1.0.0-rc.1+git.0a 1 linux arm64"},
		{"version beyond 64 bits", "mooring-plugin-acme_v99999999999999999999.0.0_p1_linux_arm64", "acme 99999999999999999999.0.0 1 linux arm64"},
		{"lock", "plugins.lock.json", ""},
		{"checksum beside it", "mooring-plugin-acme_v1.2.3_p1_linux_amd64.sha256", ""},
		{"copy of an editor", "mooring-plugin-acme_v1.2.3_p1_linux_amd64~", ""},
		{"windows without exe", "mooring-plugin-acme_v1.2.3_p1_windows_amd64", ""},
		{"exe elsewhere", "mooring-plugin-acme_v1.2.3_p1_linux_amd64.exe", ""},
		{"no id", "mooring-plugin-_v1.2.3_p1_linux_amd64", ""},
		{"capitals", "mooring-plugin-Acme_v1.2.3_p1_linux_amd64", ""},
		{"digit first", "mooring-plugin-1acme_v1.2.3_p1_linux_amd64", ""},
		{"two hyphens", "mooring-plugin-a--b_v1.2.3_p1_linux_amd64", ""},
		{"underscore in id", "mooring-plugin-a_b_v1.2.3_p1_linux_amd64", ""},
		{"path in id", "mooring-plugin-../acme_v1.2.3_p1_linux_amd64", ""},
		{"no v", "mooring-plugin-acme_1.2.3_p1_linux_amd64", ""},
		{"two numbers", "mooring-plugin-acme_v1.2_p1_linux_amd64", ""},
		{"four numbers", "mooring-plugin-acme_v1.2.3.4_p1_linux_amd64", ""},
		{"leading zero", "mooring-plugin-acme_v1.02.3_p1_linux_amd64", ""},
		{"leading zero in pre-release", "mooring-plugin-acme_v1.2.3-01_p1_linux_amd64", ""},
		{"empty pre-release", "mooring-plugin-acme_v1.2.3-_p1_linux_amd64", ""},
		{"empty build", "mooring-plugin-acme_v1.2.3+_p1_linux_amd64", ""},
		{"no p", "mooring-plugin-acme_v1.2.3_1_linux_amd64", ""},
		{"protocol 0", "mooring-plugin-acme_v1.2.3_p0_linux_amd64", ""},
		{"protocol 01", "mooring-plugin-acme_v1.2.3_p01_linux_amd64", ""},
		{"protocol +1", "mooring-plugin-acme_v1.2.3_p+1_linux_amd64", ""},
		{"protocol beyond int", "mooring-plugin-acme_v1.2.3_p99999999999999999999_linux_amd64", ""},
		{"no arch", "mooring-plugin-acme_v1.2.3_p1_linux_", ""},
		{"no os", "mooring-plugin-acme_v1.2.3_p1_amd64", ""},
		{"too long", "mooring-plugin-" + strings.Repeat("a", 230) + "_v1.2.3_p1_linux_amd64", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			n, ok := parseName(tt.file)
			if ok {
				got = fmt.Sprintf("%s %s %d %s %s", n.id, n.version.text, n.protocol, n.os, n.arch)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if ok && n.String() != tt.file {
				t.Errorf("prints as %q", n)
			}
		})
	}
}

// TestVersionOrder begins with the order of semver.org's section 11.
func TestVersionOrder(t *testing.T) {
	want := []string{
		"0.0.0", "0.9.10", "0.10.9",
		"1.0.0-0", "1.0.0-2", "1.0.0-11", "1.0.0-99999999999999999999", "1.0.0--", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
		"1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.0+a", "1.0.0+b", "2.0.0", "2.1.0", "2.1.1", "10.0.0", "99999999999999999999.0.0",
	}
	for i, a := range want {
		for j, b := range want {
			v, okV := parseVersion(a)
			w, okW := parseVersion(b)
			if !okV || !okW {
				t.Fatalf("%s or %s is no version", a, b)
			}
			if got := v.compare(w); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s against %s: got %d", a, b, got)
			}
		}
	}
}

func ExampleFileName() {
	fmt.Println(FileName("acme", "1.2.3-rc.1", "windows", "arm64"))
	fmt.Println(FileName("acme", "v1", "linux", "amd64"))
	// Output:
	// mooring-plugin-acme_v1.2.3-rc.1_p1_windows_arm64.exe <nil>
	//  plugins: "v1" is no semantic version like 1.2.3 or 1.2.3-rc.1
}

func TestFileNameRefuses(t *testing.T) {
	for _, id := range []string{"", "-", "a_b", "A", "../x"} {
		if got, err := FileName(id, "1.0.0", "linux", "amd64"); err == nil {
			t.Errorf("%q: got %q", id, got)
		}
	}
}

func FuzzParseName(f *testing.F) {
	for _, s := range []string{"mooring-plugin-acme_v1.2.3_p1_linux_amd64", "mooring-plugin-a-b_v1.0.0-rc.1+x_p2_windows_386.exe"} {
		f.Add(s, "mooring-plugin-acme_v1.2.3-0.a_p1_linux_amd64")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		n, ok := parseName(a)
		if !ok {
			return
		}
		if n.String() != a {
			t.Errorf("%q prints as %q", a, n)
		}
		if strings.ContainsAny(a, "/\\\x00 \n") || len(a) > 255 {
			t.Errorf("%q is no safe name for a file", a)
		}
		m, ok := parseName(b)
		if !ok {
			return
		}
		if there, back := n.version.compare(m.version), m.version.compare(n.version); there != -back || there == 0 && n.version.text != m.version.text {
			t.Errorf("%s against %s: %d and %d", n.version.text, m.version.text, there, back)
		}
		if slices.IsSortedFunc([]version{n.version, m.version}, version.compare) != (n.version.compare(m.version) <= 0) {
			t.Errorf("%s and %s have no order", n.version.text, m.version.text)
		}
	})
}

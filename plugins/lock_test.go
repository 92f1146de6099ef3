package plugins

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
)

// described is a description with something in every part.
func described(id, version string) Description {
	return Description{
		Info: providers.Info{
			ID: id, Name: "Acme <DNS> & more", NameServers: []string{"*.ns.acme.example"}, Panel: "https://acme.example/dns",
			Fields: []providers.Field{{Name: "token", Label: "API token", Secret: true}},
			Form:   providers.Form{Blank: true},
			Caps: providers.Caps{
				Grain: providers.GrainRRset, TTLs: []uint32{60, 300}, RefusedText: `"é`, Settle: 3 * time.Second,
				Rates: []providers.Rate{{Requests: 5, Per: time.Second}},
			},
		},
		Version: version,
		Hosts:   []string{"api.acme.example"},
	}
}

// built is what Pin makes of a binary with this content hash.
func built(id, version, goos, goarch, sum string) Build {
	n, ok := parseVersion(version)
	d := described(id, version)
	name := fileName{id: id, version: n, protocol: 1, os: goos, arch: goarch}.String()
	if _, valid := parseName(name); !ok || !valid {
		return Build{File: name}
	}
	return Build{
		ID: id, Version: version, Protocol: 1, OS: goos, Arch: goarch, File: name,
		SHA256: sum, Description: d, Digest: digest(d),
	}
}

var someSum = strings.Repeat("0a", 32)

func TestLockRoundTrip(t *testing.T) {
	l := Lock{
		Pin: map[string]string{"acme": "1.9.0"},
		Builds: []Build{
			built("zeta", "1.0.0", "linux", "amd64", someSum),
			built("acme", "1.10.0", "linux", "amd64", someSum),
			built("acme", "1.9.0", "windows", "amd64", someSum),
			built("acme", "1.9.0", "linux", "arm64", someSum),
		},
	}
	path := filepath.Join(t.TempDir(), LockFile)
	for range 2 { // over the first one, too
		if err := l.Write(path); err != nil {
			t.Fatal(err)
		}
	}
	got, err := ReadLock(path)
	if err != nil {
		t.Fatal(err)
	}
	want := Lock{Pin: l.Pin, Builds: []Build{l.Builds[3], l.Builds[2], l.Builds[1], l.Builds[0]}}
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("got - want +:\n%s", d)
	}
	if all, _ := os.ReadDir(filepath.Dir(path)); len(all) != 1 {
		t.Errorf("%d files, want the lock alone", len(all))
	}
}

// TestLockEmpty: no plugin is a lock as well.
func TestLockEmpty(t *testing.T) {
	path := filepath.Join(t.TempDir(), LockFile)
	if err := (Lock{}).Write(path); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadLock(path); err != nil || len(got.Builds) > 0 {
		t.Errorf("got %v %v", got, err)
	}
}

func TestLockWriteRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, LockFile)
	bad := built("acme", "1.0.0", "linux", "amd64", someSum)
	bad.Description.Info.Panel = "https://evil.example"
	if err := (Lock{Builds: []Build{bad}}).Write(path); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("got %v", err)
	}
	if all, _ := os.ReadDir(dir); len(all) > 0 {
		t.Errorf("%d files are left", len(all))
	}
	if err := (Lock{}).Write(filepath.Join(dir, "missing", LockFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing directory: got %v", err)
	}
}

func TestReadLockHostile(t *testing.T) {
	l := Lock{Pin: map[string]string{"acme": "1.2.3"}, Builds: []Build{built("acme", "1.2.3", "linux", "amd64", someSum)}}
	data, err := l.encode()
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	entry := good[strings.Index(good, "    {") : strings.LastIndex(good, "  ]")-1]
	tests := []struct {
		name, old, new string
		want           string // in the error
	}{
		{"as it was", "", "", ""},
		{"empty", good, "", "unexpected end"},
		{"null", good, "null", "format 0"},
		{"a list", good, "[]", "cannot unmarshal"},
		{"another format", `"format": 1`, `"format": 2`, "format 2, and this version reads format 1"},
		{"no format", `"format": 1,`, "", "format 0"},
		{"trailing text", good, good + "{}", "after top-level value"},
		{"unknown field", `"format": 1,`, `"format": 1, "signed": true,`, `unknown field "signed"`},
		{"unknown field in Info", `"name":`, `"mail": 1, "name":`, `unknown field "mail"`},
		{"key twice", `"sha256":`, `"sha256": "00", "sha256":`, `"sha256" stands twice`},
		{"key twice in another case", `"sha256":`, `"SHA256": "00", "sha256":`, `"sha256" stands twice`},
		{"key twice with a long s", `"sha256":`, `"\u017fha256": "00", "sha256":`, `"sha256" stands twice`},
		{"no UTF-8", "Acme", "\xff", "UTF-8"},
		{"entry twice", entry, entry + "," + entry, "stands there twice"},
		{"path in file", `"file": "`, `"file": "../`, "no plugin's name"},
		{"another id", `"id": "acme"`, `"id": "other"`, "name says something else"},
		{"another version", `"version": "1.2.3"`, `"version": "1.2.4"`, "name says something else"},
		{"another platform", `"os": "linux"`, `"os": "windows"`, "name says something else"},
		{"another protocol", `"protocol": 1`, `"protocol": 2`, "name says something else"},
		{"capitals in the hash", someSum, strings.ToUpper(someSum), "no SHA-256"},
		{"short hash", someSum, someSum[2:], "no SHA-256"},
		{"another description", "api.acme.example", "api.evil.example", "has the digest"},
		{"described as another", `"info": {
          "id": "acme"`, `"info": {
          "id": "cloudflare"`, `describes itself as "cloudflare"`},
		{"described as another version", `        "version": "1.2.3"`, `        "version": "1.2.4"`, `describes itself as version "1.2.4"`},
		{"choice of nothing", `"acme": "1.2.3"`, `"acme": "1.2.4"`, `chooses version "1.2.4"`},
		{"choice of a stranger", `"acme": "1.2.3"`, `"other": "1.2.3"`, `of "other"`},
		{"deep", good, strings.Repeat("[", 100_000), "exceeded max depth"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), LockFile)
			text := strings.Replace(good, tt.old, tt.new, 1)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := ReadLock(path)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path)):
				t.Errorf("got %v, want the path and %q", err, tt.want)
			}
		})
	}
}

func TestReadLockFiles(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadLock(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: got %v", err)
	}
	if _, err := ReadLock(dir); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a directory: got %v", err)
	}
	path := filepath.Join(dir, "long")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 1<<40); err != nil {
		t.Skip("no sparse files here")
	}
	if _, err := ReadLock(path); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a terabyte: got %v", err)
	}
}

func FuzzParseLock(f *testing.F) {
	data, err := Lock{Pin: map[string]string{"acme": "1.2.3"}, Builds: []Build{built("acme", "1.2.3", "linux", "amd64", someSum)}}.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"format":1,"plugins":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := parseLock(data)
		if err != nil {
			return
		}
		again, err := l.encode()
		if err != nil {
			t.Fatal(err)
		}
		m, err := parseLock(again)
		if err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		if third, _ := m.encode(); string(third) != string(again) {
			t.Errorf("written as\n%s\nand then as\n%s", again, third)
		}
	})
}

package plugins

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// asFile describes a binary as its content says: "ID VERSION".
func asFile(_ context.Context, binary string, _ Options) (Description, error) {
	data, err := os.ReadFile(binary)
	if err != nil {
		return Description{}, err
	}
	id, version, ok := strings.Cut(string(data), " ")
	if !ok {
		return Description{}, errors.New("it does not start")
	}
	d := described(id, version)
	d.SDK, d.Minor = "go1.26", 7
	return d, nil
}

// TestPin: what is pinned is what runs.
func TestPin(t *testing.T) {
	s := newShelf(t)
	for _, id := range []string{"zeta", "acme"} {
		for _, version := range []string{"1.10.0", "1.9.0"} {
			s.put(here(t, id, version), id+" "+version)
		}
	}
	s.put("README", "")
	s.put(strings.Replace(here(t, "acme", "2.0.0"), "_p1_", "_p2_", 1), "acme 2.0.0")
	s.put("mooring-plugin-acme_v1.9.0_p1_plan9_mips", "acme 1.9.0")
	s.lock = Lock{ // as it was made elsewhere, and of a file that is gone
		Pin:    map[string]string{"zeta": "1.9.0"},
		Builds: []Build{built("acme", "1.9.0", "plan9", "mips", someSum), built("gone", "1.0.0", runtime.GOOS, runtime.GOARCH, someSum), built("zeta", "1.9.0", "plan9", "mips", someSum)},
	}
	s.writeLock()
	o := Options{Dirs: []string{s.dir}, State: shortDir(t)}
	l, err := pin(t.Context(), o, asFile)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range l.Builds {
		got = append(got, b.ID+" "+b.Version+" "+b.OS)
	}
	want := []string{
		"acme 1.9.0 " + runtime.GOOS, "acme 1.9.0 plan9", "acme 1.10.0 " + runtime.GOOS,
		"zeta 1.9.0 " + runtime.GOOS, "zeta 1.9.0 plan9", "zeta 1.10.0 " + runtime.GOOS,
	}
	if runtime.GOOS > "plan9" {
		want[0], want[1], want[3], want[4] = want[1], want[0], want[4], want[3]
	}
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("got - want +:\n%s", d)
	}
	if err := l.Write(filepath.Join(s.dir, LockFile)); err != nil {
		t.Fatal(err)
	}
	all, err := programs(Options{Dirs: o.Dirs}, newState(t))
	if err != nil || len(all) != 2 || all[0].version != "1.10.0" || all[1].version != "1.9.0" {
		t.Errorf("got %+v %v", all, err)
	}
	if again, err := pin(t.Context(), o, asFile); err != nil || cmp.Diff(again, l) != "" {
		t.Errorf("pinned again: %v\n%s", err, cmp.Diff(again, l))
	}
}

func TestPinRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(s, other *shelf)
		text   string
	}{
		{"renamed", func(s, _ *shelf) { s.put(here(s.t, "acme", "1.0.0"), "other 1.0.0") }, `describes itself as "other"`},
		{"another version", func(s, _ *shelf) { s.put(here(s.t, "acme", "1.0.0"), "acme 1.0.1") }, `describes itself as version "1.0.1"`},
		{"no plugin", func(s, _ *shelf) { s.put(here(s.t, "acme", "1.0.0"), "") }, "it does not start"},
		{"two contents", func(s, other *shelf) {
			s.put(here(s.t, "acme", "1.0.0"), "acme 1.0.0")
			other.put(here(s.t, "acme", "1.0.0")+"x", "")
			other.put(here(s.t, "acme", "1.0.0"), "acme 1.0.0\n")
		}, "two contents"},
		{"chosen version is gone", func(s, _ *shelf) {
			s.put(here(s.t, "acme", "1.0.0"), "acme 1.0.0")
			s.lock = Lock{Pin: map[string]string{"acme": "0.9.0"}, Builds: []Build{built("acme", "0.9.0", runtime.GOOS, runtime.GOARCH, someSum)}}
			s.writeLock()
		}, `chooses version "0.9.0"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, other := newShelf(t), newShelf(t)
			s.put(here(t, "good", "1.0.0"), "good 1.0.0")
			tt.change(s, other)
			trim := func(ctx context.Context, binary string, o Options) (Description, error) {
				d, err := asFile(ctx, binary, o)
				if v := strings.TrimSpace(d.Version); err == nil && v != d.Version {
					d = described(d.Info.ID, v)
				}
				return d, err
			}
			l, err := pin(t.Context(), Options{Dirs: []string{s.dir, other.dir}, State: shortDir(t)}, trim)
			if err == nil || !strings.Contains(err.Error(), tt.text) || len(l.Builds) > 0 {
				t.Errorf("got %+v %v, want %q", l, err, tt.text)
			}
		})
	}
}

// TestPinFirst: a lock that is named and not there yet is what Pin is for.
func TestPinFirst(t *testing.T) {
	s := newShelf(t)
	s.put(here(t, "acme", "1.0.0"), "acme 1.0.0")
	o := Options{Dirs: []string{s.dir}, Lock: filepath.Join(s.dir, "new.json"), State: shortDir(t)}
	l, err := pin(t.Context(), o, asFile)
	if err != nil || len(l.Builds) != 1 {
		t.Errorf("got %+v %v", l, err)
	}
}

package plugins_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
)

// install puts the plugin into a directory, as the binary that this test is,
// and pins it.
func install(t testing.TB, version string) plugins.Options {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "plugins")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	o := plugins.Options{
		Dirs: []string{dir}, Lock: filepath.Join(dir, "plugins.lock.json"), State: stateDir(t),
		Args: map[string][]string{"evil": {"mooring-plugin", "evil"}},
	}
	place := binary(t, o, version)
	copyFile(t, os.Args[0], place)
	pin(t, o)
	return o
}

func binary(t testing.TB, o plugins.Options, version string) string {
	t.Helper()
	name, err := plugins.FileName("evil", version, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(o.Dirs[0], name)
}

func pin(t testing.TB, o plugins.Options) {
	t.Helper()
	lock, err := plugins.Pin(t.Context(), o)
	if err == nil {
		err = lock.Write(o.Lock)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		t.Fatal(err)
	}
}

// change changes the last octet of a file.
func change(t *testing.T, file string) {
	t.Helper()
	if err := os.Chmod(file, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil {
		t.Fatal(err)
	}
	last[0] ^= 1
	if _, err := f.WriteAt(last, info.Size()-1); err != nil {
		t.Fatal(err)
	}
}

func changedPinned(t *testing.T) {
	o := install(t, "1.0.0")
	o.Args["evil"] = append(o.Args["evil"], "changed")
	_, err := load(t, o).Drivers()[0].Open(providers.Credentials{"do": "nothing"})
	want(t, err, providers.Unavailable, providers.WroteNo, "plugin evil", "describes itself otherwise")
	if !errors.Is(err, plugins.ErrDescription) {
		t.Errorf("%v is no ErrDescription", err)
	}
}

func changedByte(t *testing.T) {
	o := install(t, "1.0.0")
	change(t, binary(t, o, "1.0.0"))
	h, err := plugins.Load(o)
	if !errors.Is(err, plugins.ErrTampered) {
		t.Errorf("Load is %v, want ErrTampered", err)
	}
	if h != nil {
		t.Error("there is a host")
	}
}

func changedCopy(t *testing.T) {
	o := install(t, "1.0.0")
	h := load(t, o)
	copies, err := filepath.Glob(filepath.Join(o.State, "store", "*", "*"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("the copies are %v, %v", copies, err)
	}
	change(t, copies[0])
	_, err = h.Drivers()[0].Open(providers.Credentials{"do": "nothing"})
	want(t, err, providers.Unavailable, providers.WroteNo, "plugin evil")
	if !errors.Is(err, plugins.ErrTampered) {
		t.Errorf("%v is no ErrTampered", err)
	}
}

// swappedSymlink: what is at the path of a binary after Load is of no effect, and
// a link there is refused at the next one.
func swappedSymlink(t *testing.T) {
	o := install(t, "1.0.0")
	h := load(t, o)
	file := binary(t, o, "1.0.0")
	if err := errors.Join(os.Remove(file), os.Symlink("/bin/true", file)); err != nil {
		t.Fatal(err)
	}
	if _, err := session(t, h.Drivers()[0], "nothing").Find(t.Context(), evilZone.Apex); err != nil {
		t.Errorf("the plugin that was pinned: %v", err)
	}
	if err := h.Reload(); !errors.Is(err, plugins.ErrUnsafe) {
		t.Errorf("Reload is %v, want ErrUnsafe", err)
	}
	if _, err := plugins.Load(o); !errors.Is(err, plugins.ErrUnsafe) {
		t.Errorf("Load is %v, want ErrUnsafe", err)
	}
}

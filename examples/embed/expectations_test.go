package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/verify"
)

// TestVerifyReadsNoLonger: what interrupts the program, or -timeout, also ends
// it while it waits for its list.
func TestVerifyReadsNoLonger(t *testing.T) {
	t.Parallel()
	silent := func(t *testing.T) (r, w *os.File) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = w.Close(), r.Close() })
		return r, w
	}
	for _, tt := range []struct {
		name, want string
		run        func(t *testing.T, verify func(ctx context.Context, in *os.File, args ...string))
	}{
		{"interrupted", "interrupted before the list was read; nothing was asked", func(t *testing.T, verify func(context.Context, *os.File, ...string)) {
			r, w := silent(t)
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				_, _ = w.WriteString(sound)
				cancel()
			}()
			verify(ctx, r, "-verify", "-")
		}},
		{"out of time", "the time of -timeout is over before the list was read", func(t *testing.T, verify func(context.Context, *os.File, ...string)) {
			r, _ := silent(t)
			verify(t.Context(), r, "-verify", "-", "-timeout", "10ms")
		}},
		{"a pipe without a writer", "the time of -timeout is over before the list was read", func(t *testing.T, verify func(context.Context, *os.File, ...string)) {
			pipe := filepath.Join(t.TempDir(), "list")
			if err := exec.CommandContext(t.Context(), "mkfifo", pipe).Run(); err != nil {
				t.Skip("no named pipe can be had: ", err)
			}
			verify(t.Context(), os.Stdin, "-verify", pipe, "-timeout", "10ms")
			if w, err := os.OpenFile(pipe, os.O_RDWR, 0); err == nil { // whoever waits for a writer has had one
				_ = w.Close()
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t, func(ctx context.Context, in *os.File, args ...string) {
				var out, progress bytes.Buffer
				code := run(ctx, args, verify.Options{}, in, &out, &progress)
				if code != exitNot || out.Len() > 0 || !strings.Contains(progress.String(), tt.want) {
					t.Errorf("exit %d, %q and %q, want %d and %q", code, out.String(), progress.String(), exitNot, tt.want)
				}
			})
		})
	}
}

// TestVerifyNamedPipe has a list in a pipe with a name, as shells make it of
// <(command).
func TestVerifyNamedPipe(t *testing.T) {
	t.Parallel()
	if !isLinux {
		t.Skip("not every system gives files of this process a name")
	}
	_, dns := listWorld(t, 0)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	go func() {
		_, _ = w.WriteString(sound)
		_ = w.Close()
	}()
	var out, progress bytes.Buffer
	if code := run(t.Context(), []string{"-verify", "/dev/fd/" + strconv.Itoa(int(r.Fd()))}, dns, os.Stdin, &out, &progress); code != exitConnected {
		t.Errorf("exit %d, want %d: %s", code, exitConnected, progress.String())
	}
}

// TestSpool: a copy has no name any more as soon as it is made, so that nothing
// is left however the program ends.
func TestSpool(t *testing.T) {
	t.Parallel()
	f, end, err := spool(t.Context(), strings.NewReader(sound))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.Name()); isLinux && !os.IsNotExist(err) {
		t.Errorf("%s: %v, want no such file", f.Name(), err)
	}
	if got, err := io.ReadAll(io.NewSectionReader(f, 0, maxLine)); err != nil || string(got) != sound {
		t.Errorf("%q %v, want %q", got, err, sound)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(f.Name()); !os.IsNotExist(err) {
		t.Errorf("%s: %v, want no such file", f.Name(), err)
	}
}

// TestListChanged: a list that another one is written over after it was checked
// ends, and says so.
func TestListChanged(t *testing.T) {
	t.Parallel()
	const more = "a.example A 192.0.2.1\n"
	for _, tt := range []struct {
		name, then string
		want       int
		says       string // "": nothing
	}{
		{"the same", sound, 3, ""},
		{"shorter", more, 1, "changed"},
		{"empty", "", 0, "changed"},
		{"longer", sound + more, 3, "changed"},
		{"spoilt", more + "b.example A\n" + more, 1, "list:2: want NAME TYPE VALUE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name := filepath.Join(t.TempDir(), "list")
			write := func(text string) {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write(sound)
			l, err := openExpectations(t.Context(), name, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.end() }()
			write(tt.then)
			n := 0
			for range l.requests() {
				n++
			}
			said := ""
			if l.spoilt != nil {
				said = l.spoilt.Error()
			}
			if n != tt.want || (said != "") != (tt.says != "") || !strings.Contains(said, tt.says) {
				t.Errorf("%d requests and %q, want %d and %q", n, said, tt.want, tt.says)
			}
		})
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/plugins"
)

// listed is one plugin that a directory has, or should have.
type listed struct {
	ID      string `json:"id,omitempty"`
	Version string `json:"version,omitempty"`
	File    string `json:"file,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
	State   string `json:"state"` // loaded, refused, or passed over
	Why     string `json:"why,omitempty"`
}

const (
	isLoaded   = "loaded"
	isRefused  = "refused"
	passedOver = "passed over"
)

// list loads what is in directories, and says what became of each file there.
func list(_ context.Context, t *tool, a *answer) error {
	if err := t.directories(); err != nil {
		return err
	}
	end, err := t.passing()
	defer end()
	if err != nil {
		return err
	}
	o, err := t.options()
	if err != nil {
		return err
	}
	h, refused := plugins.Load(o)
	if refused == nil {
		for _, s := range h.Status() {
			a.Plugins = append(a.Plugins, listed{ID: s.ID, Version: s.Version, File: s.Source, SHA256: s.SHA256, State: isLoaded})
		}
		if err := h.Close(); err != nil {
			return fmt.Errorf("embed: %w", err)
		}
	}
	for _, err := range leaves(refused) {
		l := listed{State: isRefused, Why: err.Error()}
		if r, ok := errors.AsType[*plugins.Refused](err); ok {
			l.ID, l.File, l.Why = r.ID, r.File, r.Err.Error()
		}
		a.Plugins = append(a.Plugins, l)
	}
	for _, dir := range o.Dirs {
		a.Plugins = append(a.Plugins, passed(dir, a.Plugins, refused != nil)...)
	}
	for _, l := range a.Plugins {
		t.say("%s", l)
	}
	if len(a.Plugins) == 0 {
		t.say("there is no plugin in %s", strings.Join(o.Dirs, ", "))
	}
	if refused != nil {
		return errors.New("embed: nothing is loaded while a plugin is refused")
	}
	return nil
}

func (l listed) String() string {
	const indent = "\n             "
	parts := slices.DeleteFunc([]string{l.ID, l.Version, l.File, strings.ReplaceAll(l.Why, "\n", indent)}, func(s string) bool { return s == "" })
	if n := len(parts) - 1; n > 0 && l.Why != "" {
		parts[n-1], parts = parts[n-1]+indent+parts[n], parts[:n]
	}
	return fmt.Sprintf("%-12s ", l.State) + strings.Join(parts, " ")
}

// passed is the files of a directory that look like plugins and of which
// nothing is known yet.
func passed(dir string, known []listed, refused bool) []listed {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // it was refused
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	var out []listed
	for _, e := range entries {
		path := filepath.Join(abs, e.Name())
		if !strings.HasPrefix(e.Name(), "mooring-plugin-") || slices.ContainsFunc(known, func(l listed) bool { return l.File == path }) {
			continue
		}
		why := "another version is loaded"
		switch platform := fmt.Sprintf("_p1_%s_%s", runtime.GOOS, runtime.GOARCH); {
		case !strings.HasSuffix(strings.TrimSuffix(e.Name(), ".exe"), platform):
			why = "it is for another platform or protocol, or its name is not that of a plugin: mooring-plugin-ID_vVERSION" + platform
		case !named(e.Name()):
			why = "its name is not that of a plugin: want mooring-plugin-ID_vVERSION" + platform + ", with an ID like example-host and a VERSION like 1.2.3"
		case refused:
			why = "nothing is known against it"
		}
		out = append(out, listed{File: path, State: passedOver, Why: why})
	}
	return out
}

// named reports whether a file of this platform has a plugin's name.
func named(file string) bool {
	id, rest, _ := strings.Cut(strings.TrimPrefix(file, "mooring-plugin-"), "_v")
	version, _, _ := strings.Cut(rest, "_")
	want, err := plugins.FileName(id, version, runtime.GOOS, runtime.GOARCH)
	return err == nil && want == file
}

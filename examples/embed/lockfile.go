package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/plugins"
)

// locked is what a lock is now, and what it was.
type locked struct {
	File    string   `json:"file"`
	Written bool     `json:"written"`
	Changes []change `json:"changes"`
	Pinned  int      `json:"pinned"`
}

// change is one build that a lock has, or has no more, or has otherwise.
type change struct {
	Kind    string   `json:"change"` // added, removed or replaced
	ID      string   `json:"id"`
	Version string   `json:"version"`
	File    string   `json:"file"`
	SHA256  string   `json:"sha256"`
	Digest  string   `json:"digest"`
	Was     *pin     `json:"was,omitempty"`     // where it is replaced
	Differs []string `json:"differs,omitempty"` // of the description
}

// pin is what a lock holds a build to.
type pin struct {
	SHA256 string `json:"sha256"`
	Digest string `json:"digest"`
}

// lock pins what is in directories, and shows what that changes.
func lock(ctx context.Context, t *tool, a *answer) error {
	if err := t.directories(); err != nil {
		return err
	}
	file := t.use.lock
	if file == "" && len(t.operands) > 1 {
		return usageError{errors.New("embed: plugins lock: several directories need -lock FILE, the one lock for all of them")}
	}
	if file == "" {
		file = filepath.Join(t.operands[0], plugins.LockFile)
	}
	old, err := plugins.ReadLock(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("embed: %w", err)
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
	o.Lock = file
	l, err := plugins.Pin(ctx, o)
	if err != nil {
		return fmt.Errorf("embed: nothing was written: %w", err)
	}
	var ids []string
	for _, b := range l.Builds {
		ids = append(ids, b.ID)
	}
	if err := t.use.strangers(slices.Compact(ids)); err != nil {
		return err
	}
	a.Lock = &locked{File: file, Changes: changes(old.Builds, l.Builds), Pinned: len(l.Builds)}
	t.showChanges(a.Lock.Changes)
	_, missing := os.Stat(file)
	switch {
	case len(a.Lock.Changes) == 0 && missing == nil:
		t.say("%s is as it must be: %s", file, counted(l.Builds))
		return nil
	case !t.yes && slices.ContainsFunc(a.Lock.Changes, func(c change) bool { return c.Was != nil || c.Kind == "removed" }):
		return errReplaces
	}
	if len(l.Builds) == 0 && missing != nil {
		return fmt.Errorf("embed: nothing was written: no plugin is in %s; embed plugins list says what is passed over", strings.Join(t.operands, ", "))
	}
	if err := l.Write(file); err != nil {
		return fmt.Errorf("embed: %w", err)
	}
	a.Lock.Written = true
	t.say("%s is written: %s", file, counted(l.Builds))
	return nil
}

func counted(builds []plugins.Build) string {
	if len(builds) == 1 {
		return "1 plugin is pinned"
	}
	return fmt.Sprintf("%d plugins are pinned", len(builds))
}

// changes is what differs between two locks, in the order of the new one.
func changes(old, now []plugins.Build) []change {
	was := map[string]plugins.Build{}
	for _, b := range old {
		was[b.File] = b
	}
	out := []change{}
	for _, b := range now {
		before, there := was[b.File]
		delete(was, b.File)
		c := change{Kind: "added", ID: b.ID, Version: b.Version, File: b.File, SHA256: b.SHA256, Digest: b.Digest}
		if there {
			if before.SHA256 == b.SHA256 && before.Digest == b.Digest {
				continue
			}
			c.Kind, c.Was, c.Differs = "replaced", &pin{before.SHA256, before.Digest}, differs(before.Description, b.Description)
		}
		out = append(out, c)
	}
	for _, b := range old {
		if _, gone := was[b.File]; gone {
			out = append(out, change{Kind: "removed", ID: b.ID, Version: b.Version, File: b.File, SHA256: b.SHA256, Digest: b.Digest})
		}
	}
	return out
}

func (t *tool) showChanges(all []change) {
	for _, c := range all {
		t.say("%-9s %s", c.Kind, c.File)
		if c.Was != nil {
			t.say("          SHA-256      %s\n          instead of   %s", c.SHA256, c.Was.SHA256)
		} else if c.Kind == "added" {
			t.say("          SHA-256      %s", c.SHA256)
		}
		for _, d := range c.Differs {
			t.say("          %s", d)
		}
	}
}

// differs is what two descriptions say differently, one line each.
func differs(old, now plugins.Description) []string {
	was, is := members(old), members(now)
	names := maps.Clone(was)
	maps.Copy(names, is)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if was[name] != is[name] {
			out = append(out, fmt.Sprintf("%s %s, instead of %s", name, orNothing(is[name]), orNothing(was[name])))
		}
	}
	return out
}

// members is a description by the names that its parts have in JSON.
func members(d plugins.Description) map[string]string {
	d.SDK, d.Minor = "", 0 // which are not pinned
	data, err := json.Marshal(d)
	if err != nil {
		return nil
	}
	out := map[string]string{}
	flatten(out, "", data)
	return out
}

func flatten(out map[string]string, prefix string, data json.RawMessage) {
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil || object == nil {
		out[strings.TrimSuffix(prefix, ".")] = string(data)
		return
	}
	for name, value := range object {
		flatten(out, prefix+name+".", value)
	}
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

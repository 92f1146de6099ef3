package plugins

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
)

// A candidate is a file that has the name of a plugin for this platform, and
// the build that a lock has for it.
type candidate struct {
	fileName
	dir   string
	file  string // without directory
	build *Build // nil: no lock names it
}

func (c candidate) path() string { return filepath.Join(c.dir, c.file) }

// A directory is one of Options.Dirs with what is in it.
type directory struct {
	lock  Lock
	found []candidate
}

// discover looks into every directory of the options, in their order. The
// error joins what is wrong with those that are not among the result.
func discover(o Options) ([]directory, error) {
	var whole *Lock
	if o.Lock != "" {
		l, err := safeLock(o.Lock)
		if err != nil {
			return nil, err
		}
		whole = &l
	}
	var all []directory
	var bad []error
	for _, dir := range o.Dirs {
		d, err := scan(dir, whole)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		all = append(all, d)
	}
	return all, errors.Join(bad...)
}

// scan reads one directory. Files with other names and for other platforms are
// nothing to it.
func scan(dir string, whole *Lock) (d directory, err error) {
	if dir, err = filepath.Abs(dir); err == nil {
		err = checkDir(dir)
	}
	if err != nil {
		return directory{}, fmt.Errorf("plugins: directory: %w", err)
	}
	if whole != nil {
		d.lock = *whole
	} else if d.lock, err = safeLock(filepath.Join(dir, LockFile)); err != nil && !missing(err) {
		return directory{}, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return directory{}, fmt.Errorf("plugins: directory: %w", err)
	}
	for _, e := range entries {
		if n, ok := parseName(e.Name()); ok && n.here() {
			d.found = append(d.found, candidate{fileName: n, dir: dir, file: e.Name(), build: d.lock.build(e.Name())})
		}
	}
	return d, nil
}

// build is what a lock says of a file; nil: nothing.
func (l Lock) build(file string) *Build {
	if i := slices.IndexFunc(l.Builds, func(b Build) bool { return b.File == file }); i >= 0 {
		return &l.Builds[i]
	}
	return nil
}

// pins merges the versions that the locks choose.
func pins(dirs []directory) (map[string]string, error) {
	all := map[string]string{}
	for _, d := range dirs {
		for id, v := range d.lock.Pin {
			if w, ok := all[id]; ok && w != v {
				return nil, fmt.Errorf("plugins: one lock chooses version %s of %s, and another %s", w, id, v)
			}
			all[id] = v
		}
	}
	return all, nil
}

// choose is the candidate of one plugin that runs: of this protocol, named by a
// lock, of the version chosen there or else the highest; of equal ones the
// first. Whether the file is as it should be is not asked before, so that a
// spoilt one gives no way to one of an older version.
func choose(found []candidate, pin string, unpinned bool) (candidate, error) {
	var best *candidate
	var bad []error
	for i := range found {
		c := &found[i]
		switch {
		case c.protocol != wire.Protocol:
			bad = append(bad, &Refused{ID: c.id, File: c.path(), Err: fmt.Errorf("it speaks protocol %d, and this program protocol %d: take a build for that", c.protocol, wire.Protocol)})
		case pin != "" && c.version.text != pin:
			bad = append(bad, &Refused{ID: c.id, File: c.path(), Err: fmt.Errorf("the lock chooses version %s (\"pin\"), of which no file is here", pin)})
		case c.build == nil && !unpinned:
			bad = append(bad, &Refused{ID: c.id, File: c.path(), Err: ErrNotPinned})
		case best == nil || c.version.compare(best.version) > 0:
			best = c
		}
	}
	if best == nil {
		return candidate{}, errors.Join(bad...)
	}
	return *best, nil
}

// group sorts what was found by plugin. A plugin that a lock has for this
// platform, and no directory, has no candidates.
func group(dirs []directory) map[string][]candidate {
	byID := map[string][]candidate{}
	for _, d := range dirs {
		for _, b := range d.lock.Builds {
			if _, ok := byID[b.ID]; !ok && b.Protocol == wire.Protocol && b.OS == runtime.GOOS && b.Arch == runtime.GOARCH {
				byID[b.ID] = nil
			}
		}
		for _, c := range d.found {
			byID[c.id] = append(byID[c.id], c)
		}
	}
	return byID
}

// gone is for a plugin without candidates.
func gone(id string, dirs []string) error {
	return &Refused{ID: id, Err: fmt.Errorf("the lock has it for %s/%s, and its file is not in %s: %w", runtime.GOOS, runtime.GOARCH, strings.Join(dirs, ", "), fs.ErrNotExist)}
}

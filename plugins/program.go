package plugins

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
)

// program is what a plugin's processes are started from.
type program struct {
	id, version string
	path        string            // what is executed: the private copy, or the host's own executable
	args        []string          // after the path
	sha256      string            // hex, of the content of path; "" for the host's own executable and in development
	want        string            // digest that the running plugin's description must have; "" where nothing is pinned
	known       *wire.Description // from the lock; nil where nothing is pinned
	source      string            // the file it came from, for people
	unpinned    bool              // in development: path is source, and its owner may build it anew at any time
	store       store             // of the private copy
}

// verify is called right before each start. It reads the private copy whole:
// one that is not what was pinned is refused, and one that was cleaned away is
// made again.
func (p program) verify() error {
	var err error
	switch {
	case p.sha256 != "":
		p.store.touch(p.sha256) // first, so that nobody removes it as an old one now
		if err = checkCopy(p.path, p.sha256); missing(err) {
			_, _, err = p.store.keep(p.source, p.sha256)
		}
	case p.unpinned:
		err = checkProgram(p.path)
	}
	if err != nil {
		return &Refused{ID: p.id, File: p.path, Err: err}
	}
	return nil
}

// checkProgram says what is unsafe about a file that nothing pins.
func checkProgram(path string) error {
	f, err := openProgram(path)
	if err != nil {
		return err
	}
	return f.Close()
}

// programs are the plugins in o.Dirs, one for each ID, sorted by it. The error
// joins every plugin that is refused, and what is wrong with directories and
// locks; the good ones are beside it.
func programs(o Options, s *state) ([]program, error) {
	dirs, err := discover(o)
	bad := []error{err}
	chosen, err := pins(dirs)
	if err != nil {
		return nil, errors.Join(append(bad, err)...)
	}
	var good []program
	found := group(dirs)
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if len(found[id]) == 0 {
			bad = append(bad, gone(id, o.Dirs))
			continue
		}
		c, err := choose(found[id], chosen[id], o.Unpinned)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		p, err := s.program(c)
		if err != nil {
			bad = append(bad, &Refused{ID: id, File: c.path(), Err: err})
			continue
		}
		p.args = slices.Clone(o.Args[id])
		good = append(good, p)
	}
	named := map[string]bool{}
	for _, d := range dirs {
		for _, b := range d.lock.Builds {
			named[b.SHA256] = true
		}
	}
	s.store.removeOld(named, time.Now())
	return good, errors.Join(bad...)
}

// program checks a candidate, and copies it if it is pinned.
func (s *state) program(c candidate) (program, error) {
	p := program{id: c.id, version: c.version.text, source: c.path(), store: s.store}
	if c.build == nil {
		p.path, p.unpinned = p.source, true
		return p, checkProgram(p.path)
	}
	known := wire.Description(c.build.Description)
	p.want, p.known = c.build.Digest, &known
	var err error
	p.path, p.sha256, err = s.store.keep(p.source, c.build.SHA256)
	return p, err
}

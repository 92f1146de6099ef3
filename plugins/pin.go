package plugins

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
)

// Pin makes the lock for what is in o.Dirs: it runs every binary for this
// platform once, to ask it what it is, and notes the answer with the SHA-256 of
// what was run. So it is for binaries that are trusted to be run.
//
// Of the locks that are there already it keeps the versions that they choose,
// and the builds for other platforms, which cannot be run here. The lock is
// returned and not written, and there is none if one binary is refused.
func Pin(ctx context.Context, o Options) (Lock, error) {
	return pin(ctx, o, Describe)
}

type describe func(ctx context.Context, binary string, o Options) (Description, error)

func pin(ctx context.Context, o Options, ask describe) (l Lock, err error) {
	if o.Lock != "" {
		if _, err := ReadLock(o.Lock); missing(err) { // the first time
			o.Lock = ""
		}
	}
	dirs, err := discover(o)
	if err != nil {
		return Lock{}, err
	}
	s, err := openState(o.State)
	if err != nil {
		return Lock{}, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if l.Pin, err = pins(dirs); err != nil {
		return Lock{}, err
	}
	builds := map[string]Build{}
	var bad []error
	for _, d := range dirs {
		for _, b := range d.lock.Builds {
			if b.OS != runtime.GOOS || b.Arch != runtime.GOARCH {
				bad = append(bad, add(builds, b))
			}
		}
		for _, c := range d.found {
			if c.protocol != wire.Protocol {
				continue
			}
			b, err := s.build(ctx, c, o, ask)
			if err == nil {
				err = add(builds, b)
			}
			if err != nil {
				bad = append(bad, &Refused{ID: c.id, File: c.path(), Err: err})
			}
		}
	}
	if err := errors.Join(bad...); err != nil {
		return Lock{}, err
	}
	l.Builds = slices.SortedFunc(maps.Values(builds), Build.compare)
	if err := l.check(); err != nil {
		return Lock{}, fmt.Errorf("plugins: the new lock: %w", err)
	}
	return l, nil
}

// build copies a candidate and describes the copy, so that what is noted is
// what was run.
func (s *state) build(ctx context.Context, c candidate, o Options, ask describe) (Build, error) {
	path, sum, err := s.store.keep(c.path(), "")
	if err != nil {
		return Build{}, err
	}
	d, err := ask(ctx, path, o)
	if err != nil {
		return Build{}, err
	}
	b := Build{
		ID: c.id, Version: c.version.text, Protocol: c.protocol, OS: c.os, Arch: c.arch,
		File: c.file, SHA256: sum, Description: d, Digest: digest(d),
	}
	return b, b.check()
}

// add refuses a second file of the same name with another content.
func add(builds map[string]Build, b Build) error {
	if have, ok := builds[b.File]; ok && have.SHA256 != b.SHA256 {
		return fmt.Errorf("%s is in two directories with two contents", b.File)
	}
	builds[b.File] = b
	return nil
}

package plugins

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
)

// A Lock names the plugins that may run, as plugins.lock.json holds it. A
// build is one file of one version for one platform.
type Lock struct {
	// Pin is the version that runs, by ID; without one it is the highest of
	// the builds that are there.
	Pin    map[string]string
	Builds []Build
}

// Build is one binary that may run, and what it said of itself when it was
// pinned.
type Build struct {
	ID          string      `json:"id"`
	Version     string      `json:"version"` // semantic, without "v"
	Protocol    int         `json:"protocol"`
	OS          string      `json:"os"` // as GOOS
	Arch        string      `json:"arch"`
	File        string      `json:"file"`   // without directory
	SHA256      string      `json:"sha256"` // of the file, in hex
	Digest      string      `json:"digest"` // of Description, in hex: of all but SDK and Minor
	Description Description `json:"description"`
}

// LockFile is the usual name of a lock.
const LockFile = "plugins.lock.json"

const (
	lockFormat = 1
	maxLock    = 16 << 20 // octets
)

// lockJSON is a Lock in its file.
type lockJSON struct {
	Format int               `json:"format"`
	Pin    map[string]string `json:"pin,omitempty"`
	Builds []Build           `json:"plugins"`
}

// ReadLock reads a lock's file of at most 16 MiB. It refuses what it does not
// know, what does not fit together, and descriptions that are not those of
// their digests.
func ReadLock(path string) (Lock, error) {
	l, err := readLock(path, func(fs.FileInfo) error { return nil })
	if err != nil {
		return Lock{}, fmt.Errorf("plugins: lock %s: %w", path, err)
	}
	return l, nil
}

// safeLock is ReadLock for a file that nobody else can change. It may be behind
// a symbolic link, as mounted configuration is.
func safeLock(path string) (Lock, error) {
	l, err := readLock(path, unchangeable)
	if err != nil {
		return Lock{}, fmt.Errorf("plugins: lock %s: %w", path, err)
	}
	return l, nil
}

func readLock(path string, check func(fs.FileInfo) error) (Lock, error) {
	fi, err := os.Stat(path)
	switch {
	case err != nil:
		return Lock{}, err
	case !fi.Mode().IsRegular(): // the open of a named pipe would wait
		return Lock{}, errors.New("no regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return Lock{}, err
	}
	defer func() { _ = f.Close() }()
	if fi, err = f.Stat(); err == nil {
		err = check(fi)
	}
	if err != nil {
		return Lock{}, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxLock+1))
	switch {
	case err != nil:
		return Lock{}, err
	case len(data) > maxLock:
		return Lock{}, fmt.Errorf("longer than %d octets", maxLock)
	}
	return parseLock(data)
}

// parseLock reads the content of a lock's file.
func parseLock(data []byte) (Lock, error) {
	var head struct {
		Format int `json:"format"`
	}
	if !utf8.Valid(data) {
		return Lock{}, errors.New("not UTF-8")
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Lock{}, err
	}
	if head.Format != lockFormat {
		return Lock{}, fmt.Errorf("format %d, and this version reads format %d", head.Format, lockFormat)
	}
	if err := onceEach(json.NewDecoder(bytes.NewReader(data))); err != nil {
		return Lock{}, err
	}
	var j lockJSON
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil {
		return Lock{}, err
	}
	l := Lock{Pin: j.Pin, Builds: j.Builds}
	return l, l.check()
}

// onceEach refuses an object that says something twice, in whatever case: a
// person reads the first, and the decoder takes the last.
func onceEach(d *json.Decoder) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string)
			folded := strings.ToLower(strings.ToUpper(name)) // which takes ſ for s, as the decoder does
			if seen[folded] {
				return fmt.Errorf("the key %.100q stands twice in one object", name)
			}
			seen[folded] = true
		}
		if err := onceEach(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// check says what does not fit together in a lock.
func (l Lock) check() error {
	files := map[string]bool{}
	versions := map[[2]string]bool{}
	for i, b := range l.Builds {
		if err := b.check(); err != nil {
			return fmt.Errorf("plugin %d (%.100q): %w", i+1, b.File, err)
		}
		if files[b.File] {
			return fmt.Errorf("%s stands there twice", b.File)
		}
		files[b.File] = true
		versions[[2]string{b.ID, b.Version}] = true
	}
	for _, id := range slices.Sorted(maps.Keys(l.Pin)) {
		if v := l.Pin[id]; !versions[[2]string{id, v}] {
			return fmt.Errorf("it chooses version %.100q of %.100q, and has no plugin of that version", v, id)
		}
	}
	return nil
}

func (b Build) check() error {
	n, ok := parseName(b.File)
	switch d := b.Description; {
	case !ok:
		return errors.New("its file has no plugin's name")
	case n.id != b.ID || n.version.text != b.Version || n.protocol != b.Protocol || n.os != b.OS || n.arch != b.Arch:
		return errors.New("its file's name says something else than the fields beside it")
	case !isSum(b.SHA256):
		return fmt.Errorf("%.100q is no SHA-256 in lower-case hex", b.SHA256)
	case d.Info.ID != b.ID:
		return fmt.Errorf("its file is that of %s, and it describes itself as %.100q", b.ID, d.Info.ID)
	case d.Version != b.Version:
		return fmt.Errorf("its file is of version %s, and it describes itself as version %.100q", b.Version, d.Version)
	}
	if got := digest(b.Description); got != b.Digest {
		return fmt.Errorf("its description has the digest %s, and not %.100q: take it out of the lock and pin it again", got, b.Digest)
	}
	return nil
}

func digest(d Description) string { return wire.Description(d).Digest() }

// Write puts the lock into a file, sorted, whole or not at all. It writes no
// lock that ReadLock refuses.
func (l Lock) Write(path string) error {
	if err := l.write(path); err != nil {
		return fmt.Errorf("plugins: lock %s: %w", path, err)
	}
	return nil
}

func (l Lock) write(path string) error {
	data, err := l.encode()
	if err != nil {
		return err
	}
	if _, err := parseLock(data); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already if renamed
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (l Lock) encode() ([]byte, error) {
	j := lockJSON{Format: lockFormat, Pin: l.Pin, Builds: slices.SortedFunc(slices.Values(l.Builds), Build.compare)}
	if j.Builds == nil {
		j.Builds = []Build{}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(j)
	return out.Bytes(), err
}

// compare orders builds as they stand in a lock.
func (b Build) compare(c Build) int {
	v, _ := parseVersion(b.Version)
	w, _ := parseVersion(c.Version)
	return cmp.Or(strings.Compare(b.ID, c.ID), v.compare(w), cmp.Compare(b.Protocol, c.Protocol),
		strings.Compare(b.OS, c.OS), strings.Compare(b.Arch, c.Arch))
}

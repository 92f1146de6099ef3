package memory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// load takes the zones from the file, or makes the file.
func (h *Host) load() error {
	data, err := os.ReadFile(h.opts.File)
	if errors.Is(err, fs.ErrNotExist) {
		return h.save()
	}
	var all []zone.Snapshot
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil {
		return fmt.Errorf("file %s: %w", h.opts.File, err)
	}
	clear(h.zones)
	for _, s := range all {
		h.put(s)
	}
	return nil
}

// save replaces the file as a whole, so that a process that is killed leaves
// the zones before the write or after it. The caller holds the lock.
func (h *Host) save() error {
	if h.opts.File == "" || h.broken != nil {
		return h.broken
	}
	all := make([]zone.Snapshot, 0, len(h.zones))
	for _, apex := range slices.Sorted(maps.Keys(h.zones)) {
		all = append(all, h.zones[apex].now)
	}
	data, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return fmt.Errorf("file %s: %w", h.opts.File, err)
	}
	f, err := os.CreateTemp(filepath.Dir(h.opts.File), ".memory-*")
	if err != nil {
		return fmt.Errorf("file %s: %w", h.opts.File, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once renamed
	_, err = f.Write(append(data, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), h.opts.File)
	}
	if err != nil {
		return fmt.Errorf("file %s: %w", h.opts.File, err)
	}
	return nil
}

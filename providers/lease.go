package providers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A Lease keeps the writers of other processes and machines out of a zone: an
// advisory lock of a database, a key in a store, a locked file. Account holds
// it for the whole of Transact and Recover.
//
// A Lease waits until key is free or ctx ends. The context it returns carries
// the values of ctx and does not end with it; it ends when the lease is lost,
// with the reason as its cause. Nothing is written from then on, and the run
// stays open for Recover. A write that is under way cannot be called back: a
// lease should outlast its loss by as long as a request takes. release is
// called once.
type Lease func(ctx context.Context, key string) (held context.Context, release func(), err error)

// LeaseDir is a Lease for the processes of one machine: a file of dir for each
// zone, locked by the operating system, which frees it when its process ends
// in whatever way. The files are empty and stay. Directories on a network are
// as good as their file locks.
func LeaseDir(dir string) Lease {
	return func(ctx context.Context, key string) (context.Context, func(), error) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, nil, fmt.Errorf("lease: %w", err)
		}
		sum := sha256.Sum256([]byte(key)) // a zone's ID may be no file name
		name := filepath.Join(dir, hex.EncodeToString(sum[:16])+".lock")
		for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
			f, err := lockFile(name)
			if err == nil {
				return context.WithoutCancel(ctx), func() { _ = f.Close() }, nil
			}
			if !errors.Is(err, errLocked) {
				return nil, nil, fmt.Errorf("lease: %w", err)
			}
			if err := sleep(ctx, pause); err != nil {
				return nil, nil, fmt.Errorf("lease: %s: %w", name, err)
			}
		}
	}
}

// errLocked is for a file that another process, or another Lease of this one,
// has locked.
var errLocked = errors.New("locked")

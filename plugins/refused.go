package plugins

import (
	"errors"
	"fmt"
)

// Why a plugin on disk is not run, for errors.Is.
var (
	// ErrTampered is for bytes that are not those of the lock.
	ErrTampered = errors.New("the content is not what was pinned")
	// ErrNotPinned is for a binary that no lock names.
	ErrNotPinned = errors.New("no lock names it")
	// ErrUnsafe is for a file or directory that somebody else can change, and for
	// what is no executable regular file.
	ErrUnsafe = errors.New("unsafe")
)

// Refused is a plugin that is not run.
type Refused struct {
	ID   string
	File string // path; "" where there is none
	Err  error  // the reason
}

func (r *Refused) Error() string {
	if r.File == "" {
		return fmt.Sprintf("plugin %s: %v", r.ID, r.Err)
	}
	return fmt.Sprintf("plugin %s: %s: %v", r.ID, r.File, r.Err)
}

func (r *Refused) Unwrap() error { return r.Err }

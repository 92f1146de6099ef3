package sdk

import (
	"context"
	"io"
	"sync"
)

// answer is the body of an answer, bounded in time by the context that cancel
// ends, and in length.
type answer struct {
	inner  io.ReadCloser
	cancel context.CancelFunc
	long   error // for a body that goes on

	mu     sync.Mutex
	rest   int64
	failed error
}

// Read fails where there is more than there may be; what came before was handed
// out.
func (a *answer) Read(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed != nil {
		return 0, a.failed
	}
	if int64(len(p)) > a.rest+1 {
		p = p[:a.rest+1]
	}
	n, err := a.inner.Read(p)
	if int64(n) > a.rest {
		n, err = int(a.rest), a.long
	}
	a.rest -= int64(n)
	if err != nil {
		a.failed = err
		a.cancel()
	}
	return n, err
}

func (a *answer) Close() error {
	err := a.inner.Close() // which ends a Read under way
	a.cancel()
	return err
}

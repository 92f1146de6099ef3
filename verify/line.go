package verify

import (
	"context"

	"github.com/mooring-dns/mooring/verify/internal/mux"
)

// line carries the queries of all calls that run at the same time. The Answer
// of a future's mux.Question is called exactly once for each ask.
type line interface {
	ask(ctx context.Context, f *future)
	cancel(f *future)
	close() // when nothing is under way any more; it waits until nothing of the line remains
}

// sockets is the line over UDP and TCP from this machine.
type sockets struct{ mux *mux.Mux }

func (s sockets) ask(_ context.Context, f *future) { s.mux.Ask(&f.mux) }
func (s sockets) cancel(f *future)                 { s.mux.Cancel(&f.mux) }
func (s sockets) close()                           { s.mux.Close() }

func (o Options) line() line {
	if o.Transport != nil {
		return &tunnel{carry: o.Transport, timeout: o.timeout()}
	}
	return sockets{mux.New(mux.Options{Timeout: o.timeout(), Budget: mux.Budget(o.Budget), Batch: true})}
}

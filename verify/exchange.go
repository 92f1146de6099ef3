package verify

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/internal/mux"
	"github.com/mooring-dns/mooring/verify/internal/wire"
)

type question struct {
	name      zone.Name
	typ       string
	recurse   bool // for a resolver
	unchecked bool // CD: the resolver is not to validate
	dnssec    bool // DO: with the records that prove what does not exist
}

// query is one question to one server.
type query struct {
	at netip.AddrPort
	question
}

var (
	errNowhere = errors.New("its address is not mapped to anything")
	errPrivate = errors.New("an address that the Internet does not route; it was not asked")
	errBudget  = errors.New("too many questions in one look")
	errCrowd   = errors.New("more name servers than one look asks")
)

// future is a query that is under way, or ended.
type future struct {
	query
	line line
	mux  mux.Question
	stop context.CancelFunc // of a tunnel

	mu    sync.Mutex
	ended bool
	tell  []chan<- *future
	wait  []*barrier
	r     reply
	err   error
}

// barrier wakes who waits for several futures once, when the last has ended.
type barrier struct {
	left atomic.Int32
	done chan struct{}
}

func (w *barrier) down() {
	if w.left.Add(-1) == 0 {
		close(w.done)
	}
}

// then sends the future to ch as soon as it has ended; ch has room for it.
func (f *future) then(ch chan<- *future) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		ch <- f
		return
	}
	f.tell = append(f.tell, ch)
}

func (f *future) end(r reply, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended, f.r, f.err = true, r, err
	for _, ch := range f.tell {
		ch <- f
	}
	for _, w := range f.wait {
		w.down()
	}
	f.tell, f.wait = nil, nil
}

// result is what came of it, if it has ended.
func (f *future) result() (r reply, err error, ended bool) { //nolint:revive // the error is a part of the value
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.r, f.err, f.ended
}

// await waits until all of them have ended, or ctx has.
func await(ctx context.Context, fs []*future) error {
	w := &barrier{done: make(chan struct{})}
	w.left.Store(int32(len(fs)) + 1)
	for _, f := range fs {
		f.mu.Lock()
		if f.ended {
			w.down()
		} else {
			f.wait = append(f.wait, w)
		}
		f.mu.Unlock()
	}
	w.down()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ask puts one question to one server and waits. What the call has heard from
// that server to the very same question counts as the answer, once.
func (c *call) ask(ctx context.Context, at netip.AddrPort, q question) (reply, error) {
	got := c.askAll(ctx, []query{{at, q}})[0]
	return got.r, got.err
}

// outcome is what came of one query.
type outcome struct {
	r   reply
	err error
}

// askAll is ask for many: all at once, and it waits for all.
func (c *call) askAll(ctx context.Context, qs []query) []outcome {
	fs := make([]*future, len(qs))
	for i, q := range qs {
		if fs[i] = c.credit(q); fs[i] == nil {
			fs[i] = c.submit(ctx, q)
		}
	}
	out := make([]outcome, len(qs))
	if err := await(ctx, fs); err != nil {
		for _, f := range fs {
			f.line.cancel(f)
		}
	}
	for i, f := range fs {
		r, err, ended := f.result()
		if ctx.Err() != nil && (!ended || errors.Is(err, mux.ErrCanceled)) {
			err = ctx.Err()
		}
		out[i] = outcome{r, err}
	}
	return out
}

// once is the future of a query that the call asks a single time: what it
// learns on the way serves whoever asks next.
func (c *call) once(ctx context.Context, q query) *future {
	c.mu.Lock()
	f := c.asked[q]
	c.mu.Unlock()
	if f != nil {
		return f
	}
	f = c.submit(ctx, q)
	c.mu.Lock()
	defer c.mu.Unlock()
	if first := c.asked[q]; first != nil {
		return first // two goroutines of a call ask the same at the same moment, which is rare
	}
	c.asked[q] = f
	return f
}

// credit is what once has heard to the query, the first time that anybody
// wants it: a walk that asks for a SOA record at an alias is told the alias,
// and a survey is told the name servers.
func (c *call) credit(q query) *future {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.asked[q]
	if f == nil && q.typ == "CNAME" {
		soa := q
		soa.typ = "SOA"
		f = c.asked[soa]
	}
	if f == nil || c.credited[q] {
		return nil
	}
	r, err, ended := f.result()
	if !ended || err != nil || f.typ != q.typ && len(ofType(r.answer, q.name, q.typ)) == 0 {
		return nil
	}
	c.credited[q] = true
	return f
}

// submit begins a query.
func (c *call) submit(ctx context.Context, q query) *future {
	f := &future{query: q, line: c.line}
	fail := func(err error) *future {
		f.end(reply{}, err)
		return f
	}
	switch {
	case !q.at.IsValid():
		return fail(errNowhere)
	case ctx.Err() != nil:
		return fail(ctx.Err())
	case c.queries.Add(1) > int64(c.v.opts.maxQueries()):
		c.queries.Add(-1) // it is not sent
		return fail(errBudget)
	}
	name, err := wire.AppendName(make([]byte, 0, len(q.name)+2), string(q.name))
	if err != nil {
		return fail(err)
	}
	select {
	case c.v.slots <- struct{}{}:
	case <-ctx.Done():
		return fail(ctx.Err())
	}
	f.mux = mux.Question{
		Server: q.at, Name: name, Type: typeNumber(q.typ),
		Recurse: q.recurse, Unchecked: q.unchecked, DNSSEC: q.dnssec,
		Answer: func(_ *mux.Question, a mux.Answer) { c.settle(f, a) },
	}
	c.mu.Lock()
	f.mux.Group = c.groups[q.at]
	c.sent = append(c.sent, f)
	c.mu.Unlock()
	c.line.ask(ctx, f)
	return f
}

// settle ends a future with what the line brought. It runs on the line's own
// goroutine and never blocks.
func (c *call) settle(f *future, a mux.Answer) {
	<-c.v.slots
	r, err := reply{}, a.Err
	if err == nil {
		r, err = parse(a.Msg)
	}
	r.how, r.spoofed, r.garbage = a.How, a.Spoofed, a.Garbage
	if a.Sent > 1 {
		c.queries.Add(int64(a.Sent - 1))
	}
	if !errors.Is(err, mux.ErrCanceled) {
		c.v.pace.note(f.at, a.RTT, err)
	}
	c.mu.Lock()
	m := c.manners[f.at]
	m.note(a)
	c.manners[f.at] = m
	c.mu.Unlock()
	f.end(r, err)
}

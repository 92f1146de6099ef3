package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"
)

// maxMisuse is how many faulty requests the error of a Batch names.
const maxMisuse = 16

// Progress is what a Batch has done.
type Progress struct {
	Done     int             `json:"done"`               // reports
	Right    int             `json:"right"`              // of them say propagated
	Faulty   int             `json:"faulty,omitempty"`   // requests that are misuse, so without a report
	Asked    int             `json:"asked"`              // messages sent for them
	Verdicts map[Verdict]int `json:"verdicts,omitempty"` // reports by verdict
	Elapsed  time.Duration   `json:"elapsed"`            // nanoseconds; only Batch sets it
}

// Add counts one report, for those who show the progress while it goes on.
func (p *Progress) Add(r Report) {
	p.Done++
	p.Asked += r.Queries
	if r.Verdict == Propagated {
		p.Right++
	}
	if p.Verdicts == nil {
		p.Verdicts = make(map[Verdict]int)
	}
	p.Verdicts[r.Verdict]++
}

// Batch looks once for each request, for many at once, and gives each report
// to tell as it comes, in no order: what it is about is in its Records. It
// takes a request only when it has room for it (Options.Together), so reqs may
// be endless, or read from a file; memory is bounded by that room. Requests for
// zones on the same servers share what is known of the way there, and the
// Budget of those servers.
//
// reqs runs in the calling goroutine, and tell in another one, never twice at
// once; a slow tell slows the Batch down. When Batch returns, tell has returned
// for the last time.
//
// The error joins what was misuse: the first 16 requests that could not be
// asked for at all, which keep no other from being. It is the error of ctx
// where that ended the Batch; looks that were under way then have no report. A
// reqs that waits for something must itself end with ctx.
func (v *Verifier) Batch(ctx context.Context, reqs iter.Seq[Request], tell func(Report)) (Progress, error) {
	_, end := v.begin() // what the looks share stays between them
	defer end()
	began := time.Now()
	b := batch{v: v, jobs: make(chan job), results: make(chan result)}
	told := make(chan struct{})
	go func() {
		defer close(told)
		for r := range b.results {
			b.count(r, tell)
		}
	}()
	func() {
		defer func() { // also where reqs panics
			close(b.jobs)
			b.workers.Wait()
			close(b.results)
			<-told
		}()
		b.feed(ctx, reqs)
	}()
	b.done.Elapsed = time.Since(began)
	return b.done, cmp.Or(ctx.Err(), errors.Join(b.misuse...))
}

// batch is one Batch under way.
type batch struct {
	v       *Verifier
	jobs    chan job // without room: a request is taken when somebody is there to work on it
	results chan result
	workers sync.WaitGroup

	done   Progress
	misuse []error
}

type job struct {
	number int // of the request, from 1
	req    Request
}

type result struct {
	number int
	report Report
	err    error // misuse
}

// feed hands the requests out until there are no more, or ctx ends.
func (b *batch) feed(ctx context.Context, reqs iter.Seq[Request]) {
	room := b.v.opts.together()
	n := 0
	for req := range reqs {
		n++
		j := job{n, req}
		if n <= room {
			b.workers.Go(func() { b.work(ctx) })
		}
		select {
		case b.jobs <- j:
		case <-ctx.Done():
			return
		}
	}
}

// work is one of those who look: what its stack has grown to serves for the
// next look, too.
func (b *batch) work(ctx context.Context) {
	for j := range b.jobs {
		r, err := b.v.Check(ctx, j.req)
		if ctx.Err() != nil {
			return
		}
		b.results <- result{j.number, r, err}
	}
}

func (b *batch) count(r result, tell func(Report)) {
	if r.err == nil {
		b.done.Add(r.report)
		tell(r.report)
		return
	}
	b.done.Faulty++
	if len(b.misuse) < maxMisuse {
		b.misuse = append(b.misuse, fmt.Errorf("request %d: %w", r.number, r.err))
	}
}

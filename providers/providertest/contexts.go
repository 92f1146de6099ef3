package providertest

import (
	"context"
	"fmt"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

var contextCases = []Case{
	{"context-ended", "A context that has ended is answered at once with Timeout, and nothing is written.", contextEnded},
	{"context-ends", "A context that ends while the host is silent ends the call at once.", contextEnds},
}

// prompt is how long a call may take after its context has ended.
const prompt = 2 * time.Second

// calls makes one call of each kind with ctx and judges each error.
func (e *env) calls(ctx context.Context, judge func(error) error) error {
	mine := e.txt("late", "must not be written")
	snap, err := e.raw()
	if err != nil {
		return err
	}
	for _, call := range []struct {
		name string
		do   func() error
	}{
		{"Find", func() error { _, err := e.session.Find(ctx, e.apex); return err }},
		{"Read", func() error { _, err := e.session.Read(ctx, e.zone); return err }},
		{"Write", func() error { return e.session.Write(ctx, e.zone, e.edit(snap, nil, &mine)) }},
	} {
		start := time.Now()
		err := call.do()
		if took := time.Since(start); took > prompt {
			return fmt.Errorf("%s took %s", call.name, took)
		}
		if err := judge(err); err != nil {
			return fmt.Errorf("%s: %w", call.name, err)
		}
	}
	return nil
}

func contextEnded(e *env) error {
	before, err := e.seed()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(e.ctx())
	cancel()
	if err := e.calls(ctx, func(err error) error { return nothingWritten(err, providers.Timeout) }); err != nil {
		return err
	}
	return e.holds(before)
}

func contextEnds(e *env) error {
	if e.h.Hang == nil {
		return notHere("the harness cannot make the host hang")
	}
	if _, err := e.seed(); err != nil {
		return err
	}
	snap, err := e.raw()
	if err != nil {
		return err
	}
	mine := e.txt("late", "may be written")
	e.h.Hang(e.t)
	for _, call := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"Find", func(ctx context.Context) error { _, err := e.session.Find(ctx, e.apex); return err }},
		{"Read", func(ctx context.Context) error { _, err := e.session.Read(ctx, e.zone); return err }},
		{"Write", func(ctx context.Context) error { return e.session.Write(ctx, e.zone, e.edit(snap, nil, &mine)) }},
	} {
		ctx, cancel := context.WithTimeout(e.ctx(), 50*time.Millisecond)
		start := time.Now()
		err := call.do(ctx)
		cancel()
		if took := time.Since(start); took > prompt {
			return fmt.Errorf("%s took %s", call.name, took)
		}
		if err := typed(err, providers.Timeout); err != nil {
			return fmt.Errorf("%s: %w", call.name, err)
		}
	}
	return nil
}

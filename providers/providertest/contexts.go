package providertest

import (
	"context"
	"errors"
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

// calls makes one call of each kind and judges its error. prepare is called
// once the suite needs nothing more of the host.
func (e *env) calls(prepare func(), limit func() (context.Context, context.CancelFunc), judge func(error) error) error {
	mine := e.txt("late", "must not be written")
	snap, err := e.raw()
	if err != nil {
		return err
	}
	ed := e.edit(snap, nil, &mine)
	prepare()
	for _, call := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"Find", func(ctx context.Context) error { _, err := e.session.Find(ctx, e.apex); return err }},
		{"Read", func(ctx context.Context) error { _, err := e.session.Read(ctx, e.zone); return err }},
		{"Write", func(ctx context.Context) error { return e.session.Write(ctx, e.zone, ed) }},
	} {
		ctx, cancel := limit()
		answer := make(chan error, 1) // a driver that never returns must not hold up the suite
		go func() { answer <- call.do(ctx) }()
		err := errors.New("no answer")
		select {
		case err = <-answer:
			err = judge(err)
		case <-time.After(prompt):
		}
		cancel()
		if err != nil {
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
	err = e.calls(func() {}, func() (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(e.ctx())
		cancel()
		return ctx, cancel
	}, func(err error) error { return nothingWritten(err, providers.Timeout) })
	if err != nil {
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
	return e.calls(func() { e.h.Hang(e.t) }, func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(e.ctx(), 50*time.Millisecond)
	}, func(err error) error { return typed(err, providers.Timeout) })
}

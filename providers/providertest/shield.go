package providertest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// shield is a driver whose panics are errors, in whatever goroutine they come
// about, and whose calls end: one of these must fail its case and not hold up
// or end the run.
type shield struct {
	driver providers.Driver
	env    *env
}

// caught makes a panic of the named method an error, and the case fail.
func (e *env) caught(method string, err *error) {
	if v := recover(); v != nil {
		text := e.redacted(fmt.Sprintf("the driver panicked in %s: %v", method, v))
		stack := e.redacted(string(debug.Stack()))
		e.mu.Lock()
		if !e.over { // a call that was given up may panic long after
			e.t.Logf("%s\n%s", text, stack)
		}
		e.mu.Unlock()
		*err = e.broke(text)
	}
}

// broke notes that the driver did what no error of its own could say.
func (e *env) broke(text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.breaks = append(e.breaks, text)
	return errors.New(text)
}

// grace is how long a call may go on after its context has ended until it is
// given up. The cases on contexts ask for more haste.
const grace = 5 * time.Second

// bounded makes a call of a driver that may panic, and may never return.
func bounded[T any](ctx context.Context, e *env, method string, call func() (T, error)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() { done <- a }()
		defer e.caught(method, &a.err)
		a.v, a.err = call()
	}()
	select {
	case a := <-done:
		return a.v, a.err
	case <-ctx.Done():
	}
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case a := <-done:
		return a.v, a.err
	case <-t.C:
		var none T
		return none, e.broke(fmt.Sprintf("%s did not return within %s of the end of its context", method, grace))
	}
}

func (s shield) Info() (i providers.Info) {
	var err error
	defer s.env.caught("Info", &err)
	return s.driver.Info()
}

// Open gives a session that has the optional powers of the driver's own.
func (s shield) Open(c providers.Credentials) (_ providers.Session, err error) {
	defer s.env.caught("Open", &err)
	inner, err := s.driver.Open(c)
	if err != nil {
		return nil, err
	}
	var l providers.Lister
	if lister, ok := inner.(providers.Lister); ok {
		l = shieldLister{lister, s.env}
	}
	var k providers.Checker
	if checker, ok := inner.(providers.Checker); ok {
		k = shieldChecker{checker, s.env}
	}
	return withPowers(shieldSession{inner, s.env}, l, k), nil
}

// withPowers is a session that has these optional powers; nil is one that it
// does not have.
func withPowers(s providers.Session, l providers.Lister, c providers.Checker) providers.Session {
	switch {
	case l != nil && c != nil:
		return struct {
			providers.Session
			providers.Lister
			providers.Checker
		}{s, l, c}
	case l != nil:
		return struct {
			providers.Session
			providers.Lister
		}{s, l}
	case c != nil:
		return struct {
			providers.Session
			providers.Checker
		}{s, c}
	}
	return s
}

type shieldSession struct {
	session providers.Session
	env     *env
}

func (s shieldSession) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	return bounded(ctx, s.env, "Find", func() (providers.Zone, error) { return s.session.Find(ctx, apex) })
}

func (s shieldSession) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	return bounded(ctx, s.env, "Read", func() (zone.Snapshot, error) { return s.session.Read(ctx, z) })
}

func (s shieldSession) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	_, err := bounded(ctx, s.env, "Write", func() (struct{}, error) { return struct{}{}, s.session.Write(ctx, z, e) })
	return err
}

type shieldLister struct {
	lister providers.Lister
	env    *env
}

func (s shieldLister) List(ctx context.Context) ([]providers.Zone, error) {
	return bounded(ctx, s.env, "List", func() ([]providers.Zone, error) { return s.lister.List(ctx) })
}

type shieldChecker struct {
	checker providers.Checker
	env     *env
}

func (s shieldChecker) Check(ctx context.Context) error {
	_, err := bounded(ctx, s.env, "Check", func() (struct{}, error) { return struct{}{}, s.checker.Check(ctx) })
	return err
}

package sdk

import (
	"context"
	"fmt"
	"io"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// guard is a session in one call: it counts the turns of its requests, takes
// credentials out of its errors, and gives up a session that panics. The panic
// itself goes on to the wire, which answers the call with it.
type guard struct {
	sessions *sessions
	entry    *entry
}

// Format prints no credentials.
func (g guard) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "session of a plugin") }

// session is the guard with the powers that the session behind it has.
func (g guard) session() providers.Session {
	_, lists := g.entry.session.(providers.Lister)
	_, checks := g.entry.session.(providers.Checker)
	switch {
	case lists && checks:
		return struct {
			guard
			lister
			checker
		}{g, lister{g}, checker{g}}
	case lists:
		return struct {
			guard
			lister
		}{g, lister{g}}
	case checks:
		return struct {
			guard
			checker
		}{g, checker{g}}
	}
	return g
}

// call makes one call of the session.
func (g guard) call(ctx context.Context, wrote providers.Wrote, f func(context.Context) error) error {
	whole := false
	defer func() {
		if !whole { // it panics, or its goroutine ends
			g.sessions.drop(g.entry)
		}
	}()
	err := f(account(ctx))
	if err != nil {
		err = cleanError(err, wrote, g.entry.secrets()) // the error of a panicking session may panic too
	}
	whole = true
	return err
}

func (g guard) Find(ctx context.Context, apex zone.Name) (z providers.Zone, err error) {
	err = g.call(ctx, providers.WroteNo, func(ctx context.Context) (err error) {
		z, err = g.entry.session.Find(ctx, apex)
		return err
	})
	return z, err
}

func (g guard) Read(ctx context.Context, z providers.Zone) (snap zone.Snapshot, err error) {
	err = g.call(ctx, providers.WroteNo, func(ctx context.Context) (err error) {
		snap, err = g.entry.session.Read(ctx, z)
		return err
	})
	return snap, err
}

func (g guard) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	return g.call(ctx, providers.WroteUnknown, func(ctx context.Context) error { return g.entry.session.Write(ctx, z, e) })
}

type lister struct{ g guard }

func (l lister) List(ctx context.Context) (zones []providers.Zone, err error) {
	err = l.g.call(ctx, providers.WroteNo, func(ctx context.Context) (err error) {
		zones, err = l.g.entry.session.(providers.Lister).List(ctx)
		return err
	})
	return zones, err
}

type checker struct{ g guard }

func (c checker) Check(ctx context.Context) error {
	return c.g.call(ctx, providers.WroteNo, c.g.entry.session.(providers.Checker).Check)
}

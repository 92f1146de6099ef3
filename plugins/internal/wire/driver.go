package wire

import (
	"context"
	"fmt"
	"io"
	"maps"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Caller brings a call to a process that is up.
type Caller interface {
	// Info is that of the driver. It does no I/O.
	Info() providers.Info
	// Call calls f with the process that is to do it, once or, where none is to
	// be had, never. Its errors are *providers.Error.
	Call(ctx context.Context, of providers.Credentials, f func(context.Context, *Client) error) error
}

// NewDriver is a driver whose sessions are elsewhere.
func NewDriver(c Caller) providers.Driver { return driver{c} }

type driver struct{ caller Caller }

func (d driver) Info() providers.Info { return d.caller.Info() }

// Open asks the plugin, since only its driver knows the form of credentials.
func (d driver) Open(c providers.Credentials) (providers.Session, error) {
	s := session{caller: d.caller, creds: maps.Clone(c)}
	var p Powers
	err := d.caller.Call(context.Background(), s.creds, func(ctx context.Context, client *Client) (err error) {
		p, err = client.Open(ctx, s.creds)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.with(p), nil
}

// session is an account that is opened anew, or found, with every call.
type session struct {
	caller Caller
	creds  providers.Credentials
}

// Format prints the driver's ID whatever the verb: a session holds secrets.
func (s session) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "session at "+s.caller.Info().ID)
}

func (s session) with(p Powers) providers.Session {
	switch {
	case p.Lists && p.Checks:
		return struct {
			session
			lister
			checker
		}{s, lister{s}, checker{s}}
	case p.Lists:
		return struct {
			session
			lister
		}{s, lister{s}}
	case p.Checks:
		return struct {
			session
			checker
		}{s, checker{s}}
	}
	return s
}

func (s session) Find(ctx context.Context, apex zone.Name) (z providers.Zone, err error) {
	err = s.caller.Call(ctx, s.creds, func(ctx context.Context, c *Client) (err error) {
		z, err = c.Find(ctx, s.creds, apex)
		return err
	})
	return z, err
}

func (s session) Read(ctx context.Context, z providers.Zone) (snap zone.Snapshot, err error) {
	err = s.caller.Call(ctx, s.creds, func(ctx context.Context, c *Client) (err error) {
		snap, err = c.Read(ctx, s.creds, z)
		return err
	})
	return snap, err
}

func (s session) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	return s.caller.Call(ctx, s.creds, func(ctx context.Context, c *Client) error { return c.Write(ctx, s.creds, z, e) })
}

type lister struct{ s session }

func (l lister) List(ctx context.Context) (zones []providers.Zone, err error) {
	err = l.s.caller.Call(ctx, l.s.creds, func(ctx context.Context, c *Client) (err error) {
		zones, err = c.List(ctx, l.s.creds)
		return err
	})
	return zones, err
}

type checker struct{ s session }

func (k checker) Check(ctx context.Context) error {
	return k.s.caller.Call(ctx, k.s.creds, func(ctx context.Context, c *Client) error { return c.Check(ctx, k.s.creds) })
}

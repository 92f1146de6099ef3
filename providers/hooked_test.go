package providers_test

import (
	"context"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// hooked is a driver that asks hook first, with the method's name.
type hooked struct {
	providers.Driver
	info func(*providers.Info) // nil: as it is
	hook func(ctx context.Context, method string, c providers.Credentials) error
}

func (d hooked) Info() providers.Info {
	i := d.Driver.Info()
	if d.info != nil {
		d.info(&i)
	}
	return i
}

func (d hooked) Open(c providers.Credentials) (providers.Session, error) {
	if err := d.hook(context.Background(), "Open", c); err != nil {
		return nil, err
	}
	s, err := d.Driver.Open(c)
	return hookedSession{s, d, c}, err
}

type hookedSession struct {
	providers.Session
	d hooked
	c providers.Credentials
}

func (s hookedSession) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	if err := s.d.hook(ctx, "Find", s.c); err != nil {
		return providers.Zone{}, err
	}
	return s.Session.Find(ctx, apex)
}

func (s hookedSession) Check(ctx context.Context) error { return s.d.hook(ctx, "Check", s.c) }

func (s hookedSession) List(ctx context.Context) ([]providers.Zone, error) {
	if err := s.d.hook(ctx, "List", s.c); err != nil {
		return nil, err
	}
	return s.Session.(providers.Lister).List(ctx)
}

func (s hookedSession) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	if err := s.d.hook(ctx, "Read", s.c); err != nil {
		return zone.Snapshot{}, err
	}
	return s.Session.Read(ctx, z)
}

func (s hookedSession) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	if err := s.d.hook(ctx, "Write", s.c); err != nil {
		return err
	}
	return s.Session.Write(ctx, z, e)
}

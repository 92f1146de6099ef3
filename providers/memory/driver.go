package memory

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Driver speaks to a Host. Without one it describes itself and opens nothing.
type Driver struct {
	Host *Host
}

func (d Driver) Info() providers.Info {
	if d.Host == nil {
		return Options{}.info()
	}
	return d.Host.opts.info()
}

// Open checks that the token is there, where the host asks for one. Whether
// it is the right one is found out by the first request, as at a real host.
func (d Driver) Open(c providers.Credentials) (providers.Session, error) {
	if d.Host == nil {
		return nil, refuse(providers.Unavailable, "the driver has no host")
	}
	if err := c.Missing(d.Info().Fields); err != nil {
		return nil, err
	}
	return &session{host: d.Host, token: c["token"]}, nil
}

type session struct {
	host  *Host
	token string
}

// begin is what every request meets first.
func (s *session) begin(ctx context.Context) error {
	if ctx.Err() != nil {
		return timeout(ctx, providers.WroteNo)
	}
	want := s.host.opts.Token
	if want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(s.token)) == 0 {
		return refuse(providers.InvalidCredentials, "the token is not valid")
	}
	return nil
}

// reading is begin with the fault of reads.
func (s *session) reading(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	f := s.host.readingFault()
	if err := f.wait(ctx, providers.WroteNo); err != nil {
		return err
	}
	return f.err()
}

// Check implements providers.Checker.
func (s *session) Check(ctx context.Context) error { return s.reading(ctx) }

func (s *session) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	if err := s.reading(ctx); err != nil {
		return providers.Zone{}, err
	}
	snap, err := s.host.read(apex)
	if err != nil {
		return providers.Zone{}, err
	}
	return s.zone(snap), nil
}

// List implements providers.Lister.
func (s *session) List(ctx context.Context) ([]providers.Zone, error) {
	if err := s.reading(ctx); err != nil {
		return nil, err
	}
	s.host.mu.Lock()
	defer s.host.mu.Unlock()
	var out []providers.Zone
	for _, z := range s.host.zones {
		out = append(out, s.zone(z.now))
	}
	slices.SortFunc(out, func(a, b providers.Zone) int { return cmp.Compare(a.Apex, b.Apex) })
	return out, nil
}

// zone describes a zone. Its name servers are those of its NS records.
func (s *session) zone(snap zone.Snapshot) providers.Zone {
	z := providers.Zone{ID: "memory:" + string(snap.Zone), Apex: snap.Zone, Caps: s.host.opts.caps()}
	for _, r := range snap.Set(snap.Zone, "NS") {
		if n, ok := r.Target(); ok {
			z.NameServers = append(z.NameServers, n)
		}
	}
	return z
}

func (s *session) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	if err := s.reading(ctx); err != nil {
		return zone.Snapshot{}, err
	}
	snap, err := s.host.read(z.Apex)
	if err != nil {
		return zone.Snapshot{}, err
	}
	snap.Records = slices.Clone(snap.Records)
	return snap, nil
}

func (s *session) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	n, f, hooks := s.host.writing()
	if !f.Land {
		if err := f.wait(ctx, providers.WroteUnknown); err != nil {
			return err
		}
	}
	if hooks.Before != nil {
		if err := hooks.Before(n, e); err != nil {
			return err
		}
	}
	if !f.Land && f.Code != "" {
		return f.err()
	}
	if err := s.host.land(z.Apex, e); err != nil {
		return err
	}
	if hooks.After != nil {
		if err := hooks.After(n, e); err != nil {
			return err
		}
	}
	if !f.Land {
		return nil
	}
	if err := f.wait(ctx, providers.WroteUnknown); err != nil {
		return err
	}
	return f.err()
}

// refuse is an error after which the zone is as it was.
func refuse(code providers.Code, format string, args ...any) error {
	return &providers.Error{Code: code, Err: fmt.Errorf(format, args...)}
}

func timeout(ctx context.Context, wrote providers.Wrote) error {
	err := errors.Join(errors.New("given up"), context.Cause(ctx))
	return &providers.Error{Code: providers.Timeout, Wrote: wrote, Err: err}
}

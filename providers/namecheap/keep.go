package namecheap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// keepTime bounds the keeping of SRV records, which goes on when the caller has
// given up: by then the hosts are written.
const keepTime = 30 * time.Second

// keepTurns is how many requests the keeping of SRV records may take: looking,
// putting back, looking again.
const keepTurns = 3

// keepServices looks whether the SRV records outlived a setHosts, and puts them
// back where they are all gone. Nobody documents what setHosts does to them. wrote
// is what became of setHosts: one whose answer was lost may have landed too, and
// then the loss is not to go unsaid. What else has become of the SRV records,
// somebody in the web console has done, and it stands.
func (s *session) keepServices(ctx context.Context, d domain, before []service, wrote error) error {
	if e, ok := errors.AsType[*providers.Error](wrote); len(before) == 0 || ok && e.Wrote == providers.WroteNo {
		return wrote
	}
	ctx, cancel := context.WithTimeout(atOnce{context.WithoutCancel(ctx)}, keepTime)
	defer cancel()
	now, err := s.services(ctx, d)
	lost := err == nil && len(now) == 0
	if lost {
		if err = s.setServices(ctx, d, before); err == nil {
			now, err = s.services(ctx, d)
		}
	}
	switch {
	case err != nil:
		return worse(wrote, lost, fmt.Errorf("the SRV records of the zone may be lost: look at %s: %w", panel, err), err)
	case !same(now, before) && lost:
		return worse(wrote, lost, errors.New("the SRV records of the zone are lost, though the host says that it has put them back: look at "+panel), nil)
	case !same(now, before):
		return worse(wrote, lost, errors.New("the SRV records of the zone are not what they were before, and were left so: look at "+panel), nil)
	}
	return wrote
}

// worse is what became of setHosts, with what is wrong with the SRV records. That
// they are gone says that setHosts landed, whatever became of its answer.
func worse(wrote error, lost bool, what, cause error) error {
	out := &providers.Error{Code: providers.Conflict, Wrote: providers.WroteYes, Err: fmt.Errorf("the hosts are written, and %w", what)}
	if cause != nil {
		out.Code = providers.CodeOf(cause)
	}
	if e, ok := errors.AsType[*providers.Error](cause); ok {
		out.RetryAfter = e.RetryAfter
	}
	if e, ok := errors.AsType[*providers.Error](wrote); ok {
		out.Code, out.RetryAfter, out.Err = e.Code, max(e.RetryAfter, out.RetryAfter), fmt.Errorf("%w; and %w", e.Err, what)
		if !lost {
			out.Wrote = e.Wrote
		}
	}
	return out
}

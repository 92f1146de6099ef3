package plan_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// shrunk is the terms that shorter ones stand for, because somebody decided so.
func shrunk(p plan.Plan) []string {
	decided := slices.ContainsFunc(p.Conflicts, func(c plan.Conflict) bool {
		return (c.Code == plan.SPFLookups || c.Code == plan.SPFLength) && c.Answer == "shrink" && c.By == "decision"
	})
	var out []string
	for _, e := range p.SPF {
		for _, t := range e.Shrunk {
			if decided {
				out = append(out, strings.TrimPrefix(strings.ToLower(t), "+"))
			}
		}
	}
	return out
}

// probes is senders inside and outside of everything that the records of these
// tests name.
func probes() []netip.Addr {
	var out []netip.Addr
	for _, s := range []string{
		"192.0.2.1", "192.0.2.129", "192.0.2.200", "198.51.100.7", "198.51.100.25", "198.51.100.99", "203.0.113.1", "203.0.113.7",
		"203.0.113.200", "2001:db8::1", "2001:db8:1::1", "2001:db9::1", "8.8.8.8",
	} {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

// sameSenders reports who may no longer send by one record that may by the
// other, as receivers without limits see it.
func sameSenders(w world, before, after string) error {
	for _, ip := range probes() {
		was, is := w.send(before, ip), w.send(after, ip)
		if was == spf.Pass && is != spf.Pass {
			return fmt.Errorf("spf: %s may send by %q and has %s by %q", ip, before, is, after)
		}
	}
	return nil
}

func (w world) send(record string, ip netip.Addr) spf.Outcome {
	const many = 100
	c := spf.Checker{Resolver: standing{w, record}, MaxLookups: many, MaxVoids: many}
	return c.CheckHost(context.Background(), ip, string(domain), "post@"+string(domain), string(domain)).Outcome
}

// standing is DNS with one SPF record at the domain, whatever stands there.
type standing struct {
	world  world
	record string
}

func (s standing) Lookup(_ context.Context, q spf.Question) spf.Answer {
	if q.Name == string(domain) && q.Type == "TXT" {
		return spf.Answer{Status: spf.Found, Values: []string{s.record}}
	}
	f := s.world.answer(plan.Question{Name: zone.Name(q.Name), Type: q.Type})
	a := spf.Answer{Status: map[plan.FactStatus]spf.Status{plan.Found: spf.Found, plan.NoData: spf.NoData, plan.NXDomain: spf.NXDomain}[f.Status]}
	for _, r := range f.Records {
		v := r.Text()
		if t, ok := r.Target(); ok {
			v = string(t)
		}
		a.Values = append(a.Values, v)
	}
	return a
}

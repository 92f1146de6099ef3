package verify

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// maxChain is how many aliases in a row are followed. Resolvers have bounds of
// their own, of this order.
const maxChain = 16

// chain is where a row of aliases leads.
type chain struct {
	names []zone.Name // in their order, without the owner of the first alias
	loop  bool        // the last name was there before
	addrs []netip.Addr
	end   Status // of the last name; empty where it was not asked for
}

// follow puts a chain together from what was heard. Several servers may have
// told of one name.
func follow(facts []Heard, owner, target zone.Name) chain {
	var c chain
	for name := target; ; {
		c.loop = name == owner || slices.Contains(c.names, name)
		c.names = append(c.names, name)
		if c.loop || len(c.names) > maxChain+1 {
			return c
		}
		var next zone.Name
		for _, h := range facts {
			if h.Purpose != ForTarget || h.Name != name || h.Status == Failed {
				continue
			}
			if c.end == "" || h.Status == Found {
				c.end = h.Status
			}
			for _, r := range h.Records {
				if t, ok := r.Target(); ok && r.Type == "CNAME" && next == "" {
					next = t
				}
			}
			c.addrs = append(c.addrs, addressesOf(h.Records)...)
		}
		if next == "" {
			return c
		}
		name, c.end = next, ""
	}
}

// askTargets asks where the CNAMEs lead in whose place one of the pairs has just
// brought addresses.
func (c *call) askTargets(ctx context.Context, l *look, pairs []*pair) {
	for _, e := range l.expect {
		target, ok := e.Record.Target()
		if e.Gone || !ok || e.Record.Type != "CNAME" {
			continue
		}
		var types []string
		for _, p := range pairs {
			for _, r := range p.got[0].recs {
				if _, ok := r.Addr(); ok && p.key == e.Record.Key() && !slices.Contains(types, r.Type) {
					types = append(types, r.Type)
				}
			}
		}
		for _, typ := range types {
			l.facts = append(l.facts, c.chase(ctx, "", target, typ, servedBy)...)
		}
	}
}

// servedBy is how many servers of a target's zone are asked: hosts spread their
// addresses over their servers.
const servedBy = 3

// chase follows aliases from target on, and asks up to so many servers for each.
func (c *call) chase(ctx context.Context, owner, target zone.Name, typ string, servers int) []Heard {
	var out []Heard
	for ch := follow(nil, owner, target); !ch.loop && len(ch.names) <= maxChain; ch = follow(out, owner, target) {
		name := ch.names[len(ch.names)-1]
		heard := c.lookup(ctx, ForTarget, zone.Key{Name: name, Type: typ}, servers)
		out = append(out, heard...)
		if !slices.ContainsFunc(heard, func(h Heard) bool { return len(h.Records) > 0 && h.Records[0].Type == "CNAME" }) {
			break
		}
	}
	return out
}

// lookup asks servers of a name's zone, the next one where one fails.
func (c *call) lookup(ctx context.Context, p Purpose, key zone.Key, servers int) []Heard {
	r, apex, err := c.find(ctx, key.Name, key.Type)
	if err != nil {
		return []Heard{{Purpose: p, Name: key.Name, Type: key.Type, Status: Failed, Err: err.Error()}}
	}
	out := []Heard{sightOf(r, key).heard(p, key)}
	if servers == 1 || out[0].Status != Found {
		return out
	}
	at, err := c.walk(ctx, key.Name, 0)
	if err != nil || at.err != nil || at.apex != apex {
		return out
	}
	qs := make([]query, min(servers, len(at.servers)))
	for i := range qs {
		qs[i] = query{at.servers[i], question{name: key.Name, typ: key.Type}}
	}
	for _, got := range c.askAll(ctx, qs) {
		if s := seen(got.r, got.err, key, apex); s.status == Found {
			out = append(out, s.heard(p, key))
		}
	}
	return out
}

// aliasFindings say where aliases lead: the one that is expected, or those in
// the place of the record.
func (ev evidence) aliasFindings(rs RecordState) []Finding {
	if ev.expect.Gone {
		return nil
	}
	severity := Error
	if rs.Verdict == Propagated || rs.Verdict == Published {
		severity = Warning
	}
	var out []Finding
	for _, target := range ev.aliases() {
		ch := follow(ev.facts, ev.expect.Record.Name, target)
		steps := []string{ev.expect.Record.Name.FQDN()}
		for _, n := range ch.names {
			steps = append(steps, n.FQDN())
		}
		path := strings.Join(steps, " → ")
		switch {
		case ch.loop:
			out = append(out, finding(CodeCNAMELoop, severity, "", path))
		case len(ch.names) > maxChain:
			out = append(out, finding(CodeCNAMEDeep, severity, "", fmt.Sprintf("more than %d aliases in a row: %s", maxChain, path)))
		case ch.end == NXDomain:
			out = append(out, finding(CodeCNAMEDangling, severity, "", path+", which does not exist"))
		}
	}
	return out
}

// aliases is where the aliases lead that servers have at the owner, but those
// whose target got the zone's name appended: nobody meant them.
func (ev evidence) aliases() []zone.Name {
	var out []zone.Name
	for _, w := range ev.servers {
		for _, s := range w.sights {
			for _, r := range s.recs {
				if t, ok := r.Target(); ok && r.Type == "CNAME" && !slices.Contains(out, t) && !appended(ev.expect.Record, r, ev.apex) {
					out = append(out, t)
				}
			}
		}
	}
	slices.Sort(out)
	return out[:min(len(out), maxServers)] // each server has one; more come from nobody's DNS
}

// leadsTo is the type to ask an alias' target for: texts stand below names with
// an underscore, addresses elsewhere.
func (e Expect) leadsTo() string {
	if e.Record.Type != "CNAME" {
		return e.Record.Type
	}
	if strings.HasPrefix(string(e.Record.Name), "_") || strings.Contains(string(e.Record.Name), "._") {
		return "TXT"
	}
	return "A"
}

package verify

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// explain asks what makes a verdict understandable, and only where it can
// matter: for a record that is there, whether a wildcard gives it to every
// name, and where an alias leads; for one that is not, whether it stands at
// another level of its name, and whether the name has any record.
func (c *call) explain(ctx context.Context, l *look) {
	var tasks []func() []Heard
	wild := make(map[zone.Key]bool) // parents and types of wildcard probes
	climbs := make(map[string]bool) // names whose CAA records are asked for
	absent := make(map[zone.Key]bool)
	for _, e := range l.expect {
		key := e.Record.Key()
		ev := l.evidence(e)
		rs := ev.record()
		if e.Gone || ev.apex == "" && rs.Verdict == Unreachable || rs.Verdict == Undelegated {
			continue
		}
		sibling := zone.Key{Name: key.Name.Parent(), Type: key.Type}
		switch {
		case rs.Verdict == Absent:
			if !absent[key] {
				absent[key] = true
				tasks = append(tasks, func() []Heard { return c.explainAbsent(ctx, l, ev) })
			}
		case rs.Verdict != Propagated && rs.Verdict != Published:
		case key.Name != ev.apex && key.Name.Label() != "*" && !wild[sibling]:
			wild[sibling] = true
			tasks = append(tasks, func() []Heard {
				return c.probe(ctx, l, ForWildcard, key, zone.Key{Name: nobody(key.Name), Type: key.Type})
			})
		}
		for _, target := range ev.aliases() {
			if target != key.Name && !l.flattened(key) {
				tasks = append(tasks, func() []Heard { return c.chase(ctx, key.Name, target, e.leadsTo(), 1) })
			}
		}
		if name, _ := certified(key.Name); e.Issuer != "" && !climbs[string(name)] {
			climbs[string(name)] = true
			tasks = append(tasks, func() []Heard { return c.climb(ctx, name) })
		}
	}
	found := make([][]Heard, len(tasks))
	each(len(tasks), func(i int) { found[i] = tasks[i]() })
	l.facts = append(l.facts, slices.Concat(found...)...)
}

// nobody is a name beside another one that nobody made.
func nobody(owner zone.Name) zone.Name {
	return zone.Name("mooring-"+strings.ToLower(rand.Text()[:10])) + "." + owner.Parent()
}

// told reports whether a server gave an answer with that status.
func (ev evidence) told(status Status) bool {
	return slices.ContainsFunc(ev.servers, func(w witness) bool { return w.any(status) })
}

// explainAbsent looks for what is expected under a key at other levels of the
// name, up to the first that has it, and then whether every name there does.
// Where the name exists and nobody showed a record, it looks for one.
func (c *call) explainAbsent(ctx context.Context, l *look, ev evidence) []Heard {
	key := ev.expect.Record.Key()
	empty, found := ev.told(NoData), ev.told(Found)
	var out []Heard
	for _, name := range levels(key, l.zones[key], empty || found) {
		other := zone.Key{Name: name, Type: key.Type}
		if l.seen[other] != nil {
			continue // it is expected there too
		}
		out = append(out, c.probe(ctx, l, ForLevel, key, other)...)
		if l.misplaced(key, out) {
			if name != l.zones[key] {
				out = append(out, c.probe(ctx, l, ForWildcard, key, zone.Key{Name: nobody(name), Type: key.Type})...)
			}
			return out
		}
	}
	if empty && !found && key.Name != l.zones[key] {
		for _, typ := range []string{"A", "AAAA", "MX", "TXT", "SRV", "HTTPS", "CAA"} {
			if typ == key.Type {
				continue
			}
			heard := c.probe(ctx, l, ForOther, key, zone.Key{Name: key.Name, Type: typ})
			if out = append(out, heard...); len(heard) == 0 || heard[0].Status != NoData {
				break
			}
		}
	}
	return out
}

// misplaced reports whether one of the answers has what is expected under the
// key.
func (l *look) misplaced(key zone.Key, heard []Heard) bool {
	return slices.ContainsFunc(l.expect, func(e Expect) bool {
		return e.Record.Key() == key && slices.ContainsFunc(heard, e.at)
	})
}

// levels is where people put a record whose name they took for another one:
// with the zone's name twice, without a label, or below itself. Below a name
// that does not exist there is nothing (RFC 8020).
func levels(key zone.Key, apex zone.Name, exists bool) []zone.Name {
	const most = 4
	owner := key.Name
	var out []zone.Name
	add := func(names ...zone.Name) {
		for _, n := range names {
			if _, err := zone.ParseName(string(n)); err == nil && n != owner && n.Within(apex) && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	add(owner + "." + apex)
	if owner != apex {
		parent := owner.Parent()
		add(parent)
		if parent != apex {
			add(zone.Name(owner.Label())+"."+parent.Parent(), parent.Parent())
		}
	}
	if exists {
		first := owner.Label()
		if owner == apex {
			first = "www"
		}
		add(zone.Name(first) + "." + owner)
	}
	return out[:min(len(out), most)]
}

// probe asks the first sound server of the zone that has the key for another.
func (c *call) probe(ctx context.Context, l *look, p Purpose, key, other zone.Key) []Heard {
	servers := l.sound(key)
	if len(servers) == 0 {
		return nil
	}
	return []Heard{c.see(ctx, c.v.reach(servers[0]), other, l.zones[key]).heard(p, other)}
}

// climb asks for CAA records from the name upwards, to the first that has some.
func (c *call) climb(ctx context.Context, name zone.Name) []Heard {
	var out []Heard
	for n := name; n != zone.Root; n = n.Parent() {
		heard := c.lookup(ctx, ForCAA, zone.Key{Name: n, Type: "CAA"}, 1)
		if target, ok := aliasOf(heard); ok { // CAA records are those of the alias' target
			heard[0].Records = nil
			for _, h := range c.chase(ctx, n, target, "CAA", 1) {
				if h.Status == Failed { // nobody knows what stands there
					heard[0].Status, heard[0].Err = Failed, h.Err
				}
				heard[0].Records = append(heard[0].Records, ofType(h.Records, h.Name, "CAA")...)
			}
		}
		out = append(out, heard...)
		if len(heard[0].Records) > 0 || heard[0].Status == Failed {
			break
		}
	}
	return out
}

func aliasOf(heard []Heard) (zone.Name, bool) {
	for _, h := range heard {
		for _, r := range h.Records {
			if r.Type == "CNAME" {
				return r.Target()
			}
		}
	}
	return "", false
}

// at reports whether the answer about another name has what is expected.
func (e Expect) at(h Heard) bool {
	if h.Type != e.Record.Type || h.Status != Found || h.Vague {
		return false
	}
	e.Record.Name, e.Exclusive = h.Name, false
	return match(e, nil, h.Records) == Right
}

// nameFindings are about the record at other names than its own.
func (ev evidence) nameFindings(rs RecordState) []Finding {
	e, owner := ev.expect, ev.expect.Record.Name
	if e.Gone {
		return nil
	}
	var out []Finding
	for _, h := range ev.facts {
		switch {
		case !e.at(h):
		case h.Purpose == ForWildcard && h.Name.Parent() == owner.Parent() && owner.Label() != "*" && (rs.Verdict == Propagated || rs.Verdict == Published):
			out = append(out, finding(CodeWildcard, Info, "", e.what()+": names that nobody made have the same value"))
		case h.Purpose != ForLevel || rs.Verdict != Absent || ev.anywhere(h.Name) || !slices.Contains(levels(e.Record.Key(), ev.apex, true), h.Name):
		case h.Name == owner+"."+ev.apex:
			out = append(out, finding(CodeNameDoubled, Error, "", e.Record.Type+" stands at "+h.Name.FQDN()+" instead of "+owner.FQDN()))
		default:
			out = append(out, finding(CodeNameMissing, Error, "", e.Record.Type+" stands at "+h.Name.FQDN()+" instead of "+owner.FQDN()))
		}
	}
	return out
}

// anywhere reports whether names beside that one which nobody made have what is
// expected too: then nobody wrote it there.
func (ev evidence) anywhere(name zone.Name) bool {
	return slices.ContainsFunc(ev.facts, func(h Heard) bool {
		return h.Purpose == ForWildcard && h.Name != name && h.Name.Parent() == name.Parent() && ev.expect.at(h)
	})
}

package verify

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Delegation is a zone as DNS has it: who answers for it by the parent's word
// and by its own, and what each of them says.
type Delegation struct {
	Apex     zone.Name   `json:"apex,omitempty"`     // empty: no start server answered
	Parent   []zone.Name `json:"parent,omitempty"`   // name servers by the parent zone; empty where no parent server refers, because the walk starts below it or the same servers have both zones
	Child    []zone.Name `json:"child,omitempty"`    // name servers by the zone itself, from all its servers
	SOA      SOA         `json:"soa,omitzero"`       // of the first sound server
	Servers  []Server    `json:"servers,omitempty"`  // one for each name and address, sorted; of what one look did not get to, one for each name
	Findings []Finding   `json:"findings,omitempty"` // what is broken or doubtful in the delegation
	Err      string      `json:"err,omitempty"`      // why nobody answers for the zone
}

// SOA is the start-of-authority record of a zone. Times are in seconds.
type SOA struct {
	MName       zone.Name `json:"mname"` // the primary
	RName       zone.Name `json:"rname"` // the mailbox of who is responsible, @ written as a dot
	Serial      uint32    `json:"serial"`
	Refresh     uint32    `json:"refresh"`      // how late a secondary without NOTIFY may be
	NegativeTTL uint32    `json:"negative_ttl"` // how long a resolver keeps the news that a name does not exist (RFC 2308 section 5)
}

// Server is one address of one name server of a zone.
type Server struct {
	Name   zone.Name   `json:"name"`
	Addr   netip.Addr  `json:"addr"`             // not valid where the name was not looked up
	Parent bool        `json:"parent,omitempty"` // the parent zone names it
	Child  bool        `json:"child,omitempty"`  // a server of the zone names it
	State  State       `json:"state"`            // Sound, Lame, Dead or Unknown
	Serial uint32      `json:"serial,omitempty"`
	NS     []zone.Name `json:"ns,omitempty"`  // the zone's name servers as this one says
	Err    string      `json:"err,omitempty"` // what is wrong with it
}

func (s Server) who() string {
	if !s.Addr.IsValid() {
		return string(s.Name)
	}
	return string(s.Name) + " (" + s.Addr.String() + ")"
}

// Delegation finds the zone that holds name, by asking DNS and never by its
// spelling, and asks every server of it. Trouble with DNS is in the result; an
// error means that ctx ended or that name is no name.
func (v *Verifier) Delegation(ctx context.Context, name zone.Name) (Delegation, error) {
	name, err := zone.ParseName(string(name))
	if err != nil {
		return Delegation{}, err
	}
	c, end := v.begin()
	defer end()
	at, err := c.walk(ctx, name, 0)
	if err != nil {
		return Delegation{}, err
	}
	d := c.survey(ctx, at)
	return d, ctx.Err()
}

// hostAddrs is what is known of a name server's addresses.
type hostAddrs struct {
	addrs  []netip.Addr
	alias  bool   // the name is a CNAME, which RFC 2181 section 10.3 forbids
	failed bool   // nobody could say
	err    string // why there is no address
}

// resolve asks for the addresses of a name server where its own zone is.
func (c *call) resolve(ctx context.Context, host zone.Name, depth int) hostAddrs {
	c.mu.Lock()
	h, known := c.hosts[host]
	c.mu.Unlock()
	switch {
	case known:
		return h
	case depth > maxDepth:
		return hostAddrs{failed: true, err: "name servers that need one another to be found"}
	}
	at, err := c.walk(ctx, host, depth)
	if err == nil {
		err = at.err
	}
	if err != nil {
		h.failed, h.err = true, err.Error()
	} else {
		h = c.hostAt(ctx, at.level, host)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hosts[host] = h
	return h
}

func (c *call) hostAt(ctx context.Context, at level, host zone.Name) hostAddrs {
	var got [2]hostAddrs
	each(len(got), func(i int) {
		q := question{name: host, typ: []string{"A", "AAAA"}[i]}
		r, _, err := c.first(ctx, at.servers, q, func(r reply) error { return classify(r, host, at.apex) })
		if err != nil {
			got[i].failed, got[i].err = true, err.Error()
			return
		}
		got[i] = hostAddrs{addrs: addresses(r.answer, host), alias: len(ofType(r.answer, host, "CNAME")) > 0}
	})
	h := hostAddrs{
		addrs:  slices.Concat(got[0].addrs, got[1].addrs),
		alias:  got[0].alias || got[1].alias,
		failed: got[0].failed || got[1].failed,
	}
	if len(h.addrs) == 0 {
		h.err = cmp.Or(got[0].err, got[1].err, "it has no address")
	}
	return h
}

// survey asks every server of the zone that a walk found, starting with those
// the parent names and going on with those that they name.
func (c *call) survey(ctx context.Context, at cut) Delegation {
	s := &survey{call: c, zone: at.apex, glue: at.glue, hosts: make(map[zone.Name]hostAddrs), said: make(map[netip.Addr]probe)}
	ns := at.ns
	if len(ns) == 0 && at.above != nil {
		ns = c.parentView(ctx, at)
	}
	if at.err != nil && len(ns) == 0 {
		return Delegation{Err: at.err.Error(), Findings: []Finding{{
			Code: CodeNoStart, Severity: Error, Detail: at.err.Error(), Hint: "no server to start from answers; check the start servers and the network",
		}}}
	}
	s.parent = few(targets(ns))
	s.child = c.childView(ctx, at, len(s.parent) > 0)
	for range maxSteps {
		if !s.grow(ctx) {
			break
		}
	}
	return s.delegation()
}

// parentView asks the servers above for their referral. There is none where
// they have both zones.
func (c *call) parentView(ctx context.Context, at cut) []zone.Record {
	q := question{name: at.apex, typ: "NS"}
	r, _, err := c.first(ctx, at.above.servers, q, func(r reply) error {
		if owner, ok := referral(r, at.apex, at.above.apex); !ok || owner != at.apex {
			return fmt.Errorf("no referral to %s", at.apex.FQDN())
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return ofType(r.authority, at.apex, "NS")
}

// childView is who the entry servers name: the seed of the survey where no
// parent server refers.
func (c *call) childView(ctx context.Context, at cut, known bool) []zone.Name {
	if known || at.err != nil {
		return nil
	}
	r, _, err := c.first(ctx, at.servers, question{name: at.apex, typ: "NS"}, func(r reply) error {
		return classify(r, at.apex, at.apex)
	})
	if err != nil {
		return nil
	}
	return targets(ofType(r.answer, at.apex, "NS"))
}

func targets(ns []zone.Record) []zone.Name {
	var out []zone.Name
	for _, r := range ns {
		if n, ok := r.Target(); ok {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, zone.Compare)
	return slices.Compact(out)
}

func readSOA(r zone.Record) SOA {
	const mname, rname, serial, refresh, minimum, fields = 0, 1, 2, 3, 6, 7
	f := strings.Fields(r.Data)
	if len(f) != fields {
		return SOA{}
	}
	number := func(s string) uint32 {
		v, _ := strconv.ParseUint(s, 10, 32)
		return uint32(v)
	}
	soa := SOA{Serial: number(f[serial]), Refresh: number(f[refresh]), NegativeTTL: min(r.TTL, number(f[minimum]))}
	soa.MName, _ = zone.ParseName(f[mname])
	soa.RName, _ = zone.ParseName(f[rname])
	return soa
}

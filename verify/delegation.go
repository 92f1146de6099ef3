package verify

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Delegation is a zone as DNS has it: who answers for it by the parent's word
// and by its own, and what each of them says.
type Delegation struct {
	Apex      zone.Name   `json:"apex,omitempty"`      // empty: no start server answered
	Parent    []zone.Name `json:"parent,omitempty"`    // name servers by the parent zone; empty where no parent server refers, because the walk starts below it or the same servers have both zones
	Child     []zone.Name `json:"child,omitempty"`     // name servers by the zone itself, from all its servers
	SOA       SOA         `json:"soa,omitzero"`        // of the first sound server
	Servers   []Server    `json:"servers,omitempty"`   // one for each name and address, sorted; of what one look did not get to, one for each name; and those of the zone above that answer in the place of the zone's own
	Hosts     []Host      `json:"hosts,omitempty"`     // one for each name, sorted
	Referrals []Referral  `json:"referrals,omitempty"` // of the parent zone's servers, where they do not agree; Parent is what any of them names
	Findings  []Finding   `json:"findings,omitempty"`  // what is broken or doubtful in the delegation, by all of the above
	Err       string      `json:"err,omitempty"`       // why nobody answers for the zone
}

// Host is the name of a name server and its addresses.
type Host struct {
	Name    zone.Name    `json:"name"`
	Glue    []netip.Addr `json:"glue,omitempty"`    // by the parent zone
	Addrs   []netip.Addr `json:"addrs,omitempty"`   // by the zone that the name is in, sorted
	Alias   bool         `json:"alias,omitempty"`   // the name is a CNAME
	Gone    bool         `json:"gone,omitempty"`    // the name does not exist
	Failed  bool         `json:"failed,omitempty"`  // nobody could say
	Unasked bool         `json:"unasked,omitempty"` // one look did not get to it
	Err     string       `json:"err,omitempty"`     // why there is no address
}

// Referral is who one server of the parent zone names for the zone.
type Referral struct {
	Server netip.AddrPort `json:"server"`
	NS     []zone.Name    `json:"ns"`
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
	Name    zone.Name   `json:"name"`              // empty for a start server that nobody names
	Addr    netip.Addr  `json:"addr"`              // not valid where the name was not looked up
	Parent  bool        `json:"parent,omitempty"`  // the parent zone names it
	Child   bool        `json:"child,omitempty"`   // a server of the zone names it
	State   State       `json:"state"`             // Sound, Lame, Dead or Unknown
	Trouble Code        `json:"trouble,omitempty"` // what is wrong with it
	Private bool        `json:"private,omitempty"` // the address is none of the Internet's
	Serial  uint32      `json:"serial,omitempty"`
	NS      []zone.Name `json:"ns,omitempty"` // the zone's name servers as this one says
	Manner  Manner      `json:"manner,omitzero"`
	Err     string      `json:"err,omitempty"` // what is wrong with it, in words
}

func (s Server) who() string {
	switch {
	case !s.Addr.IsValid():
		return string(s.Name)
	case s.Name == "":
		return s.Addr.String()
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

// revisited is the delegation with what the call has learned of its servers'
// manners since.
func (c *call) revisited(d Delegation) Delegation {
	changed := false
	for i, s := range d.Servers {
		at := c.v.reach(s.Addr)
		m := c.manner(at)
		if !c.met(at) || m == s.Manner { // what the full look has seen still counts
			continue
		}
		if !changed {
			changed = true
			d.Servers = slices.Clone(d.Servers)
		}
		d.Servers[i].Manner = m
	}
	if changed && d.Apex != "" {
		d.Findings = d.diagnose()
	}
	return d
}

// met reports whether the server at that address was asked in this call.
func (c *call) met(at netip.AddrPort) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, met := c.manners[at]
	return met
}

// manner is how the server at that address exchanged messages in this call.
func (c *call) manner(at netip.AddrPort) Manner {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.manners[at].told()
}

// group puts a server into its provider's budget: the domain that its name
// lies in.
func (c *call) group(at netip.AddrPort, host zone.Name) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.groups[at]; !known {
		c.groups[at] = string(host.Parent())
	}
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

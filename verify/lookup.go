package verify

import (
	"context"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Answer is what the zone of a name says to one question.
type Answer struct {
	Name    zone.Name     `json:"name"`
	Type    string        `json:"type"`
	Zone    zone.Name     `json:"zone,omitempty"` // that holds the name; the deepest that is known on the way to it
	Status  Status        `json:"status"`
	Records []zone.Record `json:"records,omitempty"` // at Name: of Type, or the CNAME in its place, which is not followed
	Err     string        `json:"err,omitempty"`     // why the status is Failed
}

// Lookup puts one question to the authoritative servers of the name's zone,
// the next one where one fails. It follows no CNAME. Where an earlier call has
// found the zone, that is one message. Trouble of any kind, the end of ctx
// included, is an Answer of status Failed.
func (v *Verifier) Lookup(ctx context.Context, name zone.Name, typ string) Answer {
	a := Answer{Name: name, Type: zone.CanonicalType(typ), Status: Failed}
	parsed, err := zone.ParseName(string(name))
	switch {
	case err != nil:
		a.Err = err.Error()
		return a
	case typeNumber(a.Type) == 0:
		a.Err = "verify: " + a.Type + " is no DNS type"
		return a
	}
	a.Name = parsed
	c, end := v.begin()
	defer end()
	r, apex, err := c.find(ctx, parsed, a.Type)
	if err != nil {
		a.Err = err.Error()
		return a
	}
	a.Zone = apex
	a.Records, a.Status = held(r, zone.Key{Name: parsed, Type: a.Type})
	return a
}

// find asks the zone of the name if it is known, from the cache or from this
// call; only where it is not, or its servers do not answer or refer below, does
// it walk.
func (c *call) find(ctx context.Context, name zone.Name, typ string) (reply, zone.Name, error) {
	owner := name
	if typ == "DS" && name != zone.Root {
		owner = name.Parent() // the DS set of an apex belongs to the zone above (RFC 4035 section 3.1.4.1)
	}
	q := question{name: name, typ: typ}
	if at := c.deepest(owner); at.final {
		r, _, err := c.first(ctx, at.servers, q, func(r reply) error { return classify(r, name, at.apex) })
		if ctx.Err() != nil {
			return reply{}, "", ctx.Err()
		}
		if _, down := referral(r, name, at.apex); err == nil && !down {
			apex, ok := soaOwner(r, name, at.apex)
			if !ok {
				apex = at.apex
			}
			return r, apex, nil
		}
		if err != nil {
			c.pass(at.apex)
		}
	}
	at, err := c.walk(ctx, owner, 0)
	if err == nil {
		err = at.err
	}
	if err != nil {
		return reply{}, "", err
	}
	r, _, err := c.first(ctx, at.servers, q, func(r reply) error { return classify(r, name, at.apex) })
	return r, at.apex, err
}

// held is what a reply says to stand at a key, and how the question was
// answered.
func held(r reply, key zone.Key) ([]zone.Record, Status) {
	recs := ofType(r.answer, key.Name, key.Type)
	if len(recs) == 0 && key.Type != "CNAME" {
		recs = ofType(r.answer, key.Name, "CNAME")
	}
	switch {
	case len(recs) > 0:
		return recs, Found
	case r.rcode == "NXDOMAIN":
		return nil, NXDomain
	}
	return nil, NoData
}

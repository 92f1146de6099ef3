package verify

import (
	"context"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Answer is what the zone of a name says to one question.
type Answer struct {
	Name    zone.Name     `json:"name"`
	Type    string        `json:"type"`
	Zone    zone.Name     `json:"zone,omitempty"` // that holds the name
	Status  Status        `json:"status"`
	Records []zone.Record `json:"records,omitempty"` // at Name: of Type, or the CNAME in its place, which is not followed
	Err     string        `json:"err,omitempty"`     // why the status is Failed
}

// Lookup puts one question to the authoritative servers of the name's zone,
// the next one where one fails. It follows no CNAME. Trouble of any kind, the
// end of ctx included, is an Answer of status Failed.
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
	owner := parsed
	if a.Type == "DS" {
		owner = parsed.Parent() // the DS set of an apex belongs to the zone above (RFC 4035 section 3.1.4.1)
	}
	at, err := c.walk(ctx, owner, 0)
	if err == nil {
		err = at.err
	}
	if err != nil {
		a.Err = err.Error()
		return a
	}
	a.Zone = at.apex
	r, _, err := c.first(ctx, at.servers, question{name: parsed, typ: a.Type}, func(r reply) error {
		return classify(r, parsed, at.apex)
	})
	if err != nil {
		a.Err = err.Error()
		return a
	}
	s := sightOf(r, zone.Key{Name: parsed, Type: a.Type})
	a.Status, a.Records = s.status, s.recs
	return a
}

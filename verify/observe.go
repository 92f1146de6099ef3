package verify

import (
	"cmp"
	"context"
	"encoding/json"
	"net/netip"
	"slices"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Observations is everything that was heard for one Request, and all that
// Judge needs: kept as JSON, it gives the same report on any machine at any
// time.
type Observations struct {
	Expect      []Expect         `json:"expect"`                // canonical
	Began       time.Time        `json:"began,omitzero"`        // UTC
	Lasted      float64          `json:"lasted,omitempty"`      // seconds
	Placements  []Placement      `json:"placements,omitempty"`  // one for each owner and type that is expected
	Delegations []Delegation     `json:"delegations,omitempty"` // one for each zone
	Views       []netip.AddrPort `json:"views,omitempty"`       // the resolvers to ask once the servers agree
	Answers     []Heard          `json:"answers,omitempty"`
	Vantages    []FromVantage    `json:"vantages,omitempty"`
	Queries     int              `json:"queries,omitempty"` // messages sent from here
}

// Status is how a question was answered.
type Status string

// The ways a question is answered.
const (
	Found    Status = "found"
	NoData   Status = "nodata"   // the name exists, the type does not
	NXDomain Status = "nxdomain" // the name does not exist
	Failed   Status = "failed"   // no answer that counts
)

// Placement is the zone that DNS puts a record in.
type Placement struct {
	Name zone.Name `json:"name"`
	Type string    `json:"type"`
	Zone zone.Name `json:"zone,omitempty"` // its apex; empty where the walk did not start
}

// Purpose is why a question was asked.
type Purpose string

// The purposes.
const (
	ForRecord   Purpose = "record"   // what a server of the zone has of what is expected
	ForView     Purpose = "view"     // what a resolver has of it
	ForWildcard Purpose = "wildcard" // whether a name that nobody made has it too
	ForLevel    Purpose = "level"    // whether another level of the name has it
	ForOther    Purpose = "other"    // whether the name has records of other types
	ForTarget   Purpose = "target"   // where an alias leads
	ForCAA      Purpose = "caa"      // which certification authorities may issue
)

// Heard is one answer.
type Heard struct {
	Purpose   Purpose        `json:"purpose"`
	Server    netip.Addr     `json:"server,omitzero"` // of the zone of Name, where it matters which
	View      netip.AddrPort `json:"view,omitzero"`
	Round     int            `json:"round,omitempty"` // from 1
	At        float64        `json:"at,omitempty"`    // seconds from the beginning until the question was sent
	Name      zone.Name      `json:"name"`
	Type      string         `json:"type"`
	Status    Status         `json:"status"`
	Rcode     string         `json:"rcode,omitempty"`
	Extended  []uint16       `json:"extended,omitempty"`  // extended errors (RFC 8914)
	Authority bool           `json:"authority,omitempty"` // the AA bit
	Records   []zone.Record  `json:"records,omitempty"`   // at Name: of Type, or what stands in their place
	TTL       uint32         `json:"ttl,omitempty"`       // seconds, of Records or of the negative answer
	Denial    uint32         `json:"denial,omitempty"`    // seconds, of the signed proof that Name or Type does not exist
	State     State          `json:"state,omitempty"`     // of the server, where Status is Failed
	Err       string         `json:"err,omitempty"`
	Vague     bool           `json:"vague,omitempty"` // a referral, or an answer that contradicts itself: it proves nothing
}

// Observe looks once and tells what it heard; Check is Judge of it. The error
// is as for Check.
func (v *Verifier) Observe(ctx context.Context, req Request) (Observations, error) {
	l, c, end, err := v.see(ctx, req)
	if err != nil {
		return Observations{}, err
	}
	defer end()
	return l.observations(c), nil
}

// see looks fully, once. The function returned ends the call.
func (v *Verifier) see(ctx context.Context, req Request) (*look, *call, func(), error) {
	expect, err := req.canonical()
	if err != nil {
		return nil, nil, nil, err
	}
	l := newLook(expect)
	c, end := v.begin()
	if err := c.lookFully(ctx, l, v.opts.rounds()); err != nil {
		end()
		return nil, nil, nil, err
	}
	return l, c, end, nil
}

// observations is the look as a value.
func (l *look) observations(c *call) Observations {
	o := Observations{
		Expect: l.expect, Began: began(l), Lasted: l.lasted(),
		Views: c.v.opts.Resolvers, Vantages: l.vantages, Answers: slices.Clone(l.facts),
		Queries: c.spentQueries(),
	}
	for key, apex := range l.zones {
		o.Placements = append(o.Placements, Placement{key.Name, key.Type, apex})
	}
	for _, d := range l.cuts {
		o.Delegations = append(o.Delegations, c.revisited(d))
	}
	for key, seen := range l.seen {
		for addr, sights := range seen {
			for _, s := range sights {
				h := s.heard(ForRecord, key)
				h.Server = addr
				o.Answers = append(o.Answers, h)
			}
		}
	}
	for key, heard := range l.heard {
		for view, sights := range heard {
			for _, s := range sights {
				h := s.heard(ForView, key)
				h.View = view
				o.Answers = append(o.Answers, h)
			}
		}
	}
	o.sort()
	return o
}

// began is when the look began, by the wall clock alone, as JSON has it.
func began(l *look) time.Time { return l.began.UTC().Round(0) }

// sort puts what may come in any order into one.
func (o *Observations) sort() {
	slices.SortFunc(o.Placements, func(a, b Placement) int {
		return cmp.Or(zone.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), zone.Compare(a.Zone, b.Zone))
	})
	slices.SortFunc(o.Delegations, func(a, b Delegation) int {
		if n := zone.Compare(a.Apex, b.Apex); n != 0 {
			return n
		}
		return tie(a, b)
	})
	slices.SortFunc(o.Answers, byQuestion)
	slices.SortFunc(o.Vantages, byVantage)
}

// byQuestion orders answers by what was asked, whom, and when.
func byQuestion(a, b Heard) int {
	if n := cmp.Or(cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type)); n != 0 {
		return n
	}
	if n := cmp.Or(a.Server.Compare(b.Server), a.View.Compare(b.View), cmp.Compare(a.At, b.At), cmp.Compare(a.Round, b.Round)); n != 0 {
		return n
	}
	return tie(a, b)
}

// tie orders by everything else what ought to differ and does not: texts are
// dear, and so is what they are made of, which goes to the heap.
func tie[T any](a, b T) int { return cmp.Compare(text(a), text(b)) }

func text(v any) string {
	b, _ := json.Marshal(v) // of types that have only values
	return string(b)
}

// lastYear leaves room for the longest TTL, of 136 years, in the years that JSON
// has. A look that claims to be later began at no known time.
const lastYear = 9999 - 200

// recall is the look that made the observations.
func recall(o Observations) *look {
	l := newLook(o.Expect)
	l.began, l.views, l.vantages = o.Began, o.Views, o.Vantages
	if year := o.Began.UTC().Year(); year < 0 || year > lastYear {
		l.began = time.Time{}
	}
	for _, p := range o.Placements {
		l.zones[zone.Key{Name: p.Name, Type: p.Type}] = p.Zone
	}
	for _, d := range o.Delegations {
		if d.Apex != "" {
			d.Findings = d.diagnose() // of what was heard, not of what was thought of it then
		}
		l.cuts[d.Apex] = d
	}
	for _, h := range o.Answers {
		key := zone.Key{Name: h.Name, Type: h.Type}
		switch {
		case h.Purpose == ForRecord && l.seen[key] != nil:
			l.seen[key][h.Server] = append(l.seen[key][h.Server], h.sight())
		case h.Purpose == ForView && l.seen[key] != nil:
			l.listen(key, h.View, append(l.heard[key][h.View], h.sight())...)
		default:
			l.facts = append(l.facts, h)
		}
	}
	return l
}

func (s sight) heard(p Purpose, key zone.Key) Heard {
	return Heard{
		Purpose: p, Round: s.round, At: s.at, Name: key.Name, Type: key.Type,
		Status: s.status, Rcode: s.rcode, Extended: s.extended, Authority: s.authority,
		Records: s.recs, TTL: s.ttl, Denial: s.denial, State: s.state, Err: s.err, Vague: s.vague,
	}
}

func (h Heard) sight() sight {
	return sight{
		round: h.Round, at: h.At, status: h.Status, rcode: h.Rcode, extended: h.Extended, authority: h.Authority,
		recs: h.Records, ttl: h.TTL, denial: h.Denial, state: h.State, err: h.Err, vague: h.Vague,
	}
}

package verify

import (
	"errors"
	"fmt"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Request is the records that DNS is expected to show. Their owners may lie in
// several zones.
type Request struct {
	Expect []Expect `json:"expect"`
}

// Expect is one record that must be served, or no longer be.
type Expect struct {
	Record zone.Record `json:"record"`
	Match  Match       `json:"match,omitempty"`
	// Zone is the zone the record was written to, if known. A record that
	// DNS puts in another zone is then told as undelegated, or as cut off.
	Zone zone.Name `json:"zone,omitempty"`
	// Gone: this value must no longer be served. Match does not count.
	Gone bool `json:"gone,omitempty"`
	// Exclusive: no other value of this type may be served at the owner
	// but those of the Request.
	Exclusive bool `json:"exclusive,omitempty"`
}

// Match is how a record is recognised.
type Match string

// The ways to recognise a record.
const (
	MatchExact Match = ""     // same data; TXT by its joined octets, names in any case
	MatchSPF   Match = "spf"  // the one SPF record there authorises what the record's terms ask for
	MatchDKIM  Match = "dkim" // the one key there is this key, however it is spelt
)

// canonical is the expectations with canonical records. The error is about
// misuse: it says which expectation nobody could ever prove.
func (r Request) canonical() ([]Expect, error) {
	if len(r.Expect) == 0 {
		return nil, errors.New("verify: nothing expected")
	}
	out := make([]Expect, len(r.Expect))
	for i, e := range r.Expect {
		wrong := func(err error) error { return fmt.Errorf("verify: expectation %d: %w", i+1, err) }
		name, err := zone.ParseName(string(e.Record.Name))
		if err != nil {
			return nil, wrong(err)
		}
		if e.Zone != "" {
			if e.Zone, err = zone.ParseName(string(e.Zone)); err != nil {
				return nil, wrong(err)
			}
			if !name.Within(e.Zone) {
				return nil, wrong(fmt.Errorf("%s is not within %s", name.FQDN(), e.Zone.FQDN()))
			}
		}
		rec, err := zone.New(name, e.Record.Type, e.Record.TTL, e.Record.Data)
		if err != nil {
			return nil, wrong(err)
		}
		switch {
		case e.Record.Opaque || typeNumber(rec.Type) == 0:
			return nil, wrong(fmt.Errorf("%s %s is no DNS record", name.FQDN(), rec.Type))
		case e.Match != MatchExact && rec.Type != "TXT":
			return nil, wrong(fmt.Errorf("%s %s cannot match as %s", name.FQDN(), rec.Type, e.Match))
		case e.Match != MatchExact && e.Match != MatchSPF && e.Match != MatchDKIM:
			return nil, wrong(fmt.Errorf("unknown match %q", e.Match))
		}
		rec.Meta = e.Record.Meta
		e.Record = rec
		out[i] = e
	}
	return out, nil
}

// holder is the name whose zone holds the record. NS records that a zone has
// for a name below its apex are a delegation: they are proven by its referral,
// not by what the zone below says. The DS set of an apex belongs to the zone
// above (RFC 4035 section 3.1.4.1).
func (e Expect) holder() zone.Name {
	if e.Record.Type == "DS" || e.Record.Type == "NS" && e.Zone != "" && e.Record.Name != e.Zone {
		return e.Record.Name.Parent()
	}
	return e.Record.Name
}

package verify

import (
	"errors"
	"fmt"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Request is the records that DNS is expected to show. Their owners may lie in
// several zones.
type Request struct {
	Expect []Expect `json:"expect"`
	// Issuer is a certification authority by the name that CAA records have
	// for it, such as letsencrypt.org: it must be allowed to issue for every
	// owner whose Expect names none itself.
	Issuer string `json:"issuer,omitempty"`
	// Since is when the watch of these records began, and Seen the Digest of
	// its last report that was dealt with: so a Watch goes on where a process
	// that has ended left it. The zero values begin anew.
	Since time.Time `json:"since,omitzero"`
	Seen  string    `json:"seen,omitempty"`
}

// Expect is one record that must be served, or no longer be.
type Expect struct {
	Record zone.Record `json:"record"`
	Match  Match       `json:"match,omitempty"`
	// Fallback is other data, of the form of Record.Data, that does as well:
	// a host that takes no long text has a shorter one.
	Fallback string `json:"fallback,omitempty"`
	// Issuer is as in Request, for this owner.
	Issuer string `json:"issuer,omitempty"`
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
	MatchExact Match = ""      // same data; TXT by its joined octets, names in any case
	MatchSPF   Match = "spf"   // the one SPF record there authorises what the record's terms ask for
	MatchDKIM  Match = "dkim"  // the one key there is this key, however it is spelt
	MatchDMARC Match = "dmarc" // the one DMARC record there asks for the same, however it is spelt
)

// Validate reports what makes the request impossible to ask for: the error that
// every call with it would have.
func (r Request) Validate() error {
	_, err := r.canonical()
	return err
}

// canonical is the expectations with canonical records. The error is about
// misuse: it says which expectation nobody could ever prove.
func (r Request) canonical() ([]Expect, error) {
	if len(r.Expect) == 0 {
		return nil, errors.New("verify: nothing expected")
	}
	out := make([]Expect, len(r.Expect))
	for i, e := range r.Expect {
		if e.Issuer == "" {
			e.Issuer = r.Issuer
		}
		e, err := e.canonical()
		if err != nil {
			return nil, fmt.Errorf("verify: expectation %d: %w", i+1, err)
		}
		out[i] = e
	}
	return out, nil
}

func (e Expect) canonical() (Expect, error) {
	name, err := zone.ParseName(string(e.Record.Name))
	if err != nil {
		return e, err
	}
	if e.Zone != "" {
		if e.Zone, err = zone.ParseName(string(e.Zone)); err != nil {
			return e, err
		}
		if !name.Within(e.Zone) {
			return e, fmt.Errorf("%s is not within %s", name.FQDN(), e.Zone.FQDN())
		}
	}
	if e.Issuer != "" {
		issuer, err := zone.ParseName(e.Issuer)
		if err != nil {
			return e, fmt.Errorf("issuer: %w", err)
		}
		e.Issuer = string(issuer)
	}
	rec, err := zone.New(name, e.Record.Type, e.Record.TTL, e.Record.Data)
	if err != nil {
		return e, err
	}
	switch {
	case e.Record.Opaque || typeNumber(rec.Type) == 0:
		return e, fmt.Errorf("%s %s is no DNS record", name.FQDN(), rec.Type)
	case e.Match != MatchExact && rec.Type != "TXT":
		return e, fmt.Errorf("%s %s cannot match as %s", name.FQDN(), rec.Type, e.Match)
	case e.Match != MatchExact && e.Match != MatchSPF && e.Match != MatchDKIM && e.Match != MatchDMARC:
		return e, fmt.Errorf("unknown match %q: want spf, dkim, dmarc, or none", e.Match)
	case e.Gone && e.Fallback != "":
		return e, fmt.Errorf("%s %s: a value that is to go has no fallback; expect each to be gone", name.FQDN(), rec.Type)
	}
	if e.Fallback != "" {
		other, err := zone.New(name, rec.Type, rec.TTL, e.Fallback)
		if err != nil {
			return e, fmt.Errorf("fallback: %w", err)
		}
		e.Fallback = other.Data
	}
	rec.Meta = e.Record.Meta
	e.Record = rec
	return e, nil
}

// wanted is the records any of which does.
func (e Expect) wanted() []zone.Record {
	out := []zone.Record{e.Record}
	if e.Fallback != "" {
		other := e.Record
		other.Data = e.Fallback
		out = append(out, other)
	}
	return out
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

package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// MaxSize is the longest plan, in octets of JSON, that [Decode] reads: one that
// changes some ten thousand records.
const MaxSize = 32 << 20

// Decode reads a plan that was kept or sent as JSON, and checks that it is one
// that [New] or [Undo] made: see [Plan.Check]. It refuses fields that it does
// not know, so that nothing which a newer version means is lost unseen.
func Decode(data []byte) (Plan, error) {
	var p Plan
	if err := Read(data, &p); err != nil {
		return Plan{}, err
	}
	if err := p.Check(); err != nil {
		return Plan{}, err
	}
	return p, nil
}

// Read is the strict reading of Decode for a type that embeds [Plan]. It checks
// the JSON alone.
func Read(data []byte, into any) error {
	if len(data) > MaxSize {
		return fmt.Errorf("plan: %d octets of JSON; at most %d are read", len(data), MaxSize)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("plan: not the JSON of a plan: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("plan: something stands behind the JSON of the plan")
	}
	return nil
}

// Check refuses a plan whose content does not hang together: another version, an
// ID that is not that of its changes, conflicts with their records and answers,
// and hazards; changes outside its zone; records that are not canonical; answers
// that no conflict offers. What the ID covers cannot be altered without it.
// Sentences, defaults and results are not covered: show them from where nobody
// could alter them. It says nothing about who made the plan.
func (p Plan) Check() error {
	if p.Version != version {
		return fmt.Errorf("plan: version %d; this is version %d", p.Version, version)
	}
	for _, n := range []zone.Name{p.Zone, p.Domain} {
		if !canonical(n) {
			return fmt.Errorf("plan: %q is no canonical name", n)
		}
	}
	if p.Zone != p.Domain && !p.Zone.Within(p.Domain) && !p.Domain.Within(p.Zone) {
		return fmt.Errorf("plan: the domain %s and the zone %s have nothing to do with each other", p.Domain.FQDN(), p.Zone.FQDN())
	}
	for i, r := range p.Results {
		if r.Intent < 0 || r.Intent >= len(p.Results) || !canonical(r.Owner) || !r.Owner.Within(p.Zone) {
			return fmt.Errorf("plan: result %d: intent %d at %q is none of this plan's", i, r.Intent, r.Owner)
		}
	}
	if err := p.checkChanges(); err != nil {
		return err
	}
	if err := p.checkConflicts(); err != nil {
		return err
	}
	if want := p.status(); p.Status != want {
		return fmt.Errorf("plan: status %q, and its content says %q", p.Status, want)
	}
	id := p.ID
	if p.identify(); p.ID != id {
		return fmt.Errorf("plan: the ID %q is not that of what the plan shows", id)
	}
	return nil
}

func (p Plan) checkChanges() error {
	for i, c := range p.Changes {
		if !canonical(c.Owner) || !c.Owner.Within(p.Zone) {
			return fmt.Errorf("plan: change %d: %q is no name of the zone %s", i, c.Owner, p.Zone.FQDN())
		}
		if i > 0 && zone.Compare(p.Changes[i-1].Owner, c.Owner) >= 0 {
			return fmt.Errorf("plan: change %d: %s stands twice or out of order", i, c.Owner.FQDN())
		}
		if len(c.Remove)+len(c.Add) == 0 {
			return fmt.Errorf("plan: change %d: nothing changes at %s", i, c.Owner.FQDN())
		}
		for _, r := range slices.Concat(c.Remove, c.Add) {
			if r.Name != c.Owner {
				return fmt.Errorf("plan: change %d: the change of %s holds a record of %q", i, c.Owner.FQDN(), r.Name)
			}
			if data, err := zone.Canonical(r.Type, r.Data); !r.Opaque && (err != nil || data != r.Data) {
				return fmt.Errorf("plan: change %d: %s %s: data that is not canonical", i, c.Owner.FQDN(), r.Type)
			}
		}
	}
	return nil
}

func (p Plan) checkConflicts() error {
	for i, c := range p.Conflicts {
		if c.Class == "" || c.Class != c.Code.Class() {
			return fmt.Errorf("plan: conflict %d: code %q of class %q is unknown", i, c.Code, c.Class)
		}
		for _, option := range []string{c.Answer, c.Default} {
			if option != "" && !slices.ContainsFunc(c.Options, func(o Option) bool { return o.ID == option }) {
				return fmt.Errorf("plan: conflict %d: %s offers no option %q", i, c.Code, option)
			}
		}
	}
	return nil
}

func canonical(n zone.Name) bool {
	parsed, err := zone.ParseName(string(n))
	return err == nil && parsed == n
}

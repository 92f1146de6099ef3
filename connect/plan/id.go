package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/mooring-dns/mooring/providers/zone"
)

// identify computes the ID: over the value differences, the conflicts with
// their answers, and the hazards, not over how they were found out. Every field
// is hashed behind its length, so that no two contents give the same octets.
func (p *Plan) identify() {
	var d digest
	d.number(p.Version)
	d.text(string(p.Zone))
	d.number(len(p.Changes))
	for _, c := range p.Changes {
		d.text(string(c.Owner))
		d.records(c.Remove)
		d.records(c.Add)
		d.number(len(c.Absent))
		for _, typ := range c.Absent {
			d.text(typ)
		}
	}
	d.number(len(p.Conflicts))
	for _, c := range p.Conflicts {
		d.text(string(c.Code))
		d.text(string(c.Owner))
		d.records(c.Existing)
		d.records(c.Wanted)
		d.text(c.Answer)
	}
	d.number(len(p.Hazards))
	for _, h := range p.Hazards {
		d.text(h.Code)
		d.text(string(h.Owner))
		d.text(h.Text)
	}
	sum := sha256.Sum256(d)
	p.ID = hex.EncodeToString(sum[:16])
}

// digest is what will be hashed.
type digest []byte

func (d *digest) number(n int) { *d = binary.AppendUvarint(*d, uint64(n)) } //nolint:gosec // lengths and TTLs

func (d *digest) text(s string) {
	d.number(len(s))
	*d = append(*d, s...)
}

func (d *digest) records(recs []zone.Record) {
	d.number(len(recs))
	for _, r := range recs {
		d.text(string(r.Name))
		d.text(r.Type)
		d.number(int(r.TTL))
		d.text(r.Data)
		d.text(r.Meta)
		if r.Opaque {
			d.number(1)
		} else {
			d.number(0)
		}
	}
}

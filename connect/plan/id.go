package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"github.com/mooring-dns/mooring/providers/zone"
)

// identify computes the ID: over the value differences, the conflicts with
// their answers, and the hazards, not over how they were found out. Every field
// is hashed behind its length, so that no two contents give the same octets.
func (p *Plan) identify() {
	d := digest{hash: sha256.New(), buf: make([]byte, 0, 512)}
	d.number(p.Version)
	d.text(string(p.Zone))
	d.text(string(p.Domain))
	if p.TakesBack {
		d.text("takes back")
	}
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
	p.ID = hex.EncodeToString(d.sum()[:16])
}

// digest hashes what it is given, a chunk at a time.
type digest struct {
	hash hash.Hash
	buf  []byte
}

const digestChunk = 4096 // octets

func (d *digest) sum() []byte {
	_, _ = d.hash.Write(d.buf) // never fails (hash.Hash)
	return d.hash.Sum(nil)
}

func (d *digest) number(n int) { d.buf = binary.AppendUvarint(d.buf, uint64(n)) }

func (d *digest) text(s string) {
	d.number(len(s))
	d.buf = append(d.buf, s...)
}

func (d *digest) records(recs []zone.Record) {
	d.number(len(recs))
	for i := range recs {
		r := &recs[i]
		d.text(string(r.Name))
		d.text(r.Type)
		d.number(int(r.TTL))
		d.text(r.Data)
		d.text(r.Meta)
		opaque := 0
		if r.Opaque {
			opaque = 1
		}
		d.number(opaque)
		if len(d.buf) > digestChunk {
			_, _ = d.hash.Write(d.buf)
			d.buf = d.buf[:0]
		}
	}
}

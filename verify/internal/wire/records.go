package wire

import (
	"encoding/binary"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Section is a part of a message that holds records.
type Section uint8

// The sections, in the order of a message.
const (
	Answer Section = iota
	Authority
	Additional
)

// RR is one record of a message. It belongs to the message that it was read
// from: with another one its offsets mean nothing.
type RR struct {
	Section Section
	Type    uint16
	Class   uint16
	TTL     uint32 // seconds, as the wire has it: see [RR.Seconds]

	owner, data, end int
}

// Seconds is the TTL as readers are to take it: with its highest bit set it
// stands for 0 (RFC 2181 section 8).
func (r RR) Seconds() uint32 {
	if r.TTL >= 1<<31 {
		return 0
	}
	return r.TTL
}

// Offset is where the record starts in its message, for who reads its type.
func (r RR) Offset() int { return r.owner }

// Records goes over the records of a message:
//
//	recs := msg.Records()
//	for recs.Next() {
//		use(recs.RR)
//	}
//	if recs.Err() != nil {
//		// the message is broken behind the last record
//	}
type Records struct {
	RR // the present record, after Next said true

	msg   Message
	off   int
	left  [3]uint16
	asked bool // the name behind the header is sound
	err   error
}

// Records starts in front of the first record. Where the header or a question
// cannot be read there is none, and Err says why.
func (m Message) Records() Records {
	r := Records{msg: m}
	if len(m) < headerSize {
		r.err = errHeader
		return r
	}
	r.off = headerSize
	for i := range r.left {
		r.left[i] = m.word(3 + i)
	}
	for n := m.word(2); n > 0 && r.off < len(m); n-- {
		next, err := m.skip(r.off)
		if err == nil && next+4 > len(m) {
			err = errShort
		}
		if err != nil {
			r.err = err
			return r
		}
		r.off, r.asked = next+4, true
	}
	return r
}

// Next reads one more record, with its name and the bounds of its data. It says
// false behind the last one, behind the end of the message, and where a record
// is broken.
func (r *Records) Next() bool {
	for r.left[r.Section] == 0 {
		if r.Section == Additional {
			return false
		}
		r.Section++
	}
	if r.err != nil || r.off >= len(r.msg) {
		return false // counts above what the message holds are common, and harmless
	}
	r.left[r.Section]--
	next, err := r.skipOwner()
	if err == nil && next+10 > len(r.msg) {
		err = errShort
	}
	if err != nil {
		r.err = err
		return false
	}
	head := r.msg[next : next+10]
	r.owner, r.data = r.off, next+10
	r.Type, r.Class = binary.BigEndian.Uint16(head), binary.BigEndian.Uint16(head[2:])
	r.TTL = binary.BigEndian.Uint32(head[4:])
	r.end = r.data + int(binary.BigEndian.Uint16(head[8:]))
	if r.end > len(r.msg) {
		r.err = errShort
		return false
	}
	r.off = r.end
	return true
}

// skipOwner is the offset behind the owner of the next record. Most owners are
// a pointer to the name of the question, which was read already.
func (r *Records) skipOwner() (next int, err error) {
	if r.asked && r.off+2 <= len(r.msg) && r.msg[r.off] == 0xc0 && r.msg[r.off+1] == headerSize {
		return r.off + 2, nil
	}
	return r.msg.skip(r.off)
}

// Err is what is wrong with the message behind the last record that Next gave,
// nil for nothing.
func (r *Records) Err() error { return r.err }

// Data is the octets of the record's data, in place. Names in it may be
// compressed. It is empty for a record of another message.
func (m Message) Data(rr RR) []byte {
	if rr.data > rr.end || rr.end > len(m) {
		return nil
	}
	return m[rr.data:rr.end]
}

// Owner is the record's owner.
func (m Message) Owner(rr RR) zone.Name {
	return zone.Name(m.appendText(make([]byte, 0, 4*maxName), rr.owner))
}

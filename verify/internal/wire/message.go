package wire

import (
	"encoding/binary"
	"errors"
)

// Message is a DNS message as it came. Every method may be called on any
// octets.
type Message []byte

const headerSize = 12 // RFC 1035 section 4.1.1

// The bits of the header's second word (RFC 1035 section 4.1.1, RFC 4035
// section 3.2).
const (
	flagResponse      = 1 << 15
	maskOpcode        = 0xf << 11
	flagAuthoritative = 1 << 10
	flagTruncated     = 1 << 9
	flagRecurse       = 1 << 8
	flagRecursive     = 1 << 7
	flagAuthentic     = 1 << 5
	flagUnchecked     = 1 << 4
	maskRcode         = 0xf
)

// ClassIN is the only class that the verifier asks for.
const ClassIN = 1

// The types that [Record] reads, and what queries of the verifier need besides.
const (
	TypeA     = 1
	TypeNS    = 2
	TypeCNAME = 5
	TypeSOA   = 6
	TypeMX    = 15
	TypeTXT   = 16
	TypeAAAA  = 28
	TypeSRV   = 33
	TypeOPT   = 41
	TypeDS    = 43
	TypeCAA   = 257
)

// What can be wrong with a message.
var (
	errHeader  = errors.New("shorter than a header")
	errShort   = errors.New("a question or a record that goes past the end")
	errLong    = errors.New("a name longer than 255 octets")
	errLabel   = errors.New("a label of a reserved kind")
	errPointer = errors.New("a compression pointer that does not lead back")
	errHops    = errors.New("too many compression pointers in one name")
	errData    = errors.New("data that is not of its record's type")
)

// word is the i-th word of the header, 0 where there is no header.
func (m Message) word(i int) uint16 {
	if len(m) < headerSize {
		return 0
	}
	return binary.BigEndian.Uint16(m[2*i:])
}

// ID is the number that an answer has from its question.
func (m Message) ID() uint16 { return m.word(0) }

// Response reports whether the message is an answer (QR).
func (m Message) Response() bool { return m.word(1)&flagResponse != 0 }

// Opcode is what kind of question the message is or answers; 0 is a query.
func (m Message) Opcode() int { return int(m.word(1)&maskOpcode) >> 11 }

// Authoritative reports whether the server answers for its own zone (AA).
func (m Message) Authoritative() bool { return m.word(1)&flagAuthoritative != 0 }

// Truncated reports whether the answer did not fit (TC).
func (m Message) Truncated() bool { return m.word(1)&flagTruncated != 0 }

// Recursive reports whether the server asks others (RA).
func (m Message) Recursive() bool { return m.word(1)&flagRecursive != 0 }

// Authentic reports whether a resolver says that it validated the answer (AD).
func (m Message) Authentic() bool { return m.word(1)&flagAuthentic != 0 }

// Recurse reports whether the question wants the server to ask others (RD).
func (m Message) Recurse() bool { return m.word(1)&flagRecurse != 0 }

// Unchecked reports whether the question wants no validation (CD).
func (m Message) Unchecked() bool { return m.word(1)&flagUnchecked != 0 }

// Counts is how many entries the header says that each section has. A sender
// may lie.
func (m Message) Counts() (questions, answer, authority, additional int) {
	return int(m.word(2)), int(m.word(3)), int(m.word(4)), int(m.word(5))
}

// HeaderRcode is the four bits of the response code that the header has: the
// whole of it for every code below 16.
func (m Message) HeaderRcode() Rcode { return Rcode(m.word(1) & maskRcode) }

// Rcode is the whole response code: the header's four bits, and the eight above
// them from the OPT record, where the message has one (RFC 6891 section 6.1.3).
func (m Message) Rcode() Rcode {
	if opt, ok := m.OPT(); ok {
		return m.HeaderRcode() | opt.upper
	}
	return m.HeaderRcode()
}

// Check is nil for a message that is sound from its header to its last record:
// names, lengths, and the data of the types that [Record] reads. Data of other
// types is only within its bounds, and counts may promise more than the message
// holds, if it ends where a record does.
func (m Message) Check() error {
	recs := m.Records()
	for recs.Next() {
		if !sound(m, recs.RR) {
			return errData
		}
	}
	return recs.Err()
}

package wire

import (
	"bytes"
	"encoding/binary"
)

// Query is one question to one server.
type Query struct {
	ID        uint16
	Name      []byte // wire form, see [AppendName]
	Type      uint16
	Recurse   bool   // RD: for a resolver
	Unchecked bool   // CD: the resolver is not to validate
	DNSSEC    bool   // DO: signatures are wanted; needs EDNS
	EDNS      uint16 // octets of an answer that we take over UDP; 0: no EDNS at all
}

// AppendQuery appends the message that asks q, in class IN.
func AppendQuery(dst []byte, q Query) []byte {
	var flags uint16
	if q.Recurse {
		flags |= flagRecurse
	}
	if q.Unchecked {
		flags |= flagUnchecked
	}
	var additional byte
	if q.EDNS > 0 {
		additional = 1
	}
	dst = append(dst, byte(q.ID>>8), byte(q.ID), byte(flags>>8), byte(flags), 0, 1, 0, 0, 0, 0, 0, additional)
	dst = append(dst, q.Name...)
	dst = append(dst, byte(q.Type>>8), byte(q.Type), 0, ClassIN)
	if q.EDNS > 0 {
		// RFC 6891 section 6.1.2: the root, OPT, our size, rcode and version 0,
		// the DO bit, no options.
		var do byte
		if q.DNSSEC {
			do = 0x80
		}
		dst = append(dst, 0, 0, TypeOPT, byte(q.EDNS>>8), byte(q.EDNS), 0, 0, do, 0, 0, 0)
	}
	return dst
}

// Kind is how a message fits a question.
type Kind int

const (
	// Garbage is no DNS message.
	Garbage Kind = iota

	// Other is a message about something else: another id, another question, or
	// no answer at all.
	Other

	// NoQuestion is an answer of the right id that repeats no question and says
	// that the server could not or would not read it: FORMERR, SERVFAIL, NOTIMP
	// or REFUSED.
	NoQuestion

	// OtherCase is the answer, but for the case of letters in its name: the
	// server folds case, or somebody guessed.
	OtherCase

	// Same is the answer, its name octet for octet.
	Same
)

// Match says how msg fits the question of that id, wire name and type in class
// IN. Only the header and the question are read.
func Match(msg Message, id uint16, name []byte, typ uint16) Kind {
	if len(msg) < headerSize {
		return Garbage
	}
	if flags := binary.BigEndian.Uint16(msg[2:]); binary.BigEndian.Uint16(msg) != id || flags&(flagResponse|maskOpcode) != flagResponse {
		return Other
	}
	// Some servers keep the count of a question that they cut off.
	questions := binary.BigEndian.Uint16(msg[4:])
	if questions == 0 || len(msg) == headerSize {
		return unasked(msg.HeaderRcode())
	}
	if end := headerSize + len(name); questions == 1 && len(msg) >= end+4 && bytes.Equal(msg[headerSize:end], name) {
		if binary.BigEndian.Uint32(msg[end:]) == uint32(typ)<<16|ClassIN {
			return Same
		}
		return Other
	}
	return matchSlowly(msg, questions, name, typ)
}

// unasked is the kind of an answer that repeats no question.
func unasked(r Rcode) Kind {
	if r == FormErr || r == ServFail || r == NotImp || r == Refused {
		return NoQuestion
	}
	return Other
}

// matchSlowly reads a question that is not there octet for octet.
func matchSlowly(msg Message, questions uint16, name []byte, typ uint16) Kind {
	same, next, err := msg.compare(headerSize, name)
	switch {
	case err != nil || next+4 > len(msg):
		return Garbage
	case questions != 1 || same == different || binary.BigEndian.Uint32(msg[next:]) != uint32(typ)<<16|ClassIN:
		return Other
	case same == otherCase:
		return OtherCase
	}
	return Same
}

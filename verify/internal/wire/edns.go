package wire

import "encoding/binary"

// OPT is what a message says in its OPT record (RFC 6891 section 6.1).
type OPT struct {
	Size    uint16 // octets of a message that its sender takes over UDP
	Version uint8
	DNSSEC  bool // DO

	upper   Rcode
	options []byte
}

// OPT is the message's OPT record: the last one, where it has several.
func (m Message) OPT() (opt OPT, ok bool) {
	if m.word(5) == 0 {
		return OPT{}, false
	}
	recs := m.Records()
	for recs.Next() {
		if recs.Section != Additional || recs.Type != TypeOPT {
			continue
		}
		ok = true
		opt = OPT{
			Size:    recs.Class,
			Version: uint8(recs.TTL >> 16),
			DNSSEC:  recs.TTL&0x8000 != 0,
			upper:   Rcode(recs.TTL >> 24 << 4),
			options: m.Data(recs.RR),
		}
	}
	return opt, ok
}

// ExtendedError is a reason that a server gives for its answer (RFC 8914).
type ExtendedError struct {
	Code ErrorCode
	Text string // the server's own words, as they came: any octets, often none
}

// optionError is the code of an extended error among the options of EDNS (RFC
// 8914 section 2).
const optionError = 15

// Errors is the extended errors of the message, in its order. Options that go
// past the end of the record are left out.
func (m Message) Errors() []ExtendedError {
	opt, ok := m.OPT()
	if !ok {
		return nil
	}
	var out []ExtendedError
	for rest := opt.options; len(rest) >= 4; {
		code, n := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		if rest = rest[4:]; n > len(rest) {
			break
		}
		if code == optionError && n >= 2 {
			out = append(out, ExtendedError{Code: ErrorCode(binary.BigEndian.Uint16(rest)), Text: string(rest[2:n])})
		}
		rest = rest[n:]
	}
	return out
}

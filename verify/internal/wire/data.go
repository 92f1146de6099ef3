package wire

import (
	"encoding/binary"
	"net/netip"
	"strconv"

	"github.com/mooring-dns/mooring/providers/zone"
)

// maxDigest is more octets than any digest of a DS record has (the largest of
// the IANA registry is of 64), and as many as zone text carries in one word.
const maxDigest = 1024

// maxValue is how long a CAA value package zone holds.
const maxValue = 255

// Record is rr as providers/zone writes it. ok is false for a class other than
// IN, for a type that this package does not read, and for data that is not of
// its type or that package zone has no canonical form for: a CAA tag that is
// not letters and digits, a CAA value over 255 octets, no text at all.
func Record(msg Message, rr RR) (rec zone.Record, ok bool) {
	if rr.Class != ClassIN || !sound(msg, rr) {
		return zone.Record{}, false
	}
	buf := make([]byte, 0, 512)
	var typ string
	if typ, buf, ok = appendData(buf, msg[:rr.end], rr); !ok {
		return zone.Record{}, false
	}
	return zone.Record{Name: msg.Owner(rr), Type: typ, TTL: rr.TTL, Data: string(buf)}, true
}

// appendData appends the data of a sound record as package zone spells it. The
// message must end where the record does.
func appendData(dst []byte, msg Message, rr RR) (typ string, text []byte, ok bool) {
	data := msg.Data(rr)
	if len(data) == 0 {
		return "", dst, false // what updates send (RFC 2136 section 2.5)
	}
	switch rr.Type {
	case TypeA:
		return "A", netip.AddrFrom4([4]byte(data)).AppendTo(dst), true
	case TypeAAAA:
		return "AAAA", netip.AddrFrom16([16]byte(data)).AppendTo(dst), true
	case TypeCNAME:
		return "CNAME", appendTarget(dst, msg, rr.data), true
	case TypeNS:
		return "NS", appendTarget(dst, msg, rr.data), true
	case TypeMX:
		return "MX", appendTarget(appendNumbers16(dst, data[:2]), msg, rr.data+2), true
	case TypeSRV:
		return "SRV", appendTarget(appendNumbers16(dst, data[:6]), msg, rr.data+6), true
	case TypeSOA:
		return "SOA", appendSOA(dst, msg, rr), true
	case TypeTXT:
		return "TXT", appendStrings(dst, data), true
	case TypeCAA:
		dst, ok = appendCAA(dst, data)
		return "CAA", dst, ok
	case TypeDS:
		return "DS", appendDS(dst, data), len(data)-4 <= maxDigest
	}
	return "", dst, false
}

// appendTarget appends the name at off with its final dot.
func appendTarget(dst []byte, msg Message, off int) []byte {
	start := len(dst)
	dst = msg.appendText(dst, off)
	if len(dst) == start+1 && dst[start] == '.' {
		return dst
	}
	return append(dst, '.')
}

// appendNumbers16 appends each two octets as a number and a blank.
func appendNumbers16(dst, data []byte) []byte {
	for ; len(data) >= 2; data = data[2:] {
		dst = strconv.AppendUint(dst, uint64(binary.BigEndian.Uint16(data)), 10)
		dst = append(dst, ' ')
	}
	return dst
}

func appendSOA(dst []byte, msg Message, rr RR) []byte {
	next, _ := msg.skip(rr.data)
	dst = append(appendTarget(dst, msg, rr.data), ' ')
	dst = appendTarget(dst, msg, next)
	for numbers := msg[rr.end-20 : rr.end]; len(numbers) >= 4; numbers = numbers[4:] {
		dst = append(dst, ' ')
		dst = strconv.AppendUint(dst, uint64(binary.BigEndian.Uint32(numbers)), 10)
	}
	return dst
}

// appendStrings appends character-strings, each in its quotes.
func appendStrings(dst, data []byte) []byte {
	for i := 0; i < len(data); {
		n := int(data[i])
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = appendQuoted(dst, data[i+1:i+1+n])
		i += 1 + n
	}
	return dst
}

func appendQuoted(dst, s []byte) []byte {
	dst = append(dst, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ' || c >= 0x7f:
			dst = appendDecimal(dst, c)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// appendCAA appends flags, tag and value (RFC 8659 section 4.1). The value is
// the rest of the data, octet for octet.
func appendCAA(dst, data []byte) ([]byte, bool) {
	dst = strconv.AppendUint(dst, uint64(data[0]), 10)
	dst = append(dst, ' ')
	if len(data) < 3 {
		return dst, false // no tag
	}
	tag, value := data[2:2+int(data[1])], data[2+int(data[1]):]
	for _, c := range tag {
		c = lower(c)
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return dst, false
		}
		dst = append(dst, c)
	}
	dst = append(dst, ' ')
	return appendQuoted(dst, value), len(tag) > 0 && len(value) <= maxValue
}

func appendDS(dst, data []byte) []byte {
	dst = appendNumbers16(dst, data[:2])
	for _, n := range data[2:4] {
		dst = strconv.AppendUint(dst, uint64(n), 10)
		dst = append(dst, ' ')
	}
	const digits = "0123456789ABCDEF"
	for _, c := range data[4:] {
		dst = append(dst, digits[c>>4], digits[c&0xf])
	}
	return dst
}

// sound reports whether the data of a record is built as its type says. No data
// at all is sound, as dynamic updates have it, and so is that of a type that
// this package does not read.
func sound(msg Message, rr RR) bool {
	if rr.end > len(msg) || rr.data >= rr.end {
		return rr.end == rr.data
	}
	msg = msg[:rr.end]
	size := rr.end - rr.data
	switch rr.Type {
	case TypeA:
		return size == 4
	case TypeAAAA:
		return size == 16
	case TypeCNAME, TypeNS:
		return endsAt(msg, rr.data, rr.end)
	case TypeMX:
		return size > 2 && endsAt(msg, rr.data+2, rr.end)
	case TypeSRV:
		return size > 6 && endsAt(msg, rr.data+6, rr.end)
	case TypeSOA:
		next, err := msg.skip(rr.data)
		return err == nil && endsAt(msg, next, rr.end-20)
	case TypeTXT:
		return soundStrings(msg[rr.data:])
	case TypeCAA:
		return size == 1 || 2+int(msg[rr.data+1]) <= size
	case TypeDS:
		return size >= 4
	}
	return true
}

// endsAt reports whether the name at off ends in its place at end.
func endsAt(msg Message, off, end int) bool {
	next, err := msg.skip(off)
	return err == nil && next == end
}

func soundStrings(data []byte) bool {
	for len(data) > 0 {
		n := 1 + int(data[0])
		if n > len(data) {
			return false
		}
		data = data[n:]
	}
	return true
}

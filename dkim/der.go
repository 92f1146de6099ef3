package dkim

// The kinds of ASN.1 elements in a public key. encoding/asn1 would read them as well, at many times the cost.
const (
	derInteger   = 0x02
	derBitString = 0x03
	derSequence  = 0x30
)

// derHead returns the lengths of the header and of the whole first element of b.
func derHead(b []byte) (head, total int, ok bool) {
	if len(b) < 2 {
		return 0, 0, false
	}
	if b[1] < 0x80 {
		return 2, 2 + int(b[1]), true
	}
	n := int(b[1] & 0x7f)
	if n == 0 || n > 2 || len(b) < 2+n || b[2] == 0 { // a TXT record ends below 65536 octets
		return 0, 0, false
	}
	size := 0
	for _, c := range b[2 : 2+n] {
		size = size<<8 | int(c)
	}
	return 2 + n, 2 + n + size, size >= 0x80
}

// derValue takes one element off b. It accepts only what DER allows, so that a key has one spelling and one fingerprint.
func derValue(b []byte, kind byte) (value, rest []byte, ok bool) {
	head, total, ok := derHead(b)
	if !ok || b[0] != kind || total > len(b) {
		return nil, nil, false
	}
	return b[head:total], b[total:], true
}

// derUint takes one positive INTEGER off b, without its leading zero.
func derUint(b []byte) (value, rest []byte, ok bool) {
	value, rest, ok = derValue(b, derInteger)
	if !ok || len(value) == 0 || value[0] >= 0x80 {
		return nil, nil, false
	}
	if value[0] == 0 {
		if len(value) == 1 || value[1] < 0x80 {
			return nil, nil, false
		}
		value = value[1:]
	}
	return value, rest, true
}

// derWrap puts a header before value.
func derWrap(kind byte, value []byte) []byte {
	n := len(value)
	out := make([]byte, 0, 4+n)
	switch {
	case n >= 0x100:
		out = append(out, kind, 0x82, byte(n>>8), byte(n))
	case n >= 0x80:
		out = append(out, kind, 0x81, byte(n))
	default:
		out = append(out, kind, byte(n))
	}
	return append(out, value...)
}

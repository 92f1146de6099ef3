package wire

import "bytes"

// maxHops is more pointers than a name of 255 octets can need, where every
// one of them leads to a label.
const maxHops = (maxName+1)/2 - 2

// cursor goes over the labels of one name in a message. A pointer must lead
// before the labels that it ends ("a prior occurrence", RFC 1035 section
// 4.1.4), so the walk comes to an end.
type cursor struct {
	msg  Message
	off  int   // of the next length
	run  int   // where the labels since the last pointer began
	next int   // behind the name where it stands; 0 before its end or its first pointer
	size int   // octets of the name so far
	hops int   // pointers so far
	err  error // what is wrong with the name
}

func at(m Message, off int) cursor { return cursor{msg: m, off: off, run: off} }

// label is the next label, nil at the end and where the name is broken.
func (c *cursor) label() []byte {
	for c.off < len(c.msg) {
		n := int(c.msg[c.off])
		switch {
		case n == 0:
			c.leave(1)
			return nil
		case n <= maxLabel:
			start := c.off + 1
			c.off = start + n
			if c.size += n + 1; c.size >= maxName {
				return c.fail(errLong)
			}
			if c.off > len(c.msg) {
				return c.fail(errShort)
			}
			return c.msg[start:c.off]
		case n < 0xc0:
			return c.fail(errLabel)
		}
		if c.off+1 >= len(c.msg) {
			return c.fail(errShort)
		}
		to := n&0x3f<<8 | int(c.msg[c.off+1])
		c.leave(2)
		if c.hops++; c.hops > maxHops {
			return c.fail(errHops)
		}
		if to >= c.run {
			return c.fail(errPointer)
		}
		c.off, c.run = to, to
	}
	return c.fail(errShort)
}

// leave notes where the name ends in its place, n octets on.
func (c *cursor) leave(n int) {
	if c.next == 0 {
		c.next = c.off + n
	}
}

func (c *cursor) fail(err error) []byte {
	c.err = err
	return nil
}

// skip is the offset behind the name at off, which it reads to its end: what a
// cursor does, in half the time since nobody wants the labels.
func (m Message) skip(off int) (next int, err error) {
	run, size, hops := off, 0, 0
	for off < len(m) {
		n := int(m[off])
		switch {
		case n == 0:
			if next == 0 {
				next = off + 1
			}
			return next, nil
		case n <= maxLabel:
			off += n + 1
			if size += n + 1; size >= maxName {
				return next, errLong
			}
			if off > len(m) {
				return next, errShort
			}
			continue
		case n < 0xc0:
			return next, errLabel
		}
		if off+1 >= len(m) {
			return next, errShort
		}
		to := n&0x3f<<8 | int(m[off+1])
		if next == 0 {
			next = off + 2
		}
		if hops++; hops > maxHops {
			return next, errHops
		}
		if to >= run {
			return next, errPointer
		}
		off, run = to, to
	}
	return next, errShort
}

// sameness is how one name is another.
type sameness int

const (
	different sameness = iota
	otherCase          // but for the case of ASCII letters
	identical
)

// compare compares the name at off with a wire name.
func (m Message) compare(off int, name []byte) (same sameness, next int, err error) {
	c := at(m, off)
	same = identical
	for label := c.label(); label != nil; label = c.label() {
		if same == different {
			continue
		}
		n := len(label) + 1
		if len(name) <= n || int(name[0]) != n-1 {
			same = different
			continue
		}
		if !bytes.Equal(label, name[1:n]) {
			same = otherCase
			if !equalFold(label, name[1:n]) {
				same = different
			}
		}
		name = name[n:]
	}
	if len(name) != 1 || name[0] != 0 {
		same = different
	}
	return same, c.next, c.err
}

func equalFold(a, b []byte) bool {
	for i, c := range a {
		if c != b[i] && lower(c) != lower(b[i]) {
			return false
		}
	}
	return true
}

// appendText appends the name at off as a zone.Name prints. Where the name is
// broken that is what comes before.
func (m Message) appendText(dst []byte, off int) []byte {
	start := len(dst)
	c := at(m, off)
	for label := c.label(); label != nil; label = c.label() {
		if len(dst) > start {
			dst = append(dst, '.')
		}
		for _, o := range label {
			dst = appendNameOctet(dst, o)
		}
	}
	if len(dst) == start {
		dst = append(dst, '.')
	}
	return dst
}

// appendNameOctet appends one octet of a label as package zone spells it.
func appendNameOctet(dst []byte, c byte) []byte {
	switch c = lower(c); {
	case c <= ' ' || c >= 0x7f:
		return appendDecimal(dst, c)
	case c == '.' || c == '"' || c == '\\' || c == ';' || c == '(' || c == ')' || c == '@' || c == '$' || c == '\'':
		return appendDecimal(dst, c)
	}
	return append(dst, c)
}

func appendDecimal(dst []byte, c byte) []byte {
	return append(dst, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
}

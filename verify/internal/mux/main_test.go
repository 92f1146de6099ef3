package mux

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if beServer() {
		return
	}
	goleak.VerifyTestMain(m)
}

// reply makes the question at the beginning of query its answer, in place: a
// TXT record.
func reply(query []byte) []byte {
	end := 12
	for end < len(query) && query[end] != 0 {
		end += 1 + int(query[end])
	}
	end += 5
	if end > len(query) {
		return nil
	}
	query[2], query[3] = query[2]|0x84, 0 // QR, AA
	copy(query[6:], []byte{0, 1, 0, 0, 0, 0})
	const text = "token=0123456789abcdef"
	answer := append(query[:end], 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, byte(len(text)+1), byte(len(text)))
	return append(answer, text...)
}

// nameOf is a different name for each i.
func nameOf(i int) []byte {
	name := []byte("\x08........\x08customer\x07example\x00")
	number(name, i)
	return name
}

func number(name []byte, i int) {
	for k := range 8 {
		name[1+k] = "abcdefghijklmnop"[i>>(4*k)&15]
	}
}

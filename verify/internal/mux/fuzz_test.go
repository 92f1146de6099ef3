package mux

import (
	"bytes"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"
)

// FuzzAccept gives a question that is under way any datagram from its server:
// only one that repeats its id and its question, letter for letter, is an
// answer.
func FuzzAccept(f *testing.F) {
	query := (&Question{Name: nameOf(7), Type: 16}).pack(nil)
	for _, msg := range [][]byte{
		answered(query), changed(query, flipped), failing(query, 1), failing(query, 5)[:12], small(query), large(query, 60), query, query[:5], {},
	} {
		f.Add(msg, true, false)
		f.Add(msg, false, false)
		f.Add(msg, true, true)
	}
	f.Fuzz(func(t *testing.T, msg []byte, spelt, away bool) {
		m := newMux(t, Options{Timeout: time.Hour})
		nowhere, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Skip(err)
		}
		defer nowhere.Close()
		at := nowhere.LocalAddr().(*net.UDPAddr).AddrPort()
		var answer atomic.Pointer[Answer] // it may come over TCP
		q := &Question{Server: at, Name: nameOf(7), Type: 16, Answer: func(_ *Question, a Answer) { answer.Store(&a) }}
		m.Ask(q)
		m.mu.Lock()
		s, asked := q.socket, q.pack(nil)
		m.mu.Unlock()
		if len(msg) > 2 {
			copy(msg, asked[:2]) // or nothing of interest would come through
		}
		question := asked[12 : 12+len(q.Name)+4]
		if end := 12 + len(question); spelt && len(msg) >= end && bytes.EqualFold(msg[12:end], question) {
			copy(msg[12:], question)
		}
		from := at
		if away {
			from = netip.AddrPortFrom(at.Addr(), at.Port()^1)
		}
		s.accept(msg, from, make([]byte, 0, maxName))
		got := answer.Load()
		if got == nil || got.Err != nil {
			m.Cancel(q)
			return
		}
		if away || len(msg) > longest || len(msg) > 12 && msg[5] == 1 && !bytes.Equal(msg[12:12+len(question)], question) {
			t.Errorf("%x was taken for an answer to %x", msg, asked)
		}
	})
}

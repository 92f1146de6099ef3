package mux

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestFaults has servers that do what servers do wrong, and those who answer
// in their name.
func TestFaults(t *testing.T) {
	loop := func(msg []byte) { // the owner of the record points to itself
		at := questionEnd(msg)
		msg[at], msg[at+1] = 0xc0, byte(at)
	}
	cases := []struct {
		why              string
		udp, tcp         over
		err              error
		how              How
		spoofed, garbage uint16
		sent             int
		again            int // packets for a second question
		retry            bool
	}{
		{why: "sound", udp: right, sent: 1, again: 1},
		{why: "from another source first", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{nil, nil, answered(q)}
		}, spoofed: 2, sent: 1, again: 1},
		{why: "another id first", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{changed(q, func(m []byte) { m[0] ^= 0x55 }), answered(q)}
		}, spoofed: 1, sent: 1, again: 1},
		{why: "another question first", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{changed(q, func(m []byte) { m[14] = 'z' }), answered(q)}
		}, spoofed: 1, sent: 1, again: 1},
		{why: "another type first", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{changed(q, func(m []byte) { m[questionEnd(m)-3] = 1 }), answered(q)}
		}, spoofed: 1, sent: 1, again: 1},
		{why: "the query itself first", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{q, answered(q)}
		}, spoofed: 1, sent: 1, again: 1},
		{why: "a few octets first", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{q[:3], {}, answered(q)}
		}, garbage: 2, sent: 1, again: 1},
		{why: "a header with half a question first", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{answered(q)[:20], answered(q)}
		}, garbage: 1, sent: 1, again: 1},
		{why: "a pointer that loops first", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{changed(q, loop), answered(q)}
		}, garbage: 1, sent: 1, again: 1},
		{why: "more than we take first", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{large(q, 60), answered(q)}
		}, garbage: 1, sent: 1, again: 1},
		{why: "twice", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{answered(q), answered(q), answered(q)}
		}, sent: 1, again: 1},
		{
			why: "another case", udp: func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{changed(q, flipped)} },
			tcp: right, how: CaseMangled | OverTCP, sent: 2, again: 2,
		},
		{why: "another case, no TCP", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{changed(q, flipped)}
		}, err: ErrRefused, how: CaseMangled | NoTCP, sent: 2, again: 2},
		{
			why: "truncated", udp: func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{small(q)} },
			tcp: func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{large(q, 40)} },
			how: OverTCP, sent: 2, again: 2,
		},
		{
			why: "truncated to limit the rate", udp: func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{small(q)} },
			tcp: right, how: OverTCP | RateLimited, sent: 2, again: 2,
		},
		{why: "truncated, no TCP", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{small(q)}
		}, err: ErrRefused, how: NoTCP, sent: 2, again: 2},
		{
			why: "truncated over TCP too", udp: func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{small(q)} },
			tcp: func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{small(q)} },
			err: ErrTooLong, how: NoTCP, sent: 2, again: 2,
		},
		{
			why: "truncated, another question over TCP", udp: func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{small(q)} },
			tcp: func(_ *fake, _ int, q []byte) [][]byte {
				return [][]byte{changed(q, func(m []byte) { m[14] = 'z' })}
			},
			err: ErrMangled, how: NoTCP, sent: 2, again: 2,
		},
		{
			why: "truncated, and TCP closes", udp: func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{small(q)} },
			tcp: func(_ *fake, _ int, q []byte) [][]byte { return nil },
			err: ErrBroken, how: NoTCP, sent: 2, again: 2,
		},
		{why: "FORMERR to EDNS", udp: func(_ *fake, _ int, q []byte) [][]byte {
			if withEDNS(q) {
				return [][]byte{failing(q, 1), failing(q, 1)}
			}
			return [][]byte{answered(q)}
		}, how: WithoutEDNS, sent: 2, again: 1},
		{why: "FORMERR to EDNS, a header alone", udp: func(_ *fake, _ int, q []byte) [][]byte {
			if withEDNS(q) {
				msg := failing(q, 1)[:12]
				msg[5] = 0
				return [][]byte{msg}
			}
			return [][]byte{answered(q)}
		}, how: WithoutEDNS, sent: 2, again: 1},
		{why: "NOTIMP to EDNS", udp: func(_ *fake, _ int, q []byte) [][]byte {
			if withEDNS(q) {
				return [][]byte{failing(q, 4)}
			}
			return [][]byte{answered(q)}
		}, how: WithoutEDNS, sent: 2, again: 1},
		{why: "BADVERS to EDNS", udp: func(_ *fake, _ int, q []byte) [][]byte {
			if withEDNS(q) {
				msg := failing(q, 0)
				msg[11] = 1
				return [][]byte{append(msg, 0, 0, 41, 4, 0xd0, 1, 0, 0, 0, 0, 0)}
			}
			return [][]byte{answered(q)}
		}, how: WithoutEDNS, sent: 2, again: 1},
		{why: "FORMERR to everything", udp: func(_ *fake, _ int, q []byte) [][]byte {
			return [][]byte{failing(q, 1)}
		}, sent: 2, again: 2},
		{why: "REFUSED", udp: func(_ *fake, _ int, q []byte) [][]byte { return [][]byte{failing(q, 5)} }, sent: 1, again: 1},
		{why: "silent to EDNS", udp: func(_ *fake, _ int, q []byte) [][]byte {
			if withEDNS(q) {
				return nil
			}
			return [][]byte{answered(q)}
		}, how: EDNSDropped, sent: 3, again: 1, retry: true},
		{why: "FORMERR to EDNS after the question without", udp: func(_ *fake, nth int, q []byte) [][]byte {
			switch {
			case nth < 3:
				return nil
			case nth == 3:
				return [][]byte{failing(q, 1), answered(q)}
			}
			return [][]byte{answered(q)}
		}, how: WithoutEDNS, sent: 4, again: 1, retry: true},
		{why: "two packets lost, EDNS known", udp: func(_ *fake, nth int, q []byte) [][]byte {
			if nth < 3 {
				return nil
			}
			msg := answered(q)
			if !withEDNS(q) {
				msg[11] = 1
				msg = append(msg, 0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0)
			}
			return [][]byte{msg}
		}, sent: 3, again: 1, retry: true},
		{why: "the answers to all packets after the third", udp: func(_ *fake, nth int, q []byte) [][]byte {
			if nth < 3 {
				return nil
			}
			spoken := append(changed(q, func(m []byte) { m[11] = 1 }), 0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0)
			return [][]byte{spoken, spoken, answered(q)}
		}, sent: 3, again: 1, retry: true},
	}
	if reportsErrors {
		cases = append(cases, cases[0])
		last := &cases[len(cases)-1]
		last.why, last.udp, last.err = "closed port", nil, ErrRefused
	}
	bothPaths(t, func(t *testing.T, o Options) {
		for _, tc := range cases {
			t.Run(tc.why, func(t *testing.T) {
				t.Parallel()
				f := newFake(t, tc.udp, tc.tcp)
				m := newMux(t, o)
				m.setFloor(patience)
				if tc.retry {
					m.setFloor(50 * time.Millisecond)
				}
				got := ask(t, m, f.at)
				m.setFloor(patience)
				if !errors.Is(got.Err, tc.err) {
					t.Errorf("error %v, want %v", got.Err, tc.err)
				}
				if got.How != tc.how || got.Spoofed != tc.spoofed || got.Garbage != tc.garbage || got.Sent != tc.sent {
					t.Errorf("how %b, spoofed %d, garbage %d, sent %d; want %b, %d, %d, %d",
						got.How, got.Spoofed, got.Garbage, got.Sent, tc.how, tc.spoofed, tc.garbage, tc.sent)
				}
				if tc.err == nil {
					want := []byte("token=0123456789abcdef")
					if rcode := got.Msg[3] & 15; rcode == 0 && !bytes.Contains(got.Msg, want) {
						t.Errorf("message %q, want one with %s", got.Msg, want)
					}
				} else if how := tc.how &^ CaseMangled; how == NoTCP && !strings.Contains(got.Err.Error(), "over UDP") {
					t.Errorf("error %q does not say what came over UDP", got.Err)
				}
				if got := ask(t, m, f.at); got.Sent != tc.again {
					t.Errorf("a second question took %d packets, want %d", got.Sent, tc.again)
				}
			})
		}
	})
}

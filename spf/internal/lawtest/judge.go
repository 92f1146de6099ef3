// Package lawtest draws SPF merges at random and holds them to the laws that a
// merge promises. Who evaluates the records is a parameter, so that evaluators
// which share no code can judge the same merges:
//
//	score, err := lawtest.Draw(r, lawtest.Rates{Exclusions: 0.15}).Try(judge).Laws()
//
// It is for tests. It knows nothing of how a merge is made.
package lawtest

import (
	"fmt"
	"net/netip"

	"github.com/mooring-dns/mooring/spf"
)

// Domain is the name at which every drawn merge takes place.
const Domain = "cust.example"

// Message is what a receiver knows of a message before it reads it.
type Message struct {
	IP           netip.Addr
	Sender, Helo string
}

// Limit is the outcome of a record that asks more than the judge allows.
const Limit = "limit"

// A Judge evaluates the record that stands at domain in zone and returns the
// word of RFC 7208 section 2.6 for it, or [Limit]. It should allow many more
// lookups than receivers do. What zone does not list does not exist.
type Judge func(zone spf.Static, domain string, m Message) string

// Messages returns the sixteen messages over which laws are judged, from as many
// addresses of both families. Senders are all of [Domain].
func Messages() []Message {
	locals := []string{"news", "bill", "shop"}
	helos := []string{"mail.cust.example", "out.example.net"}
	var all []Message
	for i := range v4Count + v6Count {
		ip := v4(i)
		if i >= v4Count {
			ip = v6(i - v4Count)
		}
		all = append(all, Message{ip, locals[i%len(locals)] + "@" + Domain, helos[i%len(helos)]})
	}
	return all
}

const v4Count, v6Count = 10, 6

func v4(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}) }

func v6(i int) netip.Addr { return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 15: byte(i)}) }

// rank orders outcomes by how well the sender fares. An error has none.
func rank(outcome string) int {
	switch outcome {
	case "fail":
		return 0
	case "softfail":
		return 1
	case "neutral":
		return 2
	case "pass":
		return 3
	}
	return -1
}

// Score counts messages. The laws speak of those that every record of the case
// evaluates without error; for them a merged record may do none of the rest.
type Score struct {
	Messages int // all of them
	Judged   int // the laws speak of
	Lost     int // passed a record of the case, and the merged one no more
	Gained   int // pass the merged record alone
	Harsher  int // fare worse than with the owner's record
	Broken   int // the merged record evaluates with an error
	First    string
}

// Breaches is how many messages the merge treats wrongly.
func (s Score) Breaches() int { return s.Lost + s.Gained + s.Harsher + s.Broken }

// Add sums up.
func (s *Score) Add(o Score) {
	s.Messages += o.Messages
	s.Judged += o.Judged
	s.Lost += o.Lost
	s.Gained += o.Gained
	s.Harsher += o.Harsher
	s.Broken += o.Broken
	if s.First == "" {
		s.First = o.First
	}
}

func (s *Score) breach(what *int, format string, args ...any) {
	*what++
	if s.First == "" {
		s.First = fmt.Sprintf(format, args...)
	}
}

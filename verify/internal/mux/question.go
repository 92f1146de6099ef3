package mux

import (
	"errors"
	"net/netip"
	"time"
)

// Question is one question to one server. The caller owns it and leaves it
// alone, but for Cancel, from Ask until Answer is called; then it may be asked
// again, from within Answer too.
type Question struct {
	Server netip.AddrPort
	Name   []byte // wire form, lower case, uncompressed, at most 255 octets
	Type   uint16

	Recurse   bool // RD: for a resolver
	Unchecked bool // CD: the resolver is not to validate
	DNSSEC    bool // DO: signatures and proofs are wanted (needs EDNS)

	Group string // of servers that share a budget: a provider; empty: none

	// Answer is called exactly once for each Ask: from a goroutine of the
	// Mux, from Cancel, from Close, or from Ask where the Mux is closed. It
	// must not block; it may Ask and Cancel.
	Answer func(*Question, Answer)

	next, prev *Question // in the one list that it is in
	server     *server
	socket     *socket
	first      int64  // when it was put into its queue, first sent over UDP, or lined up for TCP, in nanoseconds of the Mux's clock
	due        uint32 // the tick at which it is looked at again
	salt       uint32 // of the case of its letters
	id         uint16
	spoofed    uint16 // what the server's counter said when it was asked
	garbage    uint16
	how        How
	state      state
	sent       uint8 // packets, over UDP
	plain      bool  // sent without EDNS the last time
	again      bool  // its id was another question's before: what comes with it may come late, or twice
}

// state is where a Question is.
type state uint8

const (
	idle      state = iota // the caller has it
	waiting                // for its turn, in the queue of its server
	asked                  // over UDP, in the wheel
	lapsed                 // over UDP, in the list of those whose time in the wheel is over
	failed                 // before an answer could come, in the map of those
	lined                  // up for TCP, in the list of its server
	connected              // over TCP, with a goroutine that asks it
)

// Answer is what came of a Question.
type Answer struct {
	Msg     []byte // valid only during the call; nil where Err is not
	Err     error  // one of those below, wrapped where TCP came after UDP, or another failure of the network
	How     How
	Spoofed uint16        // messages meanwhile in this server's name that answer nothing that was asked
	Garbage uint16        // messages meanwhile in this server's name that are no DNS messages, or too long
	RTT     time.Duration // from the first packet to the answer, over the transport that gave it
	Sent    int           // packets and connections that it took; 0: none was sent
}

// How is a set of bits: what it took to get an answer.
type How uint8

// What it took.
const (
	OverTCP     How = 1 << iota // the answer came over TCP
	WithoutEDNS                 // the server takes a question with EDNS for broken (FORMERR, NOTIMP, BADVERS)
	EDNSDropped                 // the server is silent to questions with EDNS
	CaseMangled                 // it repeats the question in another case
	RateLimited                 // it truncated over UDP what is small: it limits its rate
	NoTCP                       // it truncates over UDP, or mangles the case, and TCP fails

	truncated // the answer over UDP was
)

// What Answer.Err is, or wraps.
var (
	ErrTimeout  = errors.New("no answer in time")
	ErrSilent   = errors.New("not asked: the server was silent to those before")
	ErrRefused  = errors.New("port closed")
	ErrNoRoute  = errors.New("no route from here")
	ErrClosed   = errors.New("closed before the answer")
	ErrCanceled = errors.New("canceled before the answer")
	ErrMangled  = errors.New("an answer that is no DNS message, or to another question")
	ErrTooLong  = errors.New("truncated over UDP and over TCP")
	ErrBroken   = errors.New("connection closed before the answer")
	ErrName     = errors.New("the name is not in wire form")
)

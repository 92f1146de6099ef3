package wire_test

import (
	"fmt"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/verify/internal/wire"
)

// answerTo is what a server would send.
func answerTo(query []byte, line string) wire.Message {
	q, m := new(dns.Msg), new(dns.Msg)
	if err := q.Unpack(query); err != nil {
		panic(err)
	}
	rr, err := dns.NewRR(line)
	if err != nil {
		panic(err)
	}
	m.SetReply(q)
	m.Authoritative, m.Compress, m.Answer = true, true, []dns.RR{rr}
	msg, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return msg
}

func Example() {
	name, err := wire.AppendName(nil, "www.customer.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	wire.Scramble(name, 0b1011)
	query := wire.AppendQuery(nil, wire.Query{ID: 4711, Name: name, Type: wire.TypeCNAME, EDNS: 1232})
	msg := answerTo(query, "www.customer.example. 300 IN CNAME Shops.Platform.example.")

	fmt.Println(wire.Match(msg, 4711, name, wire.TypeCNAME) == wire.Same, msg.Authoritative(), msg.Rcode())
	recs := msg.Records()
	for recs.Next() {
		rec, ok := wire.Record(msg, recs.RR)
		fmt.Println(rec, ok)
	}
	fmt.Println(recs.Err())
	// Output:
	// true true NOERROR
	// www.customer.example. 300 CNAME shops.platform.example. true
	// <nil>
}

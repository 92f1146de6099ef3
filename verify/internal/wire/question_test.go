package wire_test

import (
	"bytes"
	"testing"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/verify/internal/wire"
)

func TestMatch(t *testing.T) {
	const id = 4711
	name := wireName(t, "www.customer.example")
	sound := answer(t, "www.customer.example.", dns.TypeA, hot[0])
	edit := func(f func(m []byte) []byte) []byte { return f(bytes.Clone(sound)) }
	set := func(i int, c byte) []byte { return edit(func(m []byte) []byte { m[i] = c; return m }) }
	end := 12 + len(name)
	// The question again, whose name is a pointer to the first.
	twice := edit(func(m []byte) []byte { m[5] = 2; return append(m[:end+4:end+4], 0xc0, 12, 0, 1, 0, 1) })
	for _, c := range []struct {
		name string
		msg  []byte
		want wire.Kind
	}{
		{"answer", sound, wire.Same},
		{"other case", set(13, 'W'), wire.OtherCase},
		{"empty", nil, wire.Garbage},
		{"short header", sound[:11], wire.Garbage},
		{"question cut in its name", sound[:end-3], wire.Garbage},
		{"question cut in its type", sound[:end+3], wire.Garbage},
		{"only the question", sound[:end+4], wire.Same},
		{"other id", set(0, 1), wire.Other},
		{"a query", set(2, 0), wire.Other},
		{"another opcode", set(2, 0x84|0x28), wire.Other},
		{"other letter", set(13, 'x'), wire.Other},
		{"other type", set(end+1, 28), wire.Other},
		{"other class", set(end+3, 3), wire.Other},
		{"other type and case", edit(func(m []byte) []byte { m[13], m[end+1] = 'W', 28; return m }), wire.Other},
		{"two questions", twice, wire.Other},
		{"name that points at itself", edit(func(m []byte) []byte { m[12], m[13] = 0xc0, 12; return m }), wire.Garbage},
		{"longer name", answer(t, "x.www.customer.example.", dns.TypeA), wire.Other},
		{"shorter name", answer(t, "customer.example.", dns.TypeA), wire.Other},
		{"no question, FORMERR", header(id, 0x8001), wire.NoQuestion},
		{"no question, SERVFAIL", header(id, 0x8002), wire.NoQuestion},
		{"no question, NOTIMP", header(id, 0x8004), wire.NoQuestion},
		{"no question, REFUSED", header(id, 0x8005), wire.NoQuestion},
		{"no question, REFUSED, but counted", header(id, 0x8005, 1), wire.NoQuestion},
		{"no question, NOERROR", header(id, 0x8000), wire.Other},
		{"no question, NXDOMAIN", header(id, 0x8003), wire.Other},
		{"no question, other id", header(id+1, 0x8005), wire.Other},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := wire.Match(c.msg, id, name, wire.TypeA); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestMatchRoot: the shortest name has no label to compare.
func TestMatchRoot(t *testing.T) {
	root := wireName(t, ".")
	if got := wire.Match(answer(t, ".", dns.TypeNS), 4711, root, wire.TypeNS); got != wire.Same {
		t.Errorf("got %v, want %v", got, wire.Same)
	}
	if got := wire.Match(answer(t, "example.", dns.TypeNS), 4711, root, wire.TypeNS); got != wire.Other {
		t.Errorf("a name for the root: got %v, want %v", got, wire.Other)
	}
}

func TestAppendQuery(t *testing.T) {
	for _, c := range []struct {
		name string
		q    wire.Query
		want func(m *dns.Msg)
	}{
		{"bare", wire.Query{ID: 7, Type: wire.TypeTXT}, func(*dns.Msg) {}},
		{"for a resolver", wire.Query{ID: 7, Type: wire.TypeTXT, Recurse: true, EDNS: 1232}, func(m *dns.Msg) {
			m.RecursionDesired = true
			m.SetEdns0(1232, false)
		}},
		{"unvalidated", wire.Query{ID: 7, Type: wire.TypeTXT, Recurse: true, Unchecked: true}, func(m *dns.Msg) {
			m.RecursionDesired, m.CheckingDisabled = true, true
		}},
		{"with signatures", wire.Query{ID: 65535, Type: wire.TypeCAA, DNSSEC: true, EDNS: 4096}, func(m *dns.Msg) {
			m.SetEdns0(4096, true)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.q.Name = wireName(t, "_x.customer.example")
			m := question("_x.customer.example.", c.q.Type)
			m.Id, m.RecursionDesired = c.q.ID, false
			c.want(m)
			if got, want := wire.AppendQuery([]byte("ab"), c.q), append([]byte("ab"), pack(t, m)...); !bytes.Equal(got, want) {
				t.Errorf("got  %x\nwant %x", got, want)
			}
		})
	}
}

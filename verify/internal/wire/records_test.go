package wire_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/verify/internal/wire"
)

// crafted is an answer to "x. A" with one record per part, each of which is its
// octets from the owner to the data.
func crafted(parts ...string) wire.Message {
	msg := header(4711, 0x8400, 1, uint16(len(parts)))
	msg = append(msg, "\x01x\x00\x00\x01\x00\x01"...)
	for _, p := range parts {
		msg = append(msg, p...)
	}
	return msg
}

const (
	fixed   = "\x00\x01\x00\x01\x00\x00\x00\x3c" // type A, class IN, 60 seconds
	soundRR = "\xc0\x0c" + fixed + "\x00\x04\xc0\x00\x02\x01"
)

// TestHostileRecords: what is broken ends the walk where it stands, and what
// stood before it was read.
func TestHostileRecords(t *testing.T) {
	ofType := func(typ byte, data string) string {
		return "\xc0\x0c\x00" + string([]byte{typ, 0, 1, 0, 0, 0, 60, 0, byte(len(data))}) + data
	}
	label := "\x3f" + strings.Repeat("a", 63)
	// A chain of pointers, each to the one before it, in data that nobody reads.
	chain := "\xc0\x0c"
	for i := range 140 {
		to := 19 + 12 + 2*i
		chain += string([]byte{0xc0 | byte(to>>8), byte(to)})
	}
	for _, c := range []struct {
		name    string
		msg     wire.Message
		records int
		problem string // of the walk, "" for none
		check   string // of Check, where it is another one
	}{
		{"nothing", nil, 0, "header", ""},
		{"sound", crafted(soundRR, soundRR), 2, "", ""},
		{"ends before its second record", crafted(soundRR, ""), 1, "", ""},
		{"pointer to itself", crafted(soundRR, "\xc0\x23"+fixed+"\x00\x00"), 1, "does not lead back", ""},
		{"pointer to what is behind", crafted("\xc0\x30" + fixed + "\x00\x04abcd\x00"), 0, "does not lead back", ""},
		{"pointer into its own labels", crafted("\x01a\xc0\x13" + fixed + "\x00\x00"), 0, "does not lead back", ""},
		{"pointer past the end", crafted("\xff\xff" + fixed + "\x00\x00"), 0, "does not lead back", ""},
		{"half a pointer", crafted("\xc0"), 0, "past the end", ""},
		{"reserved label 0x40", crafted("\x41a\x00" + fixed + "\x00\x00"), 0, "reserved", ""},
		{"reserved label 0x80", crafted("\x81a\x00" + fixed + "\x00\x00"), 0, "reserved", ""},
		{"label past the end", crafted("\x05ab"), 0, "past the end", ""},
		{"name of 257 octets", crafted(label + label + label + label + "\x00" + fixed + "\x00\x00"), 0, "longer than 255", ""},
		{"name of 256 octets through a pointer", crafted(ofType(99, label+label+label+"\x00"), "\x3e"+strings.Repeat("b", 62)+"\xc0\x1f"+fixed+"\x00\x00"), 1, "longer than 255", ""},
		{"name of 255 octets through a pointer", crafted(ofType(99, label+label+label+"\x00"), "\x3d"+strings.Repeat("b", 61)+"\xc0\x1f"+fixed+"\x00\x00"), 2, "", ""},
		{"120 pointers in a row", crafted("\xc0\x0c\x00\x63\x00\x01\x00\x00\x00\x3c\x01\x1a"+chain, string([]byte{0xc0, 31 + 2*100})+fixed+"\x00\x00"), 2, "", ""},
		{"140 pointers in a row", crafted("\xc0\x0c\x00\x63\x00\x01\x00\x00\x00\x3c\x01\x1a"+chain, "\xc1\x37"+fixed+"\x00\x00"), 1, "too many", ""},
		{"cut in its fixed part", crafted(soundRR, "\xc0\x0c"+fixed+"\x00"), 1, "past the end", ""},
		{"data past the end", crafted(soundRR, "\xc0\x0c"+fixed+"\x00\x05abcd"), 1, "past the end", ""},
		{"A of 5 octets", crafted(ofType(1, "abcde")), 1, "", "not of its record's type"},
		{"AAAA of 4", crafted(ofType(28, "abcd")), 1, "", "not of its record's type"},
		{"CNAME with a rest", crafted(ofType(5, "\x01y\x00z")), 1, "", "not of its record's type"},
		{"CNAME past its data", crafted(ofType(5, "\x05y"), soundRR), 2, "", "not of its record's type"},
		{"MX without a host", crafted(ofType(15, "\x00\x0a")), 1, "", "not of its record's type"},
		{"SRV without a host", crafted(ofType(33, "\x00\x0a\x00\x00\x00\x00")), 1, "", "not of its record's type"},
		{"SOA with its numbers cut", crafted(ofType(6, "\x00\x00\x00\x00\x00\x01")), 1, "", "not of its record's type"},
		{"TXT with a string past its data", crafted(ofType(16, "\x03ab")), 1, "", "not of its record's type"},
		{"DS without a digest type", crafted(ofType(43, "\x00\x01\x08")), 1, "", "not of its record's type"},
		{"no data at all", crafted(ofType(1, ""), ofType(16, ""), ofType(5, "")), 3, "", ""},
		{"data of a type nobody reads", crafted(ofType(99, "\xc0\xff\x05")), 1, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			recs, err := all(c.msg)
			if len(recs) != c.records {
				t.Errorf("got %d records, want %d", len(recs), c.records)
			}
			hasProblem(t, "walk", err, c.problem)
			if c.check == "" {
				c.check = c.problem
			}
			hasProblem(t, "Check", c.msg.Check(), c.check)
			if c.check == "" {
				return
			}
			for _, rr := range recs {
				if rec, ok := wire.Record(c.msg, rr); ok && rec.Data != "192.0.2.1" {
					t.Errorf("read %v", rec)
				}
			}
		})
	}
}

func hasProblem(t *testing.T, what string, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %q", what, err, want)
	}
}

// TestRecordOfNoForm: data that is sound on the wire and that package zone has
// no form for.
func TestRecordOfNoForm(t *testing.T) {
	caa := func(data string) string {
		return "\xc0\x0c\x01\x01\x00\x01\x00\x00\x00\x3c" + string([]byte{byte(len(data) >> 8), byte(len(data))}) + data
	}
	for name, part := range map[string]string{
		"CAA flags alone":          caa("\x00"),
		"CAA without a tag":        caa("\x00\x00value"),
		"CAA tag with a blank":     caa("\x00\x06 issuex"),
		"CAA tag with a hyphen":    caa("\x00\x03a-bx"),
		"CAA value of 256 octets":  caa("\x00\x05issue" + strings.Repeat("x", 256)),
		"another class":            "\xc0\x0c\x00\x01\x00\x03\x00\x00\x00\x3c\x00\x04abcd",
		"DS digest of 1,025":       "\xc0\x0c\x00\x2b\x00\x01\x00\x00\x00\x3c\x04\x05\x00\x01\x08\x02" + strings.Repeat("d", 1025),
		"a type that is not read":  "\xc0\x0c\x00\x2c\x00\x01\x00\x00\x00\x3c\x00\x03\x01\x01a",
		"text without any string":  "\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x3c\x00\x00",
		"address without an octet": "\xc0\x0c" + fixed + "\x00\x00",
	} {
		t.Run(name, func(t *testing.T) {
			msg := crafted(part)
			recs, err := all(msg)
			if err != nil || msg.Check() != nil || len(recs) != 1 {
				t.Fatalf("got %d records, %v, %v", len(recs), err, msg.Check())
			}
			if rec, ok := wire.Record(msg, recs[0]); ok {
				t.Errorf("got %v, want none", rec)
			}
		})
	}
	// The value is octets, not text with escapes (RFC 8659 section 4.1.1).
	msg := crafted(caa("\x00\x05ISSUEa\\b\\046\""))
	recs, _ := all(msg)
	rec, ok := wire.Record(msg, recs[0])
	if want := `0 issue "a\\b\\046\""`; !ok || rec.Data != want {
		t.Errorf("got %v, %v; want %s", rec, ok, want)
	}
}

// TestForeignRR: a record of another message is no way out of this one.
func TestForeignRR(t *testing.T) {
	long := wire.Message(answer(t, "customer.example.", dns.TypeTXT, hot[9], hot[7]))
	recs, err := all(long)
	if err != nil {
		t.Fatal(err)
	}
	for _, msg := range []wire.Message{nil, long[:11], long[:40], crafted(soundRR), bytes.Repeat([]byte{0xc0}, len(long))} {
		for _, rr := range recs {
			msg.Data(rr)
			msg.Owner(rr)
			wire.Record(msg, rr)
		}
	}
}

// TestNoAllocation: what the verifier does for each packet leaves no garbage.
func TestNoAllocation(t *testing.T) {
	name := wireName(t, "www.customer.example")
	msg := wire.Message(answer(t, "www.customer.example.", dns.TypeA, hot[0], hot[1], hot[7], hot[14]))
	buf := make([]byte, 0, 512)
	for what, f := range map[string]func(){
		"AppendName":  func() { buf, _ = wire.AppendName(buf[:0], "www.customer.example") },
		"AppendQuery": func() { buf = wire.AppendQuery(buf[:0], wire.Query{ID: 1, Name: name, Type: wire.TypeA, EDNS: 1232}) },
		"Match": func() {
			if wire.Match(msg, 4711, name, wire.TypeA) != wire.Same {
				t.Fatal("no match")
			}
		},
		"Check": func() {
			if msg.Check() != nil || msg.Rcode() != wire.NoError {
				t.Fatal("not sound")
			}
		},
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations, want 0", what, n)
		}
	}
}

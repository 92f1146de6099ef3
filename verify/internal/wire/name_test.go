package wire_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/verify/internal/wire"
)

func TestAppendName(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	name255 := strings.Repeat(label63+".", 3) + strings.Repeat("b", 61)
	for _, c := range []struct{ name, in, want, problem string }{
		{"plain", "www.customer.example", "\x03www\x08customer\x07example\x00", ""},
		{"final dot and capitals", "WWW.Example.", "\x03www\x07example\x00", ""},
		{"root", ".", "\x00", ""},
		{"wildcard", "*.example", "\x01*\x07example\x00", ""},
		{"escaped dot", `a\.b.c\046d`, "\x03a.b\x03c.d\x00", ""},
		{"escaped octets", `\200\000.x`, "\x02\xc8\x00\x01x\x00", ""},
		{"255 octets", name255, "\x3f" + label63 + "\x3f" + label63 + "\x3f" + label63 + "\x3d" + strings.Repeat("b", 61) + "\x00", ""},
		{"256 octets", name255 + "b", "", "longer than 255"},
		{"label of 64", label63 + "a.example", "", "64 octets"},
		{"last label of 64", "example." + label63 + "a", "", "64 octets"},
		{"empty", "", "", "empty"},
		{"empty label", "a..b", "", "0 octets"},
		{"two dots", "..", "", "0 octets"},
		{"leading dot", ".a", "", "0 octets"},
		{"escape above 255", `\256`, "", "escape"},
		{"escape cut short", `a\01`, "", "escape"},
		{"lone backslash", `a\`, "", "escape"},
		{"U-label", "bücher.example", "", "A-label"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := wire.AppendName([]byte("x"), c.in)
			if (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
				t.Fatalf("got %v, want an error with %q", err, c.problem)
			}
			if string(got) != "x"+c.want {
				t.Errorf("got %q, want %q", got, "x"+c.want)
			}
		})
	}
}

func TestScramble(t *testing.T) {
	name := wireName(t, "_acme-challenge.www2.customer.example")
	letters := 0
	for _, c := range name {
		if c >= 'a' && c <= 'z' {
			letters++
		}
	}
	scrambled := bytes.Clone(name)
	wire.Scramble(scrambled, 1<<64-1)
	capitals := 0
	for i, c := range scrambled {
		if c != name[i] {
			capitals++
			if c < 'A' || c > 'Z' {
				t.Errorf("octet %d became %q", i, c)
			}
		}
	}
	if capitals != letters {
		t.Errorf("all bits set: %d of %d letters are capitals in %q", capitals, letters, scrambled)
	}
	wire.Scramble(scrambled, 0)
	if !bytes.Equal(scrambled, name) {
		t.Errorf("no bit set: got %q, want %q", scrambled, name)
	}
	wire.Scramble(scrambled, 0x5555555555555555)
	if bytes.Equal(scrambled, name) {
		t.Error("every second bit set: the name is as it was")
	}
}

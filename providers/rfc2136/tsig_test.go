package rfc2136

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// signer signs as a server does that leaves messages of a transfer unsigned:
// what went out unsigned is part of the next signature.
type signer struct {
	key
	mac     string
	pending []byte
}

func (s signer) Generate(msg []byte, t *dns.TSIG) ([]byte, error) {
	after := 2 + len(s.mac)/2
	return s.key.Generate(slices.Concat(msg[:after], s.pending, msg[after:]), t)
}

// TestSignedSometimes: a transfer of which only some messages are signed (RFC
// 8945 section 5.3.1) is believed when the signatures hold, and not otherwise.
func TestSignedSometimes(t *testing.T) {
	k := key{name: "k.", algorithm: dns.HmacSHA256, secret: func() []byte { return []byte("secret") }}
	message := func(i int) *dns.Msg {
		m := new(dns.Msg)
		m.Id, m.Response = 7, true
		rr, _ := dns.NewRR(fmt.Sprintf("h%d.customer.example. 300 IN A 192.0.2.1", i))
		m.Answer = []dns.RR{rr}
		return m
	}
	// transfer is n messages, of which those in signed are.
	transfer := func(n int, signed ...int) (wires [][]byte) {
		s := signer{key: k, mac: "00ff"}
		for i := range n {
			m := message(i)
			if !slices.Contains(signed, i) {
				w, err := m.Pack()
				if err != nil {
					t.Fatal(err)
				}
				s.pending = append(s.pending, w...)
				wires = append(wires, w)
				continue
			}
			m.SetTsig(k.name, k.algorithm, fudge, 0)
			w, mac, err := dns.TsigGenerateWithProvider(m, s, s.mac, i > 0)
			if err != nil {
				t.Fatal(err)
			}
			s.mac, s.pending = mac, nil
			wires = append(wires, w)
		}
		return wires
	}
	check := func(wires [][]byte) error {
		v := verifier{key: k, mac: "00ff"}
		for _, w := range wires {
			m := new(dns.Msg)
			if err := m.Unpack(w); err != nil {
				t.Fatal(err)
			}
			if err := v.check(w, m); err != nil {
				return err
			}
		}
		if !v.done() {
			return fmt.Errorf("the end is not signed")
		}
		return nil
	}
	every := []int{0, 1, 2, 3, 4}
	forged := transfer(5, 0, 4)
	forged[2], _ = message(99).Pack()
	missing := transfer(5, 0, 4)
	missing = slices.Delete(missing, 2, 3)
	for _, tt := range []struct {
		name  string
		wires [][]byte
		want  string // a part of the error
	}{
		{"every one", transfer(5, every...), ""},
		{"first and last", transfer(5, 0, 4), ""},
		{"first, middle, last", transfer(5, 0, 2, 4), ""},
		{"not the first", transfer(5, 1, 2, 3, 4), "no signature"},
		{"not the last", transfer(5, 0, 1), "end is not signed"},
		{"99 between", transfer(101, 0, 100), ""},
		{"100 between", transfer(102, 0, 101), "no signature"},
		{"one of the unsigned is another's", forged, "bad signature"},
		{"one of the unsigned is missing", missing, "bad signature"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := check(tt.wires)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestKeyPrints: a key shows its name only, and what holds one nothing secret.
func TestKeyPrints(t *testing.T) {
	const octets = "supersecrettoken1234"
	k := key{name: "k.", algorithm: dns.HmacSHA256, secret: func() []byte { return []byte(octets) }}
	s := session{server: "127.0.0.1:53", key: k}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		if got := fmt.Sprintf(verb, k); got != "k." {
			t.Errorf("%s of a key: got %s", verb, got)
		}
		for _, v := range []any{s, &s} {
			if got := fmt.Sprintf(verb, v); got != "session at 127.0.0.1:53 with key k." {
				t.Errorf("%s of a session: got %s", verb, got)
			}
		}
		for name, v := range map[string]any{
			"a verifier": verifier{key: k}, "a connection": conn{s: &s, v: verifier{key: k}}, "a session in a field": struct{ s session }{s},
			"what checks a transfer": struct{ p withPending }{withPending{key: k}},
		} {
			got := strings.ToLower(strings.ReplaceAll(fmt.Sprintf(verb, v), ", 0x", ""))
			for _, spelled := range []string{octets, fmt.Sprintf("%x", octets), strings.Trim(fmt.Sprint([]byte(octets)), "[]")} {
				if strings.Contains(got, spelled) {
					t.Errorf("%s of %s: the secret is in %s", verb, name, got)
				}
			}
		}
	}
}

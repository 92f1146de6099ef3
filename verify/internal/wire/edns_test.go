package wire_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/verify/internal/wire"
)

// withErrors is a SERVFAIL with a cookie and two extended errors.
func withErrors(t testing.TB) []byte {
	t.Helper()
	m := new(dns.Msg)
	m.SetRcode(question("customer.example.", dns.TypeA), dns.RcodeServerFailure)
	m.SetEdns0(1232, true)
	opt := m.IsEdns0()
	opt.Option = append(opt.Option,
		&dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: "0123456789abcdef"},
		&dns.EDNS0_EDE{InfoCode: 6, ExtraText: "no signature is valid"},
		&dns.EDNS0_EDE{InfoCode: 22})
	return pack(t, m)
}

func TestErrors(t *testing.T) {
	msg := wire.Message(withErrors(t))
	want := []wire.ExtendedError{{Code: 6, Text: "no signature is valid"}, {Code: 22}}
	if d := cmp.Diff(msg.Errors(), want); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
	opt, ok := msg.OPT()
	if d := cmp.Diff(opt, wire.OPT{Size: 1232, DNSSEC: true}, cmpopts.IgnoreUnexported(wire.OPT{})); !ok || d != "" {
		t.Errorf("%v (-got +want):\n%s", ok, d)
	}
	if got := msg.Rcode(); got != wire.ServFail {
		t.Errorf("got %v, want SERVFAIL", got)
	}
	// An option that says it is longer than the record.
	cut := append(wire.Message(nil), msg...)
	cut[len(cut)-3] = 200
	if d := cmp.Diff(cut.Errors(), want[:1]); d != "" {
		t.Errorf("with an option past the end (-got +want):\n%s", d)
	}
	if errs := wire.Message(answer(t, "customer.example.", dns.TypeA)).Errors(); errs != nil {
		t.Errorf("without any: got %v", errs)
	}
}

func TestRcode(t *testing.T) {
	m := new(dns.Msg)
	m.SetRcode(question("customer.example.", dns.TypeA), dns.RcodeBadVers)
	m.SetEdns0(1232, false)
	msg := wire.Message(pack(t, m))
	if msg.Rcode() != wire.BadVers || msg.HeaderRcode() != wire.NoError {
		t.Errorf("got %v and %v in the header, want BADVERS and NOERROR", msg.Rcode(), msg.HeaderRcode())
	}
	for code, want := range dns.RcodeToString {
		if code == dns.RcodeBadVers {
			want = "BADVERS" // the name it has outside of TSIG
		}
		if got := wire.Rcode(code).String(); got != want {
			t.Errorf("%d: got %s, want %s", code, got, want)
		}
	}
	if got := wire.Rcode(99).String(); got != "RCODE99" {
		t.Errorf("got %s", got)
	}
	for code, want := range dns.ExtendedErrorCodeToString {
		if got := wire.ErrorCode(code).String(); got != want {
			t.Errorf("extended error %d: got %s, want %s", code, got, want)
		}
	}
	if got := wire.ErrorCode(999).String(); got != "EDE999" {
		t.Errorf("got %s", got)
	}
}

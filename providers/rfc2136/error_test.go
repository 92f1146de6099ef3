package rfc2136_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

func session(t testing.TB, c providers.Credentials) (providers.Session, providers.Zone) {
	t.Helper()
	s, err := rfc2136.Driver{Timeout: 2 * time.Second}.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return s, providers.Zone{ID: string(apex), Apex: apex, Caps: rfc2136.Driver{}.Info().Caps}
}

func rec(t testing.TB, rel, typ, data string) zone.Record {
	t.Helper()
	name, err := zone.Abs(rel, apex)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zone.New(name, typ, 3600, data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func add(r ...zone.Record) zone.Edit { return zone.Edit{After: r} }

// wants checks code, what is said of the write, and a part of the sentence.
func wants(t *testing.T, err error, code providers.Code, wrote providers.Wrote, part string) {
	t.Helper()
	e, ok := errors.AsType[*providers.Error](err)
	if !ok {
		t.Fatalf("got %v, want a *providers.Error %s", err, code)
	}
	if e.Code != code || e.Wrote != wrote || !strings.Contains(e.Error(), part) {
		t.Errorf("got %s, wrote %d: %v\nwant %s, wrote %d, with %q", e.Code, e.Wrote, e, code, wrote, part)
	}
	if strings.Contains(err.Error(), testKey.Secret) {
		t.Errorf("the secret is in %v", err)
	}
}

func TestUpdateRcodes(t *testing.T) {
	for _, tt := range []struct {
		rcode string
		code  providers.Code
		wrote providers.Wrote
	}{
		{"REFUSED", providers.AccessDenied, providers.WroteNo},
		{"NXRRSET", providers.Conflict, providers.WroteNo},
		{"YXRRSET", providers.Conflict, providers.WroteNo},
		{"NXDOMAIN", providers.Conflict, providers.WroteNo},
		{"YXDOMAIN", providers.Conflict, providers.WroteNo},
		{"NOTZONE", providers.NoSuchZone, providers.WroteNo},
		{"NOTAUTH", providers.NoSuchZone, providers.WroteUnknown}, // cannot be verified: see below
		{"FORMERR", providers.Invalid, providers.WroteNo},
		{"NOTIMP", providers.Unsupported, providers.WroteNo},
		{"SERVFAIL", providers.Unavailable, providers.WroteUnknown}, // RFC 2136 section 3.5: it may have failed to undo
	} {
		t.Run(tt.rcode, func(t *testing.T) {
			w, c := world(t, zoneText)
			w.Servers()[0].SetFault(verifytest.Fault{UpdateRcode: tt.rcode})
			s, z := session(t, c)
			err := s.Write(t.Context(), z, add(rec(t, "x", "A", "192.0.2.1")))
			wants(t, err, tt.code, tt.wrote, tt.rcode)
		})
	}
}

func TestReadRcodes(t *testing.T) {
	for rcode, code := range map[string]providers.Code{"REFUSED": providers.AccessDenied, "SERVFAIL": providers.Unavailable, "NOTAUTH": providers.NoSuchZone} {
		w, c := world(t, zoneText)
		w.Servers()[0].SetFault(verifytest.Fault{Rcode: rcode})
		s, z := session(t, c)
		_, err := s.Read(t.Context(), z)
		wants(t, err, code, providers.WroteNo, rcode)
	}
}

// TestKeys uses wrong keys on every server there is.
func TestKeys(t *testing.T) {
	_, world := world(t, zoneText)
	for name, start := range map[string]func(t *testing.T) providers.Credentials{
		"verifytest": func(*testing.T) providers.Credentials { return world },
		"knot":       func(t *testing.T) providers.Credentials { return rfc2136test.StartKnot(t, zoneText).Credentials() },
		"bind":       func(t *testing.T) providers.Credentials { return rfc2136test.StartBIND(t, zoneText).Credentials() },
	} {
		t.Run(name, func(t *testing.T) {
			good := start(t)
			for _, tt := range []struct{ field, value, part string }{
				{"key_name", "other.", "key name other."},
				{"key", "b3RoZXItc2VjcmV0", "the secret of key"},
				{"key_alg", "hmac-sha512", ""},
			} {
				c := maps.Clone(good)
				c[tt.field] = tt.value
				s, z := session(t, c)
				_, err := s.Find(t.Context(), apex)
				wants(t, err, providers.InvalidCredentials, providers.WroteNo, tt.part)
				_, err = s.Read(t.Context(), z)
				wants(t, err, providers.InvalidCredentials, providers.WroteNo, tt.part)
				err = s.Write(t.Context(), z, add(rec(t, "x", "A", "192.0.2.1")))
				wants(t, err, providers.InvalidCredentials, providers.WroteNo, tt.part)
			}
		})
	}
}

func TestOpen(t *testing.T) {
	good := providers.Credentials{"server": "ns1.host.example", "key_name": "k.example", "key": testKey.Secret}
	for _, tt := range []struct{ field, value, part string }{
		{"server", "", "server"},
		{"server", "ns1.host.example:http", "port"},
		{"server", "ns1.host.example:0", "port"},
		{"server", "https://ns1.host.example", "server"},
		{"server", "a b", "server"},
		{"key_name", "", "key_name"},
		{"key_name", "a..b", "key_name"},
		{"key_alg", "hmac-md5", "unknown algorithm"},
		{"key", "", "key"},
		{"key", "not*base64", "key: no base64"},
	} {
		c := maps.Clone(good)
		c[tt.field] = tt.value
		_, err := rfc2136.Driver{}.Open(c)
		wants(t, err, providers.InvalidCredentials, providers.WroteNo, tt.part)
	}
	for _, tt := range []struct{ field, value string }{
		{"server", "192.0.2.1"},
		{"server", "[2001:db8::1]:5353"},
		{"server", "2001:db8::1"},
		{"server", "[2001:db8::1]"},
		{"key_alg", "HMAC-SHA512."},
		{"key_alg", " hmac-sha1 "},
		{"key_name", "K.Example."},
	} {
		c := maps.Clone(good)
		c[tt.field] = tt.value
		if _, err := (rfc2136.Driver{}).Open(c); err != nil {
			t.Errorf("%s %q: %v", tt.field, tt.value, err)
		}
	}
}

// TestConnection is what is known of a write whose connection was not made, or
// was lost.
func TestConnection(t *testing.T) {
	ed := add(rec(t, "x", "A", "192.0.2.1"))
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		l.Close()
		s, z := session(t, providers.Credentials{"server": addr, "key_name": "k.", "key": testKey.Secret})
		wants(t, s.Write(t.Context(), z, ed), providers.Unavailable, providers.WroteNo, addr)
		_, err = s.Find(t.Context(), apex)
		wants(t, err, providers.Unavailable, providers.WroteNo, addr)
	})
	for _, tt := range []struct {
		name   string
		fault  verifytest.Fault
		landed bool
	}{
		{"swallowed", verifytest.Fault{UpdateLost: true}, false},
		{"answer lost", verifytest.Fault{AnswerLost: true}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, c := world(t, zoneText)
			w.Servers()[0].SetFault(tt.fault)
			s, err := rfc2136.Driver{Timeout: 500 * time.Millisecond}.Open(c)
			if err != nil {
				t.Fatal(err)
			}
			_, z := session(t, c)
			wants(t, s.Write(t.Context(), z, ed), providers.Timeout, providers.WroteUnknown, "no answer within 500ms")
			if got := len(w.Zone(apex).At("x."+apex)) == 1; got != tt.landed {
				t.Errorf("landed: %t", got)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			s, _ = session(t, c)
			ed := add(rec(t, "y", "A", "192.0.2.1"))
			wants(t, s.Write(ctx, z, ed), providers.Timeout, providers.WroteUnknown, "deadline exceeded")
		})
	}
	t.Run("closed after the question", func(t *testing.T) {
		addr := serve(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1000)) })
		s, z := session(t, providers.Credentials{"server": addr, "key_name": "k.", "key": testKey.Secret})
		wants(t, s.Write(t.Context(), z, ed), providers.Unavailable, providers.WroteUnknown, "the connection was lost")
	})
	t.Run("half an answer", func(t *testing.T) {
		addr := serve(t, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1000))
			_, _ = c.Write([]byte{0, 100, 1, 2, 3})
		})
		s, z := session(t, providers.Credentials{"server": addr, "key_name": "k.", "key": testKey.Secret})
		wants(t, s.Write(t.Context(), z, ed), providers.Unavailable, providers.WroteUnknown, "the connection was lost")
	})
}

// serve accepts connections until the test ends.
func serve(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			handle(c)
			c.Close()
		}
	}()
	return l.Addr().String()
}

// answers is a server that answers everything as told; TSIG is left to it.
func answers(t *testing.T, reply func(req, m *dns.Msg)) (providers.Session, providers.Zone) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &dns.Server{
		Listener: l, TsigSecret: map[string]string{testKey.Name: testKey.Secret},
		MsgAcceptFunc: func(dns.Header) dns.MsgAcceptAction { return dns.MsgAccept },
		Handler: dns.HandlerFunc(func(w dns.ResponseWriter, req *dns.Msg) {
			m := new(dns.Msg)
			m.SetReply(req)
			m.Authoritative = true
			reply(req, m)
			_ = w.WriteMsg(m)
		}),
	}
	go func() { _ = srv.ActivateAndServe() }()
	t.Cleanup(func() { _ = srv.Shutdown() })
	return session(t, providers.Credentials{"server": l.Addr().String(), "key_name": testKey.Name, "key": testKey.Secret})
}

func soa(serial uint32) dns.RR {
	rr, _ := dns.NewRR(fmt.Sprintf("customer.example. 300 IN SOA ns1 host %d 1 1 1 1", serial))
	return rr
}

// TestUnsigned: an answer that does not verify is never believed.
func TestUnsigned(t *testing.T) {
	ed := add(rec(t, "x", "A", "192.0.2.1"))
	t.Run("success without signature", func(t *testing.T) {
		s, z := answers(t, func(_, m *dns.Msg) { m.Answer = []dns.RR{soa(1), soa(1)} })
		wants(t, s.Write(t.Context(), z, ed), providers.Unavailable, providers.WroteUnknown, "not signed")
		_, err := s.Read(t.Context(), z)
		wants(t, err, providers.Unavailable, providers.WroteNo, "not signed")
		_, err = s.Find(t.Context(), apex)
		wants(t, err, providers.Unavailable, providers.WroteNo, "not signed")
	})
	t.Run("refused without signature", func(t *testing.T) {
		s, z := answers(t, func(_, m *dns.Msg) { m.Rcode = dns.RcodeRefused })
		wants(t, s.Write(t.Context(), z, ed), providers.AccessDenied, providers.WroteUnknown, "not proven")
	})
	t.Run("signed long ago", func(t *testing.T) {
		s, z := answers(t, func(_, m *dns.Msg) { m.SetTsig(testKey.Name, dns.HmacSHA256, 300, time.Now().Unix()-3600) })
		wants(t, s.Write(t.Context(), z, ed), providers.InvalidCredentials, providers.WroteUnknown, "clock")
	})
	t.Run("BADTIME", func(t *testing.T) {
		s, z := answers(t, func(_, m *dns.Msg) {
			m.Rcode = dns.RcodeNotAuth
			m.SetTsig(testKey.Name, dns.HmacSHA256, 300, time.Now().Unix())
			m.Extra[0].(*dns.TSIG).Error = dns.RcodeBadTime
		})
		wants(t, s.Write(t.Context(), z, ed), providers.InvalidCredentials, providers.WroteNo, "clock")
	})
	t.Run("the answer to another question", func(t *testing.T) {
		s, z := answers(t, func(_, m *dns.Msg) { m.Id++ })
		wants(t, s.Write(t.Context(), z, ed), providers.Unavailable, providers.WroteUnknown, "another question")
	})
}

// TestTransferWhole: a transfer that does not end as it began is an error.
func TestTransferWhole(t *testing.T) {
	a, _ := dns.NewRR("x.customer.example. 300 IN A 192.0.2.1")
	ch, _ := dns.NewRR("x.customer.example. 300 CH TXT x")
	for name, tt := range map[string]struct {
		answer []dns.RR
		part   string
	}{
		"no SOA first":   {[]dns.RR{a, soa(1)}, "does not begin"},
		"another serial": {[]dns.RR{soa(1), a, soa(2)}, "changed under way"},
		"more at end":    {[]dns.RR{soa(1), a, soa(1), a}, "after the end"},
		"another class":  {[]dns.RR{soa(1), ch, soa(1)}, "class"},
		"no end":         {[]dns.RR{soa(1), a}, "no answer within"},
		"nothing":        {nil, "no answer within"},
	} {
		t.Run(name, func(t *testing.T) {
			s, z := answers(t, func(_, m *dns.Msg) {
				m.Answer = tt.answer
				m.SetTsig(testKey.Name, dns.HmacSHA256, 300, time.Now().Unix())
			})
			if _, err := s.Read(t.Context(), z); err == nil || !strings.Contains(err.Error(), tt.part) {
				t.Errorf("got %v, want %q", err, tt.part)
			}
		})
	}
}

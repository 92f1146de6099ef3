package libdnsdriver_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestErrorCut: a long error is cut where no credential stands, however far into
// it the host's answer quotes one.
func TestErrorCut(t *testing.T) {
	blob := base64.StdEncoding.EncodeToString([]byte("api:" + secret))
	for _, spelled := range []string{secret, "Basic " + blob, `{"token":"` + secret + `"}`} {
		for pad := 340; pad < 410; pad++ {
			m := newModule()
			s, z := open(t, driver(m))
			m.set(faults{ReadError: errors.New(strings.Repeat("x", pad) + spelled + " was refused")})
			_, err := s.Read(t.Context(), z)
			text := fmt.Sprint(err)
			for n := len(spelled) / 2; n < len(spelled); n++ {
				if strings.Contains(text, spelled[:n]) {
					t.Fatalf("after %d octets %q is left of %q: %s", pad, spelled[:n], spelled, text)
				}
			}
		}
	}
}

// TestSessionPrint: no way of printing a session shows the credentials.
func TestSessionPrint(t *testing.T) {
	for _, m := range []any{newModule(), lister{newModule()}} {
		s, err := driver(m).Open(providers.Credentials{"token": secret})
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprintf("%v %+v %#v %s %d %q", s, s, s, s, s, s); strings.Contains(text, secret) || !strings.Contains(text, "module") {
			t.Errorf("a session prints as %s", text)
		}
	}
}

// TestLostAnswerIsNoRefusal: what names something (the address asked, the zone,
// its owners) is no status of the host's, for the customer has chosen it; and a
// connection that broke says nothing of the write.
func TestLostAnswerIsNoRefusal(t *testing.T) {
	const strange zone.Name = "code-404.example"
	at := "https://api.host.example/zones/code-404.example/records?status=403"
	for _, c := range []struct {
		name  string
		err   error
		code  providers.Code
		wrote providers.Wrote
	}{
		{"the end of a connection", &url.Error{Op: "Post", URL: at, Err: io.EOF}, providers.Unavailable, providers.WroteUnknown},
		{"a connection reset", fmt.Errorf("code 404: %w", &url.Error{Op: "Post", URL: at, Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}), providers.Unavailable, providers.WroteUnknown},
		{"as text", errors.New(`Post "` + at + `": EOF`), providers.Unavailable, providers.WroteUnknown},
		{"as text without quotes", errors.New("posting to " + at + " failed: EOF"), providers.Unavailable, providers.WroteUnknown},
		{"the zone's name", errors.New("no answer for Code-404.Example: EOF"), providers.Unavailable, providers.WroteUnknown},
		{"an owner's name", errors.New("writing x.code-403.code-404.example: EOF"), providers.Unavailable, providers.WroteUnknown},
		{"a status beside the address", errors.New(`Post "` + at + `": status 403`), providers.AccessDenied, providers.WroteNo},
		{"a status that a transport was answered with", &url.Error{Op: "Post", URL: at, Err: errors.New("cannot fetch a token: 401 Unauthorized")}, providers.InvalidCredentials, providers.WroteNo},
		{"no connection", &url.Error{Op: "Post", URL: at, Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, providers.Unavailable, providers.WroteNo},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, how := range []libdnsdriver.Mode{libdnsdriver.Untrusted, libdnsdriver.BareSet} {
				m := newModule()
				m.zones[string(strange)] = nil
				s, err := driver(m, mode(how)).Open(providers.Credentials{"token": secret})
				if err != nil {
					t.Fatal(err)
				}
				m.set(faults{Before: c.err})
				err = s.Write(t.Context(), providers.Zone{Apex: strange}, zone.Edit{After: []zone.Record{zone.NewTXT("x."+strange, 3600, "mine")}})
				if pe, ok := errors.AsType[*providers.Error](err); !ok || pe.Code != c.code || pe.Wrote != c.wrote {
					t.Errorf("mode %d: got %v %+v, want %s, wrote %d", how, err, pe, c.code, c.wrote)
				}
			}
		})
	}
}

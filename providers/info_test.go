package providers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

func TestCredentialsPrint(t *testing.T) {
	c := providers.Credentials{"token": "hunter2hunter2", "user": "someone@customer.example"}
	type holder struct {
		Name  string
		Creds providers.Credentials
	}
	var text strings.Builder
	for _, v := range []any{c, &c, holder{"x", c}, &holder{"x", c}, []providers.Credentials{c}, map[string]providers.Credentials{"x": c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10v"} {
			fmt.Fprintf(&text, verb+"\n", v)
		}
		js, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(js)
	}
	fmt.Fprintln(&text, c, errors.New("x"), c.String(), c.GoString())
	var log bytes.Buffer
	for _, l := range []*slog.Logger{slog.New(slog.NewTextHandler(&log, nil)), slog.New(slog.NewJSONHandler(&log, nil))} {
		l.Info("opened", "creds", c, "holder", holder{"x", c}, slog.Group("g", "creds", c))
	}
	text.Write(log.Bytes())
	for _, secret := range c {
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
			if strings.Contains(text.String(), form) {
				t.Errorf("%q is printed:\n%s", form, text.String())
			}
		}
	}
	if !strings.Contains(text.String(), "[redacted]") {
		t.Error("nothing says that something was left out")
	}
}

// spy is a driver whose every answer is an error.
type spy struct {
	fields []providers.Field
	err    error
}

func (s spy) Info() providers.Info { return providers.Info{ID: "spy", Fields: s.fields} }

func (s spy) Open(providers.Credentials) (providers.Session, error) { return s, nil }

func (s spy) Find(context.Context, zone.Name) (providers.Zone, error) { return providers.Zone{}, s.err }

func (s spy) Read(context.Context, providers.Zone) (zone.Snapshot, error) {
	return zone.Snapshot{}, s.err
}

func (s spy) Write(context.Context, providers.Zone, zone.Edit) error { return s.err }

func (s spy) Check(context.Context) error { return s.err }

// TestErrorSecrets: a driver that puts a secret into an error is a driver with
// a bug, and the secret stops at the Account.
func TestErrorSecrets(t *testing.T) {
	const secret, unknown = "s3cr3t-value", "an-extra-field"
	for _, err := range []error{
		fmt.Errorf("401: token %s is wrong (%s)", secret, unknown),
		&providers.Error{Code: providers.AccessDenied, Err: fmt.Errorf("token %s (%s)", secret, unknown)},
		fmt.Errorf("wrapped: %w", &providers.Error{Code: providers.AccessDenied, Err: fmt.Errorf("token %s (%s)", secret, unknown)}),
	} {
		d := spy{err: err, fields: []providers.Field{{Name: "token", Secret: true}, {Name: "user"}}}
		acct, openErr := providers.Open(d, providers.Credentials{"token": secret, "user": "someone", "other": unknown}, providers.Options{})
		if openErr != nil {
			t.Fatal(openErr)
		}
		_, e1 := acct.Find(t.Context(), apex)
		_, e2 := acct.Read(t.Context(), providers.Zone{})
		outcomes := acct.Apply(t.Context(), providers.Zone{}, []zone.Change{{Owner: apex}}, &providers.Run{})
		for _, text := range []string{e1.Error(), e2.Error(), acct.Check(t.Context()).Error(), fmt.Sprintf("%+v %#v", e1, errors.Unwrap(e1)), outcomes[0].Detail} {
			if strings.Contains(text, secret) || strings.Contains(text, unknown) {
				t.Errorf("the secret is in %q", text)
			}
			if !strings.Contains(text, "[redacted]") {
				t.Errorf("%q does not say that something was left out", text)
			}
		}
		if want := providers.CodeOf(err); providers.CodeOf(e1) != want {
			t.Errorf("code %s, want %s", providers.CodeOf(e1), want)
		}
	}
}

func TestMissing(t *testing.T) {
	d := spy{fields: []providers.Field{{Name: "user"}, {Name: "token", Secret: true}, {Name: "note", Optional: true}}}
	_, err := providers.Open(d, providers.Credentials{"token": "  "}, providers.Options{})
	if providers.CodeOf(err) != providers.InvalidCredentials || !strings.Contains(err.Error(), "user, token") {
		t.Errorf("got %v, want InvalidCredentials that names user and token", err)
	}
}

func TestCodeOf(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want providers.Code
	}{
		{nil, ""},
		{errors.New("x"), providers.Internal},
		{context.Canceled, providers.Timeout},
		{fmt.Errorf("x: %w", context.DeadlineExceeded), providers.Timeout},
		{fmt.Errorf("x: %w", &providers.Error{Code: providers.RateLimited}), providers.RateLimited},
	} {
		if got := providers.CodeOf(tt.err); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestClampTTL(t *testing.T) {
	for _, tt := range []struct {
		caps      providers.Caps
		ttl, want uint32
	}{
		{providers.Caps{}, 0, 0},
		{providers.Caps{MinTTL: 600}, 300, 600},
		{providers.Caps{MaxTTL: 86400}, 100000, 86400},
		{providers.Caps{TTLs: []uint32{1, 300, 3600}}, 60, 300},
		{providers.Caps{TTLs: []uint32{1, 300, 3600}}, 300, 300},
		{providers.Caps{TTLs: []uint32{1, 300, 3600}}, 7200, 3600},
	} {
		if got := tt.caps.ClampTTL(tt.ttl); got != tt.want {
			t.Errorf("%+v of %d: got %d, want %d", tt.caps, tt.ttl, got, tt.want)
		}
	}
}

func TestServes(t *testing.T) {
	i := providers.Info{NameServers: []string{"*.ns.host.example", "ns?.other.example"}}
	for name, want := range map[zone.Name]bool{
		"a.ns.host.example": true, "ns1.other.example": true, "ns12.other.example": false,
		"ns.host.example": false, "host.example": false, "a.ns.host.example.evil.example": false,
	} {
		if got := i.Serves(name); got != want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

package sdk

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

const token = "s3cr3t-token-of-the-customer"

func TestFailures(t *testing.T) {
	tests := []struct {
		does  string
		code  providers.Code
		says  string
		wrote providers.Wrote // of a write
		kept  int             // sessions afterwards
	}{
		{does: "panic", code: providers.Internal, says: "panicked: with [redacted]", wrote: providers.WroteUnknown},
		{does: "panic with an error", code: providers.Internal, says: "panicked: with [redacted]", wrote: providers.WroteUnknown},
		{does: "plain", code: providers.Internal, says: "the host said [redacted]", wrote: providers.WroteUnknown, kept: 1},
		{does: "nil", code: providers.Internal, says: "a nil *Error", wrote: providers.WroteUnknown, kept: 1},
		{does: "fail:Invalid", code: providers.Invalid, says: "the host said [redacted]", kept: 1},
		{does: "fail:InvalidCredentials", code: providers.InvalidCredentials, says: "the host said [redacted]"},
		{does: "fail:SessionExpired", code: providers.SessionExpired, says: "the host said [redacted]"},
		{does: "fail:AccessDenied", code: providers.AccessDenied, says: "the host said [redacted]"},
		{does: "panic in Open", code: providers.Internal, says: "panicked in Open: with [redacted]"},
		{does: "no session", code: providers.Internal, says: "neither a session nor an error"},
		{does: "open fails", code: providers.Internal, says: "no use for [redacted]"},
	}
	for _, tt := range tests {
		for _, m := range methods() {
			t.Run(tt.does+" in "+m.name, func(t *testing.T) {
				client, kept := connect(t, fake{})
				creds := providers.Credentials{"token": token, "does": tt.does}
				err := m.call(t.Context(), client, creds)
				e, ok := errors.AsType[*providers.Error](err)
				if !ok {
					t.Fatalf("got %v, want a *providers.Error", err)
				}
				want := providers.WroteNo
				if m.write {
					want = tt.wrote
				}
				if e.Code != tt.code || e.Wrote != want || errors.Is(err, wire.ErrProcess) {
					t.Errorf("got %s with wrote %v, want %s with %v: %v", e.Code, e.Wrote, tt.code, want, err)
				}
				if !strings.Contains(e.Error(), tt.says) || strings.Contains(e.Error()+e.Prompt, token) {
					t.Errorf("got %q with prompt %q, want %q and no token", e.Error(), e.Prompt, tt.says)
				}
				if got := kept.count(); got != tt.kept {
					t.Errorf("got %d sessions kept, want %d", got, tt.kept)
				}
				// The process lives, and serves another customer.
				if _, err := client.Find(t.Context(), providers.Credentials{"token": "another"}, apex); err != nil {
					t.Errorf("afterwards: %v", err)
				}
			})
		}
	}
}

func TestPowers(t *testing.T) {
	client, _ := connect(t, fake{})
	got := map[string]wire.Powers{}
	for _, does := range []string{"neither", "lists", "checks", "all"} {
		p, err := client.Open(t.Context(), providers.Credentials{"token": "x", "does": does})
		if err != nil {
			t.Fatal(err)
		}
		got[does] = p
	}
	want := map[string]wire.Powers{"neither": {}, "lists": {Lists: true}, "checks": {Checks: true}, "all": {Lists: true, Checks: true}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
}

// A challenge goes to the host whole: its state is not the plugin's to keep.
func TestChallenge(t *testing.T) {
	client, _ := connect(t, challenging{})
	_, err := client.Open(t.Context(), providers.Credentials{"token": token})
	e, ok := errors.AsType[*providers.Error](err)
	if !ok || e.Code != providers.Challenge || e.Prompt != "the code for [redacted]" || string(e.State) != "state" {
		t.Fatalf("got %v with prompt %q and a state of %d octets", err, e.Prompt, len(e.State))
	}
}

type challenging struct{ fake }

func (challenging) Open(c providers.Credentials) (providers.Session, error) {
	return nil, &providers.Error{Code: providers.Challenge, Prompt: "the code for " + c["token"], State: providers.Sealed("state")}
}

// What wraps a refusal of the limit is still known for one by the wire.
func TestCleanedErrorIsStillItself(t *testing.T) {
	cause := errors.New("cause with " + token)
	err := cleanError(&providers.Error{Code: providers.RateLimited, Err: cause}, providers.WroteNo, providers.Credentials{"token": token}.Redactor(nil))
	if !errors.Is(err, cause) || strings.Contains(err.Error(), token) || providers.CodeOf(err) != providers.RateLimited {
		t.Errorf("got %v", err)
	}
	if got, want := err.Error(), "RateLimited: cause with [redacted]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLongError(t *testing.T) {
	err := errors.New(strings.Repeat("x", maxText-8) + token + strings.Repeat("y", maxText))
	got := cleanError(err, providers.WroteNo, providers.Credentials{"token": token}.Redactor(nil)).Error()
	if len(got) > maxText || strings.Contains(got, token[:8]) || !strings.HasSuffix(got, "x…") {
		t.Errorf("got %d octets, ending in %q", len(got), got[len(got)-40:])
	}
}

// A key of many octets leaves no half of itself where an error is cut, in whatever
// way it is spelled.
func TestLongErrorWithALongKey(t *testing.T) {
	key := strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n", 100)
	for name, spelled := range map[string]string{"as it is": key, "base64": base64.StdEncoding.EncodeToString([]byte(key)), "hex": hex.EncodeToString([]byte(key))} {
		t.Run(name, func(t *testing.T) {
			text := strings.Repeat("x", maxText-len(spelled)+5) + spelled + strings.Repeat("y", 100)
			if got := clean(text, providers.Credentials{"key": key}.Redactor(nil)); strings.Contains(got, spelled[:16]) || !strings.HasSuffix(got, "x…") {
				t.Errorf("got %d octets, ending in %q", len(got), got[max(0, len(got)-40):])
			}
		})
	}
}

// wrapper is an error that does not repeat its cause.
type wrapper struct{ cause error }

func (wrapper) Error() string   { return "the host refused" }
func (w wrapper) Unwrap() error { return w.cause }

// What travels to the host is the *Error, whatever those around it say.
func TestErrorUnderAWrapper(t *testing.T) {
	known := providers.Credentials{"token": token}.Redactor(nil)
	for name, err := range map[string]error{
		"cause":  wrapper{&providers.Error{Code: providers.AccessDenied, Err: errors.New("bad token " + token)}},
		"reason": &providers.Error{Code: providers.AccessDenied, Reason: providers.Reason("bad " + token)},
		"prompt": wrapper{&providers.Error{Code: providers.AccessDenied, Prompt: "is it " + token + "?"}},
	} {
		t.Run(name, func(t *testing.T) {
			e, ok := errors.AsType[*providers.Error](cleanError(err, providers.WroteNo, known))
			if !ok || e.Code != providers.AccessDenied {
				t.Fatalf("got %v, want AccessDenied", e)
			}
			if text := fmt.Sprint(e.Reason, e.Prompt, e.Err); strings.Contains(text, token) {
				t.Errorf("what travels is %s", text)
			}
		})
	}
}

// Whatever is printed by mistake holds no credentials.
func TestNothingPrintsCredentials(t *testing.T) {
	s := newSessions(fake{}, fake{}.Info())
	session, done, err := s.open(t.Context(), providers.Credentials{"token": token})
	if err != nil {
		t.Fatal(err)
	}
	defer done(nil)
	s.clean("gathers them")
	for _, v := range []any{s, session, s.known, maps.Values(s.live)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, token) {
				t.Errorf("%s of %T: %s", verb, v, text)
			}
		}
	}
	for e := range s.live {
		if text := fmt.Sprintf("%#v", e); strings.Contains(text, token) {
			t.Error(text)
		}
	}
}

package providers_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
)

// worded is an error whose nil pointer panics when it is read, as most do.
type worded struct{ text string }

func (e *worded) Error() string { return e.text }

// itself is an error that panics with itself.
type itself struct{ token string }

func (e itself) Error() string { panic(e) }

// unwraps is an error that panics when its cause is asked for.
type unwraps struct{}

func (unwraps) Error() string { return "wrapped" }
func (unwraps) Unwrap() error { panic("no cause") }

// TestBrokenErrors: an error of a driver that panics when it is read ends no
// process and no walk: it is Internal, and a write that met it is settled by
// reading.
func TestBrokenErrors(t *testing.T) {
	const token = "s3cr3t-canary/value"
	var nilError *providers.Error
	for name, broken := range map[string]error{
		"a nil *Error":              nilError,
		"a nil pointer":             (*worded)(nil),
		"a nil pointer as cause":    &providers.Error{Code: providers.Invalid, Err: (*worded)(nil)},
		"a nil pointer among joins": errors.Join(errors.New("a"), (*worded)(nil)),
		"one that panics itself":    itself{token},
		"one that panics as cause":  &providers.Error{Code: providers.Invalid, Err: itself{token}},
		"one whose cause panics":    unwraps{},
	} {
		for _, method := range []string{"Open", "Find", "List", "Check", "Read", "Write"} {
			t.Run(method+"/"+name, func(t *testing.T) {
				w := begin(t, providers.Caps{}, startZone...)
				d := failing(w.host, func(m string, _ int) error {
					if m == method {
						return broken
					}
					return nil
				})
				d.info = func(i *providers.Info) { i.Fields = []providers.Field{{Name: "token", Secret: true}} }
				acct, err := providers.Open(d, providers.Credentials{"token": token}, providers.Options{Journal: w.journal, Lost: 1})
				switch method {
				case "Find":
					_, err = acct.Find(t.Context(), apex)
				case "List":
					_, err = acct.List(t.Context())
				case "Check":
					err = acct.Check(t.Context())
				case "Read":
					_, err = acct.Read(t.Context(), w.zone)
				case "Write":
					run := &providers.Run{}
					got := acct.Apply(t.Context(), w.zone, threeChanges(t)[2:], run)
					if s := states(got); s != "failed/Internal" || run.End == nil {
						t.Errorf("got %s, end %v; want a run that has ended", s, run.End)
					}
					err = &providers.Error{Code: got[0].Code, Err: errors.New(got[0].Detail)}
				}
				if text := fmt.Sprintf("%v %+v", err, err); providers.CodeOf(err) != providers.Internal || !strings.Contains(text, "driver") || strings.Contains(text, token) {
					t.Errorf("got %s, want Internal that names the driver", text)
				}
				w.holds(t)
			})
		}
	}
}

// odd is a driver with faults of its own in Info and Open.
type odd struct {
	info func() providers.Info
	open func() (providers.Session, error)
}

func (d odd) Info() providers.Info                                  { return d.info() }
func (d odd) Open(providers.Credentials) (providers.Session, error) { return d.open() }

// TestOpenBroken: whatever a driver does to Open, it is an error and no account.
func TestOpenBroken(t *testing.T) {
	const token = "s3cr3t-canary/value"
	named := func() providers.Info { return providers.Info{ID: "odd"} }
	for _, tt := range []struct {
		name string
		d    providers.Driver
		want string
	}{
		{"no driver", nil, "open an account: Internal: the driver panicked in Info"},
		{"Info panics", odd{info: func() providers.Info { panic("no " + token) }}, "open an account: Internal: the driver panicked in Info: no [redacted]"},
		{"Open panics", odd{info: named, open: func() (providers.Session, error) { panic("no " + token) }}, "odd: Internal: the driver panicked in Open: no [redacted]"},
		{"no session", odd{info: named, open: func() (providers.Session, error) { return nil, nil }}, "odd: Internal: the driver gave neither a session nor an error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			acct, err := providers.Open(tt.d, providers.Credentials{"token": token}, providers.Options{})
			if acct != nil || providers.CodeOf(err) != providers.Internal || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want no account and %q", acct, err, tt.want)
			}
		})
	}
}

// TestAccountPrints: an account shows its host alone, as a value, behind a
// pointer and as a field that fmt asks no method of.
func TestAccountPrints(t *testing.T) {
	acct := openWith(t, hooked{
		Driver: memoryHost(t, providers.Caps{}).Driver(),
		info:   func(i *providers.Info) { i.Fields = []providers.Field{{Name: "token", Secret: true}} },
		hook:   func(context.Context, string, providers.Credentials) error { return nil },
	}, canary, providers.Options{})
	type holder struct{ a *providers.Account }
	type copied struct{ a providers.Account }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for name, v := range map[string]any{"value": *acct, "pointer": acct} {
			if got := fmt.Sprintf(verb, v); got != "account at memory" {
				t.Errorf("%s of a %s: got %s", verb, name, got)
			}
		}
		for name, v := range map[string]any{"a pointer in a field": holder{acct}, "the value in a field": copied{*acct}} {
			got := fmt.Sprintf(verb, v)
			if sings(got) || strings.Contains(got, fmt.Sprintf("%x", mark)) || strings.Contains(got, strings.Trim(fmt.Sprint([]byte(mark)), "[]")) {
				t.Errorf("%s of %s: the canary is in %s", verb, name, got)
			}
		}
	}
}

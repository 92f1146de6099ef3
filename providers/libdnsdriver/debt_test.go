package libdnsdriver_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestHarmWithoutWords: whatever becomes of a module's answer, what it has lost
// is put back, and the error names it.
func TestHarmWithoutWords(t *testing.T) {
	for _, c := range []struct {
		name   string
		faults faults
		code   func(error) providers.Code
	}{
		{name: "an error that cannot be printed", faults: faults{AppendReplaces: true, TypedNil: true}},
		{name: "a goroutine that ends", faults: faults{AppendReplaces: true, Exits: true}},
		{
			name: "an error that Driver.Code panics at", faults: faults{AppendReplaces: true, Error: errors.New("EOF")},
			code: func(error) providers.Code { panic("of our own") },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newModule(theirs()...)
			acct, z := account(t, driver(m, func(d *libdnsdriver.Driver) { d.Code = c.code }))
			before, err := acct.Read(t.Context(), z)
			if err != nil {
				t.Fatal(err)
			}
			m.set(c.faults)
			got := acct.Apply(t.Context(), z, []zone.Change{{Owner: apex, Add: []zone.Record{txt("@", 3600, "mine")}}}, &providers.Run{})
			if gone := lost(t, m, before); len(gone) > 0 {
				t.Errorf("lost: %v", gone)
			}
			if o := got[0]; o.Code != providers.Internal || !strings.Contains(o.Detail, "site-verification") {
				t.Errorf("got %+v, want it to name what was lost and put back", o)
			}
		})
	}
}

// slow is a module that takes its time with what it adds, whoever has gone.
type slow struct {
	*module
	takes time.Duration
}

func (s slow) AppendRecords(ctx context.Context, name string, recs []libdns.Record) ([]libdns.Record, error) {
	time.Sleep(s.takes)
	return s.module.AppendRecords(context.WithoutCancel(ctx), name, recs)
}

// TestHarmAfterTheCaller: harm that comes to light when the caller of the write
// has gone is told to who reads next, once, and no innocent write fails for it.
func TestHarmAfterTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule(theirs()...)
		s, z := open(t, driver(slow{m, 300 * time.Millisecond}))
		m.set(faults{DropsMail: true, Forgetful: true})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err := s.Write(ctx, z, zone.Edit{After: []zone.Record{txt("new", 3600, "mine")}})
		if pe, ok := errors.AsType[*providers.Error](err); !ok || pe.Code != providers.Timeout || pe.Wrote != providers.WroteUnknown {
			t.Errorf("got %v, want Timeout and not known what was written", err)
		}
		_, err = s.Read(t.Context(), z)
		if pe, ok := errors.AsType[*providers.Error](err); !ok || pe.Code != providers.Internal || pe.Wrote != providers.WroteYes || !strings.Contains(fmt.Sprint(err), "mx1.mail.example.") {
			t.Errorf("the reading after it: %v, want the loss of the mail", err)
		}
		if _, err := s.Read(t.Context(), z); err != nil {
			t.Errorf("the next reading: %v", err)
		}
		m.set(faults{})
		if err := s.Write(t.Context(), z, zone.Edit{After: []zone.Record{txt("more", 3600, "mine")}}); err != nil {
			t.Errorf("an innocent write: %v", err)
		}
	})
}

// TestHarmUnseen: harm of a write whose zone could not be read back is told to
// the next call that reads, once; and what a refused call of several values has
// written, while nobody can look, is not known.
func TestHarmUnseen(t *testing.T) {
	two := []zone.Record{txt("new", 3600, "one"), txt("new", 3600, "two")}
	reads := func(ctx context.Context, s providers.Session, z providers.Zone) error {
		_, err := s.Read(ctx, z)
		return err
	}
	writes := func(ctx context.Context, s providers.Session, z providers.Zone) error {
		return s.Write(ctx, z, zone.Edit{After: []zone.Record{txt("more", 3600, "mine")}})
	}
	for _, c := range []struct {
		name   string
		faults faults
		add    []zone.Record
		told   bool
	}{
		{"reported as success", faults{DropsMail: true}, two[:1], true},
		{"its answer lost", faults{DropsMail: true, Error: errors.New("EOF")}, two[:1], true},
		{"no harm", faults{}, two[:1], false},
		{"no connection for the second value", faults{Strict: true, Refusal: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}, two, false},
	} {
		for i, next := range []func(context.Context, providers.Session, providers.Zone) error{reads, writes} {
			t.Run(fmt.Sprintf("%s %d", c.name, i), func(t *testing.T) {
				m := newModule(theirs()...)
				s, z := open(t, driver(m))
				c.faults.Blind = true
				m.set(c.faults)
				err := s.Write(t.Context(), z, zone.Edit{After: c.add})
				if pe, ok := errors.AsType[*providers.Error](err); !ok || pe.Wrote != providers.WroteUnknown {
					t.Errorf("got %v %+v, want not known what was written", err, pe)
				}
				if err := next(t.Context(), s, z); providers.CodeOf(err) != providers.Unavailable {
					t.Errorf("while nothing can be read: %v", err)
				}
				m.set(faults{})
				err = next(t.Context(), s, z)
				if told := providers.CodeOf(err) == providers.Internal && strings.Contains(fmt.Sprint(err), "mx1.mail.example."); told != c.told || err != nil && !told {
					t.Errorf("the first call: %v, told %t, want %t", err, told, c.told)
				}
				if c.told {
					if err := next(t.Context(), s, z); err != nil {
						t.Errorf("the second call: %v", err)
					}
				}
			})
		}
	}
}

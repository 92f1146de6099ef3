package libdnsdriver

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
)

// Mode is how far a module is believed.
type Mode int

// The modes. Only Untrusted is for zones that matter; the bare ones are what
// users of the module get who call it as its documentation says.
const (
	// Untrusted compares before it writes, removes and adds exact values, reads
	// the whole zone back, and puts back what the module has lost.
	Untrusted Mode = iota
	// BareSet is one SetRecords, or one DeleteRecords where nothing is to
	// remain, and the module's word for it.
	BareSet
	// BareAppend is BareSet, but for an edit that only adds one AppendRecords,
	// and for one that only removes one DeleteRecords of the removed values:
	// what certmagic calls.
	BareAppend
)

// Text is how a module spells the text of a TXT record.
type Text int

// The spellings.
const (
	TextPlain   Text = iota // the text itself both ways, as libdns documents it
	TextEscaped             // taken plain, and given back with the escapes of zone text (\", \\, \DDD) left in
	TextQuoted              // both ways as the quoted strings of zone text
)

// Driver makes a libdns module a driver. Host and New must be given.
type Driver struct {
	// Host describes the module's host. An empty Caps.Grain is GrainRRset. Say
	// in Caps what the module cannot do: an honest limit is refused before
	// anything is written, a wrong one is found out by reading back.
	Host providers.Info
	// New makes the module's value for one account, without I/O. It must be a
	// libdns RecordGetter, RecordAppender, RecordSetter and RecordDeleter; a
	// ZoneLister makes the session a providers.Lister.
	New func(providers.Credentials) (any, error)
	// Pointers hands over *libdns.MX and the like instead of values, for a module
	// that switches on them. Every record is a copy that the module may change.
	Pointers bool
	Text     Text
	Mode     Mode
	// Code reads an error of the module where its text is not enough for the
	// driver: what it means, or "" for the driver's own reading. nil: none.
	Code func(error) providers.Code
	// Patience bounds the wait for an earlier call of the account that has not
	// come back, and, beside the time that the host needs to settle, the reading
	// back and repair that go on when the caller's context has ended. 0: 30
	// seconds.
	Patience time.Duration
}

func (d Driver) patience() time.Duration {
	if d.Patience <= 0 {
		return 30 * time.Second
	}
	return d.Patience
}

func (d Driver) Info() providers.Info {
	info := d.Host
	if info.Caps.Grain == "" {
		info.Caps.Grain = providers.GrainRRset
	}
	return info
}

// module is the four powers that a driver needs of one account's value.
type module interface {
	libdns.RecordGetter
	libdns.RecordAppender
	libdns.RecordSetter
	libdns.RecordDeleter
}

func (d Driver) Open(c providers.Credentials) (_ providers.Session, err error) {
	if d.New == nil {
		return nil, refuse(providers.Internal, "the driver has no module: Driver.New is nil")
	}
	info := d.Info()
	if err := c.Missing(info.Fields); err != nil {
		return nil, err
	}
	s := &session{driver: d, caps: info.Caps, creds: maps.Clone(c), turn: make(chan struct{}, 1)}
	var v any
	p := caught(func() {
		if v, err = d.New(c); err != nil {
			err = s.opening(err)
		}
	})
	if p != nil {
		return nil, refuse(providers.Internal, "%w", p)
	}
	if err != nil {
		return nil, err
	}
	if s.module, err = powers(v); err != nil {
		return nil, err
	}
	if l, ok := v.(libdns.ZoneLister); ok {
		s.lister = l
		return listing{s}, nil
	}
	return s, nil
}

// powers asserts what a module can do; the error names what it cannot.
func powers(v any) (module, error) {
	if m, ok := v.(module); ok {
		return m, nil
	}
	var lacks []string
	if _, ok := v.(libdns.RecordGetter); !ok {
		lacks = append(lacks, "GetRecords")
	}
	if _, ok := v.(libdns.RecordAppender); !ok {
		lacks = append(lacks, "AppendRecords")
	}
	if _, ok := v.(libdns.RecordSetter); !ok {
		lacks = append(lacks, "SetRecords")
	}
	if _, ok := v.(libdns.RecordDeleter); !ok {
		lacks = append(lacks, "DeleteRecords")
	}
	return nil, refuse(providers.Internal, "%T is no whole libdns provider: it lacks %s (a module of libdns before 1.0 has other signatures)", v, strings.Join(lacks, ", "))
}

// session is one account. One piece of work at a time speaks to its module.
type session struct {
	driver Driver
	caps   providers.Caps
	creds  providers.Credentials
	module module
	lister libdns.ZoneLister         // nil: none
	turn   chan struct{}             // holds one while a piece of work is under way
	asked  atomic.Pointer[time.Time] // when the request that the module is at was made; nil: none
	debt   debt
}

// Format prints what it is whatever the verb: a session holds secrets, and so
// does its module.
func (s *session) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "session at "+s.driver.Host.ID)
}

// opening is the error of New.
func (s *session) opening(err error) error {
	e, ok := errors.AsType[*providers.Error](err)
	if !ok || e == nil {
		e = &providers.Error{Code: providers.InvalidCredentials}
	}
	c := *e
	c.Err = errors.New(s.clean(err.Error()))
	return &c
}

// refuse is an error after which the zone is as it was.
func refuse(code providers.Code, format string, args ...any) *providers.Error {
	return &providers.Error{Code: code, Err: fmt.Errorf(format, args...)}
}

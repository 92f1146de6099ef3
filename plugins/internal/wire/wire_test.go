package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

const apex zone.Name = "customer.example"

// fake is a session whose methods a test gives.
type fake struct {
	find  func(context.Context, zone.Name) (providers.Zone, error)
	read  func(context.Context, providers.Zone) (zone.Snapshot, error)
	write func(context.Context, providers.Zone, zone.Edit) error
	list  func(context.Context) ([]providers.Zone, error)
	check func(context.Context) error
}

func (f fake) Find(ctx context.Context, n zone.Name) (providers.Zone, error) { return f.find(ctx, n) }

func (f fake) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	return f.read(ctx, z)
}

func (f fake) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	return f.write(ctx, z, e)
}
func (f fake) List(ctx context.Context) ([]providers.Zone, error) { return f.list(ctx) }
func (f fake) Check(ctx context.Context) error                    { return f.check(ctx) }

// connect is the host's end of a connection in memory to a server.
func connect(t *testing.T, register func(grpc.ServiceRegistrar)) *Client {
	t.Helper()
	l := bufconn.Listen(1 << 20)
	s := grpc.NewServer(grpc.MaxRecvMsgSize(MaxEdit))
	register(s)
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.Serve(l) })
	conn, err := grpc.NewClient("passthrough:memory",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(MaxMessage)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		s.Stop()
		wg.Wait()
	})
	return NewClient(conn)
}

// serving is a client of a session, with the stream of turns open.
func serving(t *testing.T, f fake) *Client {
	t.Helper()
	s := &Service{Session: func(context.Context, providers.Credentials) (providers.Session, func(error), error) {
		return f, func(error) {}, nil
	}}
	c := connect(t, s.Register)
	if err := c.Turns(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

var someZone = providers.Zone{ID: "z1\xff", Apex: apex, NameServers: []zone.Name{"ns1.host.example"}, Caps: providers.Caps{Grain: providers.GrainRRset}}

func TestCalls(t *testing.T) {
	want := zone.NewSnapshot(apex, []zone.Record{
		{Name: apex, Type: "TXT", TTL: 300, Data: `"v=spf1 " "-all"`},
		{Name: apex, Type: "TXT", TTL: 300, Data: "\xff\xfe not text", Opaque: true, Meta: "id=1"},
		{Name: "www." + apex, Type: "ALIAS", TTL: 60, Data: "edge.app.example.", Meta: "proxied=true"},
	})
	want.Meta, want.Tag, want.Names = "email_type=MX", "etag\xff", []zone.Name{"mail." + apex}
	edit := zone.Edit{Before: want.Records[:1], After: want.Records[1:], Absent: []zone.Key{{Name: apex, Type: zone.AnyType}}, Meta: want.Meta, Tag: want.Tag}
	var wrote zone.Edit
	c := serving(t, fake{
		find:  func(_ context.Context, n zone.Name) (providers.Zone, error) { return someZone, nil },
		read:  func(context.Context, providers.Zone) (zone.Snapshot, error) { return want, nil },
		write: func(_ context.Context, _ providers.Zone, e zone.Edit) error { wrote = e; return nil },
		list: func(context.Context) ([]providers.Zone, error) {
			return slices.Repeat([]providers.Zone{someZone}, 1201), nil
		},
		check: func(context.Context) error {
			return &providers.Error{Code: providers.AccessDenied, Reason: providers.ReasonAddress}
		},
	})
	creds := providers.Credentials{"token": "s3cret\xff"}
	if p, err := c.Open(t.Context(), creds); err != nil || !p.Lists || !p.Checks {
		t.Errorf("Open: %+v, %v", p, err)
	}
	z, err := c.Find(t.Context(), creds, apex)
	if diff := cmp.Diff(someZone, z); err != nil || diff != "" {
		t.Errorf("Find: %v\n%s", err, diff)
	}
	snap, err := c.Read(t.Context(), creds, z)
	if diff := cmp.Diff(want, snap); err != nil || diff != "" {
		t.Errorf("Read: %v\n%s", err, diff)
	}
	if err := c.Write(t.Context(), creds, z, edit); err != nil || !cmp.Equal(edit, wrote) {
		t.Errorf("Write: %v\n%s", err, cmp.Diff(edit, wrote))
	}
	if zones, err := c.List(t.Context(), creds); err != nil || len(zones) != 1201 || !cmp.Equal(zones[1200], someZone) {
		t.Errorf("List: %d zones, %v", len(zones), err)
	}
	e, ok := errors.AsType[*providers.Error](c.Check(t.Context(), creds))
	if !ok || e.Code != providers.AccessDenied || e.Reason != providers.ReasonAddress {
		t.Errorf("Check: %v", e)
	}
}

// A zone of many parts comes whole.
func TestLongZone(t *testing.T) {
	var records []zone.Record
	for i := range 30_000 {
		records = append(records, zone.NewTXT(zone.Name(fmt.Sprintf("h%d.%s", i, apex)), 60, strings.Repeat("x", i%500)))
	}
	want := zone.NewSnapshot(apex, records)
	c := serving(t, fake{read: func(context.Context, providers.Zone) (zone.Snapshot, error) { return want, nil }})
	got, err := c.Read(t.Context(), nil, someZone)
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("%d records, %v; want %d", len(got.Records), err, len(want.Records))
	}
}

// A call that has panicked, in whatever way, is an error of that call alone, and
// says nothing of its credentials.
func TestPanics(t *testing.T) {
	for name, v := range map[string]any{
		"a text with the token": "no such key: s3cretToken",
		"an error":              errors.New("s3cretToken"),
		"a value":               map[string]string{"token": "s3cretToken"},
		"an error that panics":  hostileError{},
	} {
		t.Run(name, func(t *testing.T) {
			c := serving(t, fake{write: func(context.Context, providers.Zone, zone.Edit) error { panic(v) }})
			e, _ := errors.AsType[*providers.Error](c.Write(t.Context(), providers.Credentials{"token": "s3cretToken"}, someZone, zone.Edit{}))
			if e == nil || e.Code != providers.Internal || e.Wrote != providers.WroteUnknown || !strings.Contains(e.Error(), "panicked") {
				t.Errorf("got %v", e)
			}
			if strings.Contains(fmt.Sprint(e), "s3cretToken") {
				t.Errorf("the token is in %v", e)
			}
		})
	}
}

type hostileError struct{}

func (hostileError) Error() string { panic("again") }

// evil answers as its functions say, whatever the contract wants.
type evil struct {
	UnimplementedDriverServiceServer
	find func() *FindResponse
	read []*ReadResponse
	list []*ListResponse
	fail error
}

func (e evil) Find(context.Context, *FindRequest) (*FindResponse, error) { return e.find(), e.fail }
func (e evil) Write(context.Context, *WriteRequest) (*WriteResponse, error) {
	return &WriteResponse{}, e.fail
}

func (e evil) Read(_ *ReadRequest, s grpc.ServerStreamingServer[ReadResponse]) error {
	for _, p := range e.read {
		if err := s.Send(p); err != nil {
			return err
		}
	}
	return e.fail
}

func (e evil) List(_ *ListRequest, s grpc.ServerStreamingServer[ListResponse]) error {
	for _, p := range e.list {
		if err := s.Send(p); err != nil {
			return err
		}
	}
	return e.fail
}

// Nothing that a plugin answers is believed before it is looked at.
func TestHostileAnswers(t *testing.T) {
	good := &Record{Name: string(apex), Type: "A", Ttl: 60, Data: []byte("192.0.2.1")}
	first := func(records ...*Record) *ReadResponse {
		return &ReadResponse{Apex: string(apex), Records: records, Last: true, Count: uint64(len(records))}
	}
	reads := map[string]struct {
		parts []*ReadResponse
		want  string
	}{
		"a record outside the zone":    {[]*ReadResponse{first(good, &Record{Name: "bank.example", Type: "A"})}, "outside the zone"},
		"a record of a zone beside it": {[]*ReadResponse{first(&Record{Name: "xcustomer.example", Type: "A"})}, "outside the zone"},
		"a name that is none":          {[]*ReadResponse{first(&Record{Name: "a..customer.example", Type: "A"})}, "no canonical name"},
		"a name in capitals":           {[]*ReadResponse{first(&Record{Name: "WWW.customer.example", Type: "A"})}, "no canonical name"},
		"no type":                      {[]*ReadResponse{first(&Record{Name: string(apex)})}, "type"},
		"a type in small letters":      {[]*ReadResponse{first(&Record{Name: string(apex), Type: "mx"})}, "type"},
		"another zone":                 {[]*ReadResponse{{Apex: "other.example", Last: true}}, "other.example"},
		"nothing at all":               {nil, "breaks off"},
		"an end that is missing":       {[]*ReadResponse{{Apex: string(apex), Records: []*Record{good}}}, "breaks off"},
		"a part that is missing":       {[]*ReadResponse{{Apex: string(apex), Records: []*Record{good}}, {Last: true, Count: 2}}, "1 came"},
		"a name outside the zone":      {[]*ReadResponse{{Apex: string(apex), Names: []string{"bank.example"}, Last: true}}, "no name in the zone"},
		"more than anybody holds":      {slices.Repeat([]*ReadResponse{{Apex: string(apex), Meta: make([]byte, 15<<20)}}, 9), "more than 128 MiB"},
		"a message too long":           {[]*ReadResponse{{Apex: string(apex), Meta: make([]byte, 17<<20)}}, "too long"},
	}
	for name, tt := range reads {
		t.Run(name, func(t *testing.T) {
			c := connect(t, func(r grpc.ServiceRegistrar) { RegisterDriverServiceServer(r, evil{read: tt.parts}) })
			snap, err := c.Read(t.Context(), nil, someZone)
			refused(t, err, tt.want)
			if len(snap.Records) > 0 {
				t.Errorf("%d records came with the error", len(snap.Records))
			}
		})
	}
	finds := map[string]struct {
		zone *Zone
		want string
	}{
		"no zone":            {nil, "names"},
		"another zone":       {&Zone{Apex: "other.example", Caps: &Caps{Grain: "rrset"}}, "other.example"},
		"an unknown grain":   {&Zone{Apex: string(apex), Caps: &Caps{Grain: "galaxy"}}, "galaxy"},
		"a bad name server":  {&Zone{Apex: string(apex), NameServers: []string{"NS.example."}, Caps: &Caps{Grain: "rrset"}}, "name server"},
		"TTLs in a disorder": {&Zone{Apex: string(apex), Caps: &Caps{Grain: "rrset", Ttls: []uint32{600, 60}}}, "ascending"},
	}
	for name, tt := range finds {
		t.Run("find: "+name, func(t *testing.T) {
			c := connect(t, func(r grpc.ServiceRegistrar) {
				RegisterDriverServiceServer(r, evil{find: func() *FindResponse { return &FindResponse{Zone: tt.zone} }})
			})
			z, err := c.Find(t.Context(), nil, apex)
			refused(t, err, tt.want)
			if z.Apex != "" {
				t.Errorf("a zone came with the error: %v", z)
			}
		})
	}
	t.Run("list: a bad zone", func(t *testing.T) {
		c := connect(t, func(r grpc.ServiceRegistrar) {
			RegisterDriverServiceServer(r, evil{list: []*ListResponse{{Zones: []*Zone{{Apex: "A.example"}}, Last: true, Count: 1}}})
		})
		_, err := c.List(t.Context(), nil)
		refused(t, err, "no canonical name")
	})
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	e, ok := errors.AsType[*providers.Error](err)
	if !ok || e.Code != providers.Internal || !strings.Contains(e.Error(), want) {
		t.Errorf("got %v, want Internal with %q", err, want)
	}
}

// What becomes of a call whose process fails, by what the wire says.
func TestFailures(t *testing.T) {
	tests := map[string]struct {
		fail    error
		code    providers.Code
		process bool
		wrote   providers.Wrote
	}{
		"the process dies":        {status.Error(codes.Unavailable, "EOF"), providers.Unavailable, true, providers.WroteUnknown},
		"a deadline passed there": {status.Error(codes.DeadlineExceeded, "x"), providers.Timeout, false, providers.WroteUnknown},
		"a status of no kind":     {status.Error(codes.Unknown, "x"), providers.Unavailable, true, providers.WroteUnknown},
		"cancelled from there":    {status.Error(codes.Canceled, "x"), providers.Unavailable, true, providers.WroteUnknown},
		"an older plugin":         {status.Error(codes.Unimplemented, "x"), providers.Unsupported, false, providers.WroteNo},
		"a driver's own error":    {statusOf(errors.New("x"), true), providers.Internal, false, providers.WroteUnknown},
		"a wrapped one": {
			statusOf(fmt.Errorf("x: %w", &providers.Error{Code: providers.Conflict}), true),
			providers.Conflict, false, providers.WroteNo,
		},
		"a nil one":         {statusOf((*providers.Error)(nil), true), providers.Internal, false, providers.WroteUnknown},
		"an endless text":   {statusOf(&providers.Error{Code: providers.Invalid, Err: errors.New(strings.Repeat("é", 9<<20))}, true), providers.Invalid, false, providers.WroteNo},
		"an endless state":  {statusOf(&providers.Error{Code: providers.Challenge, State: make([]byte, 9<<20)}, true), providers.Internal, false, providers.WroteNo},
		"text that is none": {statusOf(&providers.Error{Code: providers.Invalid, Err: errors.New("\xff\xfe")}, true), providers.Invalid, false, providers.WroteNo},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := connect(t, func(r grpc.ServiceRegistrar) { RegisterDriverServiceServer(r, evil{fail: tt.fail}) })
			err := c.Write(t.Context(), nil, someZone, zone.Edit{})
			e, _ := errors.AsType[*providers.Error](err)
			if e == nil || e.Code != tt.code || e.Wrote != tt.wrote || errors.Is(err, ErrProcess) != tt.process {
				t.Errorf("got %v (wrote %v, process %t)", err, e.Wrote, errors.Is(err, ErrProcess))
			}
		})
	}
}

func TestContexts(t *testing.T) {
	began := make(chan struct{}, 1)
	c := serving(t, fake{write: func(ctx context.Context, _ providers.Zone, _ zone.Edit) error {
		began <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}})
	t.Run("ended before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		e, _ := errors.AsType[*providers.Error](c.Write(ctx, nil, someZone, zone.Edit{}))
		if e == nil || e.Code != providers.Timeout || e.Wrote != providers.WroteNo || len(began) > 0 {
			t.Errorf("got %v", e)
		}
	})
	t.Run("ends within", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-began
			cancel()
		}()
		e, _ := errors.AsType[*providers.Error](c.Write(ctx, nil, someZone, zone.Edit{}))
		if e == nil || e.Code != providers.Timeout || e.Wrote != providers.WroteUnknown {
			t.Errorf("got %v", e)
		}
	})
	t.Run("an edit that no plugin takes", func(t *testing.T) {
		long := zone.Edit{Meta: strings.Repeat("x", MaxEdit)}
		e, _ := errors.AsType[*providers.Error](c.Write(t.Context(), nil, someZone, long))
		if e == nil || e.Code != providers.Invalid || e.Wrote != providers.WroteNo {
			t.Errorf("got %v", e)
		}
	})
}

// A driver in a plugin waits for what the host's limits let through.
func TestTurns(t *testing.T) {
	sent := make(chan struct{}, 100)
	c := serving(t, fake{check: func(ctx context.Context) error {
		for range 3 {
			if err := providers.Wait(ctx); err != nil {
				return err
			}
			sent <- struct{}{}
		}
		return nil
	}})
	t.Run("without a limit", func(t *testing.T) {
		if err := c.Check(t.Context(), nil); err != nil || len(sent) != 3 {
			t.Errorf("%d requests, %v", len(sent), err)
		}
	})
	t.Run("each asks", func(t *testing.T) {
		asked := 0
		ctx := providers.WithWait(t.Context(), func(context.Context) error { asked++; return nil })
		if err := c.Check(ctx, nil); err != nil || asked != 3 {
			t.Errorf("asked %d times, %v", asked, err)
		}
	})
	t.Run("a refusal is the host's own", func(t *testing.T) {
		cause := errors.New("the host's own cause")
		ctx := providers.WithWait(t.Context(), func(context.Context) error {
			return &providers.Error{Code: providers.RateLimited, RetryAfter: time.Minute, Err: cause}
		})
		err := c.Check(ctx, nil)
		e, _ := errors.AsType[*providers.Error](err)
		if e == nil || e.Code != providers.RateLimited || e.RetryAfter != time.Minute || !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a wait ends with its call", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		waiting, left := make(chan struct{}), make(chan struct{})
		ctx = providers.WithWait(ctx, func(ctx context.Context) error {
			close(waiting)
			<-ctx.Done()
			close(left)
			return ctx.Err()
		})
		go func() {
			<-waiting
			cancel()
		}()
		if e, _ := errors.AsType[*providers.Error](c.Check(ctx, nil)); e == nil || e.Code != providers.Timeout {
			t.Errorf("got %v", e)
		}
		<-left
	})
	t.Run("a plugin that gives up", func(t *testing.T) {
		left := make(chan struct{})
		c := serving(t, fake{check: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
			defer cancel()
			err := providers.Wait(ctx)
			<-left // the host has heard of it while the call goes on
			return err
		}})
		ctx := providers.WithWait(t.Context(), func(ctx context.Context) error {
			<-ctx.Done()
			close(left)
			return ctx.Err()
		})
		if e, _ := errors.AsType[*providers.Error](c.Check(ctx, nil)); e == nil || e.Code != providers.Timeout {
			t.Errorf("got %v", e)
		}
	})
	t.Run("too many at once", func(t *testing.T) {
		const more = 10
		release, refused := make(chan struct{}), 0
		c := serving(t, fake{check: func(ctx context.Context) error {
			var (
				wg sync.WaitGroup
				mu sync.Mutex
			)
			for range maxAsked + more {
				wg.Go(func() {
					if providers.CodeOf(providers.Wait(ctx)) != providers.Internal {
						return
					}
					mu.Lock()
					defer mu.Unlock()
					if refused++; refused == more {
						close(release)
					}
				})
			}
			wg.Wait()
			return nil
		}})
		ctx := providers.WithWait(t.Context(), func(context.Context) error { <-release; return nil })
		if err := c.Check(ctx, nil); err != nil || refused != more {
			t.Errorf("%d turns refused, want %d; %v", refused, more, err)
		}
	})
}

// caller brings every call to one client.
type caller struct{ c *Client }

func (k caller) Info() providers.Info { return providers.Info{ID: "memory", Name: "Memory"} }

func (k caller) Call(ctx context.Context, _ providers.Credentials, f func(context.Context, *Client) error) error {
	return f(ctx, k.c)
}

func TestDriver(t *testing.T) {
	f := fake{
		find:  func(context.Context, zone.Name) (providers.Zone, error) { return someZone, nil },
		list:  func(context.Context) ([]providers.Zone, error) { return []providers.Zone{someZone}, nil },
		check: func(context.Context) error { return nil },
	}
	type plain struct{ providers.Session }
	type lists struct {
		providers.Session
		providers.Lister
	}
	type checks struct {
		providers.Session
		providers.Checker
	}
	for name, tt := range map[string]struct {
		session providers.Session
		want    Powers
	}{
		"plain":  {plain{f}, Powers{}},
		"lists":  {lists{f, f}, Powers{Lists: true}},
		"checks": {checks{f, f}, Powers{Checks: true}},
		"both":   {f, Powers{Lists: true, Checks: true}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Service{Session: func(context.Context, providers.Credentials) (providers.Session, func(error), error) {
				return tt.session, func(error) {}, nil
			}}
			got, err := NewDriver(caller{connect(t, s.Register)}).Open(providers.Credentials{"token": "s3cret"})
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := got.(providers.Lister); ok != tt.want.Lists {
				t.Errorf("Lister: %t", ok)
			}
			if _, ok := got.(providers.Checker); ok != tt.want.Checks {
				t.Errorf("Checker: %t", ok)
			}
			if text := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(text, "s3cret") {
				t.Errorf("the session prints its credentials: %s", text)
			}
			if _, err := got.Find(t.Context(), apex); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		s := &Service{Session: func(context.Context, providers.Credentials) (providers.Session, func(error), error) {
			return nil, nil, &providers.Error{Code: providers.Challenge, Prompt: "the code", State: providers.Sealed("half way")}
		}}
		_, err := NewDriver(caller{connect(t, s.Register)}).Open(nil)
		e, _ := errors.AsType[*providers.Error](err)
		if e == nil || e.Code != providers.Challenge || e.Prompt != "the code" || string(e.State) != "half way" || e.Wrote != providers.WroteNo {
			t.Errorf("got %v", err)
		}
	})
}

package wire

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Service is a driver as it is served. Description and Session must be given.
type Service struct {
	Description Description
	// Session is a session for these credentials, made or kept. done is called
	// when the call is over, with its error.
	Session func(ctx context.Context, c providers.Credentials) (s providers.Session, done func(err error), err error)
	// Sessions is how many are kept. nil: none.
	Sessions func() int
}

// Register makes a server answer for the driver.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	RegisterDriverServiceServer(r, &server{service: s})
}

// server is a Service at work.
type server struct {
	UnimplementedDriverServiceServer
	service *Service
	turns   asker
	calls   atomic.Int64
}

// Parts of a long answer are about this long, so that a host can stop reading.
const (
	partRecords = 2000
	partOctets  = 256 << 10
	partZones   = 500
)

func (s *server) Describe(context.Context, *DescribeRequest) (*DescribeResponse, error) {
	return descriptionTo(s.service.Description), nil
}

func (s *server) Health(context.Context, *HealthRequest) (*HealthResponse, error) {
	out := &HealthResponse{Calls: uint32(s.calls.Load())}
	if s.service.Sessions != nil {
		out.Sessions = uint32(s.service.Sessions())
	}
	return out, nil
}

func (s *server) Turns(stream grpc.BidiStreamingServer[TurnsRequest, TurnsResponse]) error {
	defer s.turns.open(stream.Send)()
	if err := stream.SendHeader(metadata.MD{}); err != nil { // the host waits for it
		return err
	}
	for {
		in, err := stream.Recv()
		if err != nil {
			return nil //nolint:nilerr // the host has closed it, or is gone
		}
		s.turns.answer(in)
	}
}

func (s *server) Open(ctx context.Context, in *OpenRequest) (*OpenResponse, error) {
	out := &OpenResponse{}
	err := s.do(ctx, in.GetCall(), false, func(_ context.Context, session providers.Session) error {
		_, out.Lists = session.(providers.Lister)
		_, out.Checks = session.(providers.Checker)
		return nil
	})
	return out, err
}

func (s *server) Check(ctx context.Context, in *CheckRequest) (*CheckResponse, error) {
	return &CheckResponse{}, s.do(ctx, in.GetCall(), false, func(ctx context.Context, session providers.Session) error {
		c, ok := session.(providers.Checker)
		if !ok {
			return errUnpowered
		}
		return c.Check(ctx)
	})
}

func (s *server) Find(ctx context.Context, in *FindRequest) (*FindResponse, error) {
	out := &FindResponse{}
	err := s.do(ctx, in.GetCall(), false, func(ctx context.Context, session providers.Session) error {
		z, err := session.Find(ctx, zone.Name(in.GetApex()))
		out.Zone = zoneTo(z)
		return err
	})
	return out, err
}

func (s *server) List(in *ListRequest, stream grpc.ServerStreamingServer[ListResponse]) error {
	var zones []providers.Zone
	err := s.do(stream.Context(), in.GetCall(), false, func(ctx context.Context, session providers.Session) (err error) {
		l, ok := session.(providers.Lister)
		if !ok {
			return errUnpowered
		}
		zones, err = l.List(ctx)
		return err
	})
	if err != nil {
		return err
	}
	count := uint64(len(zones))
	for {
		n := min(len(zones), partZones)
		part := &ListResponse{Zones: each(zones[:n], zoneTo)}
		if zones = zones[n:]; len(zones) == 0 {
			part.Last, part.Count = true, count
		}
		if err := stream.Send(part); err != nil || part.Last {
			return err
		}
	}
}

func (s *server) Read(in *ReadRequest, stream grpc.ServerStreamingServer[ReadResponse]) error {
	var snap zone.Snapshot
	err := s.do(stream.Context(), in.GetCall(), false, func(ctx context.Context, session providers.Session) (err error) {
		snap, err = session.Read(ctx, zoneFrom(in.GetZone()))
		return err
	})
	if err != nil {
		return err
	}
	for part := range parts(snap) {
		if err := stream.Send(part); err != nil {
			return err
		}
	}
	return nil
}

// parts is a snapshot cut into messages.
func parts(snap zone.Snapshot) iter.Seq[*ReadResponse] {
	return func(yield func(*ReadResponse) bool) {
		part := &ReadResponse{
			Apex: string(snap.Zone), Meta: []byte(snap.Meta), Tag: []byte(snap.Tag), Partial: snap.Partial, Names: each(snap.Names, nameTo),
		}
		octets := 0
		for _, r := range snap.Records {
			rec := recordTo(r)
			n := proto.Size(rec)
			if len(part.Records) == partRecords || octets > 0 && octets+n > partOctets {
				if !yield(part) {
					return
				}
				part, octets = &ReadResponse{}, 0
			}
			part.Records, octets = append(part.Records, rec), octets+n
		}
		part.Last, part.Count = true, uint64(len(snap.Records))
		yield(part)
	}
}

func (s *server) Write(ctx context.Context, in *WriteRequest) (*WriteResponse, error) {
	return &WriteResponse{}, s.do(ctx, in.GetCall(), true, func(ctx context.Context, session providers.Session) error {
		return session.Write(ctx, zoneFrom(in.GetZone()), editFrom(in.GetEdit()))
	})
}

var (
	errUnpowered = &providers.Error{Code: providers.Unsupported, Err: errors.New("the session cannot do this")}
	errPanicked  = &providers.Error{Code: providers.Internal, Err: errors.New("the driver panicked")}
)

// do makes one call of a session. A driver that panics harms this call alone.
func (s *server) do(ctx context.Context, call *Call, write bool, f func(context.Context, providers.Session) error) (err error) {
	s.calls.Add(1)
	defer s.calls.Add(-1)
	creds := credentialsFrom(call)
	ctx = providers.WithWait(ctx, func(ctx context.Context) error { return s.turns.ask(ctx, call.GetId()) })
	defer func() {
		if v := recover(); v != nil {
			text := creds.Redact(s.service.Description.Info.Fields, "the driver panicked: "+PanicText(v))
			err = statusOf(&providers.Error{Code: providers.Internal, Wrote: unsaid(write), Err: errors.New(text)}, write)
		}
	}()
	session, done, err := s.service.Session(ctx, creds)
	if err != nil {
		return statusOf(notWritten(err), write)
	}
	var result error = errPanicked
	defer func() { done(result) }()
	result = f(ctx, session)
	return statusOf(result, write)
}

// notWritten is an error from before a write.
func notWritten(err error) error {
	if _, ok := errors.AsType[*providers.Error](err); ok {
		return err
	}
	return &providers.Error{Code: providers.CodeOf(err), Err: err}
}

// PanicText is what a panic says in words. Of a value without words it is the type, since
// printed it might spell a credential in a way that nobody looks for, and so it
// is of an error that panics when it is asked.
func PanicText(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T", v)
		}
	}()
	switch v := v.(type) {
	case error:
		return v.Error()
	case string:
		return v
	}
	return fmt.Sprintf("a %T", v)
}

func credentialsTo(c providers.Credentials) map[string][]byte {
	out := make(map[string][]byte, len(c))
	for field, value := range c {
		out[field] = []byte(value)
	}
	return out
}

func credentialsFrom(call *Call) providers.Credentials {
	out := make(providers.Credentials, len(call.GetCredentials()))
	for field, value := range call.GetCredentials() {
		out[field] = string(value)
	}
	return out
}

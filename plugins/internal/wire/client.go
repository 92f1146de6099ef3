package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Client is the host's end of one plugin process. Every error is a
// *providers.Error; it is ErrProcess where no driver has given it.
type Client struct {
	service DriverServiceClient
	calls   calls
}

// NewClient is the host's end of a connection.
func NewClient(conn grpc.ClientConnInterface) *Client {
	return &Client{service: NewDriverServiceClient(conn)}
}

// What a plugin may answer in all its parts, in octets.
const (
	maxZone = 128 << 20
	maxList = 256 << 20
)

// Health is how busy a process is.
type Health struct {
	Calls    int // under way
	Sessions int // kept
}

// Powers is what a session can do beside what each can.
type Powers struct{ Lists, Checks bool }

// Turns opens the stream on which the plugin asks for turns, and answers there
// until ctx ends. It returns when the plugin has taken it.
func (c *Client) Turns(ctx context.Context) error {
	stream, err := c.service.Turns(ctx)
	if err == nil {
		_, err = stream.Header()
	}
	if err != nil {
		return failure(ctx, err, false)
	}
	go c.calls.grant(stream)
	return nil
}

// Describe is what the plugin says of itself.
func (c *Client) Describe(ctx context.Context) (Description, error) {
	out, err := c.service.Describe(ctx, &DescribeRequest{})
	if err != nil {
		return Description{}, failure(ctx, err, false)
	}
	d := descriptionFrom(out)
	if err := d.Check(); err != nil {
		return Description{}, wrong(err)
	}
	return d, nil
}

// Health is answered at once by a process that lives.
func (c *Client) Health(ctx context.Context) (Health, error) {
	out, err := c.service.Health(ctx, &HealthRequest{})
	if err != nil {
		return Health{}, failure(ctx, err, false)
	}
	return Health{Calls: int(out.GetCalls()), Sessions: int(out.GetSessions())}, nil
}

// Open checks the form of credentials.
func (c *Client) Open(ctx context.Context, creds providers.Credentials) (p Powers, err error) {
	err = c.call(ctx, creds, false, func(ctx context.Context, call *Call) error {
		out, err := c.service.Open(ctx, &OpenRequest{Call: call})
		p = Powers{Lists: out.GetLists(), Checks: out.GetChecks()}
		return err
	})
	return p, err
}

// Check asks the host whether the credentials are valid.
func (c *Client) Check(ctx context.Context, creds providers.Credentials) error {
	return c.call(ctx, creds, false, func(ctx context.Context, call *Call) error {
		_, err := c.service.Check(ctx, &CheckRequest{Call: call})
		return err
	})
}

// Find looks up one zone.
func (c *Client) Find(ctx context.Context, creds providers.Credentials, apex zone.Name) (z providers.Zone, err error) {
	err = c.call(ctx, creds, false, func(ctx context.Context, call *Call) error {
		out, err := c.service.Find(ctx, &FindRequest{Call: call, Apex: string(apex)})
		if err != nil {
			return err
		}
		if z = zoneFrom(out.GetZone()); z.Apex != apex {
			return wrong(fmt.Errorf("the plugin was asked for the zone %s and names %.80q", apex, string(z.Apex)))
		}
		if err := checkZone(z); err != nil {
			return wrong(err)
		}
		return nil
	})
	if err != nil {
		return providers.Zone{}, err
	}
	return z, nil
}

// List is all zones of the account.
func (c *Client) List(ctx context.Context, creds providers.Credentials) (zones []providers.Zone, err error) {
	err = c.call(ctx, creds, false, func(ctx context.Context, call *Call) error {
		stream, err := c.service.List(ctx, &ListRequest{Call: call})
		if err != nil {
			return err
		}
		_, err = parted(stream.Recv, maxList, func(part *ListResponse) (uint64, error) {
			for _, z := range part.GetZones() {
				zones = append(zones, zoneFrom(z))
				if err := checkZone(zones[len(zones)-1]); err != nil {
					return 0, err
				}
			}
			return uint64(len(zones)), nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return zones, nil
}

// Read is one whole zone.
func (c *Client) Read(ctx context.Context, creds providers.Credentials, z providers.Zone) (snap zone.Snapshot, err error) {
	err = c.call(ctx, creds, false, func(ctx context.Context, call *Call) error {
		stream, err := c.service.Read(ctx, &ReadRequest{Call: call, Zone: zoneTo(z)})
		if err != nil {
			return err
		}
		snap, err = assemble(stream.Recv, z.Apex)
		return err
	})
	if err != nil {
		return zone.Snapshot{}, err
	}
	return snap, nil
}

// assemble puts a zone together from its parts.
func assemble(recv func() (*ReadResponse, error), apex zone.Name) (zone.Snapshot, error) {
	var (
		records []zone.Record
		names   []zone.Name
	)
	first, err := parted(recv, maxZone, func(part *ReadResponse) (uint64, error) {
		for _, rec := range part.GetRecords() {
			r := recordFrom(rec)
			if err := checkRecord(r, apex); err != nil {
				return 0, err
			}
			records = append(records, r)
		}
		for _, s := range part.GetNames() {
			n, err := zone.ParseName(s)
			if err != nil || string(n) != s || !n.Within(apex) {
				return 0, fmt.Errorf("the plugin names %.80q, which is no name in the zone %s", s, apex)
			}
			names = append(names, n)
		}
		return uint64(len(records)), nil
	})
	if err != nil {
		return zone.Snapshot{}, err
	}
	if first.GetApex() != string(apex) {
		return zone.Snapshot{}, wrong(fmt.Errorf("the plugin was asked for the zone %s and shows %.80q", apex, first.GetApex()))
	}
	snap := zone.NewSnapshot(apex, records)
	snap.Meta, snap.Tag, snap.Partial, snap.Names = string(first.GetMeta()), string(first.GetTag()), first.GetPartial(), names
	return snap, nil
}

// part is a message of a long answer.
type part interface {
	proto.Message
	GetLast() bool
	GetCount() uint64
}

// entryCost is what an entry takes here beside its octets on the wire: one of
// twenty octets there is a Zone or a Record of hundreds here.
const entryCost = 512

func entries(p part) int {
	switch p := p.(type) {
	case *ListResponse:
		return len(p.Zones)
	case *ReadResponse:
		return len(p.Records)/2 + len(p.Names)/8
	}
	return 0
}

// parted takes every part of an answer, of which there must be a last one that
// counts what all of them hold: an answer that breaks off is none. take says how
// many there are so far.
func parted[P part](recv func() (P, error), most int, take func(P) (uint64, error)) (first P, err error) {
	octets, got := 0, uint64(0)
	for n := 0; ; n++ {
		p, err := recv()
		if errors.Is(err, io.EOF) {
			return first, wrong(errors.New("the plugin's answer breaks off"))
		}
		if err != nil {
			return first, err
		}
		if n == 0 {
			first = p
		}
		if octets += proto.Size(p) + entries(p)*entryCost; octets > most {
			return first, wrong(fmt.Errorf("the plugin's answer has more than %d MiB", most>>20))
		}
		if got, err = take(p); err != nil {
			return first, wrong(err)
		}
		if !p.GetLast() {
			continue
		}
		if p.GetCount() != got {
			return first, wrong(fmt.Errorf("the plugin says that its answer has %d entries, and %d came", p.GetCount(), got))
		}
		return first, nil
	}
}

// Write performs one edit.
func (c *Client) Write(ctx context.Context, creds providers.Credentials, z providers.Zone, e zone.Edit) error {
	return c.call(ctx, creds, true, func(ctx context.Context, call *Call) error {
		in := &WriteRequest{Call: call, Zone: zoneTo(z), Edit: editTo(e)}
		data, err := proto.Marshal(in)
		if err != nil {
			return &providers.Error{Code: providers.Invalid, Err: fmt.Errorf("the edit cannot be sent to a plugin: %w", err)}
		}
		if n := len(data); n > MaxEdit {
			return &providers.Error{Code: providers.Invalid, Err: fmt.Errorf("the edit has %d MiB, and a plugin takes %d at most", n>>20, MaxEdit>>20)}
		}
		_, err = c.service.Write(ctx, in)
		return err
	})
}

// call makes one call that the plugin may ask turns for. What f returns without
// a status is an error of ours.
func (c *Client) call(ctx context.Context, creds providers.Credentials, write bool, f func(context.Context, *Call) error) error {
	if err := ended(ctx); err != nil {
		return err
	}
	for field := range creds {
		if !utf8.ValidString(field) {
			return &providers.Error{Code: providers.InvalidCredentials, Err: errors.New("the name of a credential is no text")}
		}
	}
	ctx, cancel := context.WithCancel(ctx) // ends a stream that is not read to its end
	defer cancel()
	o := c.calls.begin(ctx)
	defer c.calls.end(o)
	err := f(ctx, &Call{Id: o.id, Credentials: credentialsTo(creds)})
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*providers.Error](err); ok {
		return e
	}
	e := failure(ctx, err, write)
	return o.own(e, turnOfStatus(err))
}

// turnOfStatus reports whether an error is a refused turn that was handed back.
func turnOfStatus(err error) bool {
	for _, d := range status.Convert(err).Details() {
		if e, ok := d.(*Error); ok {
			return e.GetTurn()
		}
	}
	return false
}

package plugins_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// evil is a driver that does to its process what the credential "do" says.
type evil struct{ changed bool }

var evilZone = providers.Zone{ID: "1", Apex: "customer.example", Caps: providers.Caps{Grain: providers.GrainRRset}}

func (e evil) Info() providers.Info {
	i := providers.Info{
		ID: "evil", Name: "Evil",
		Fields: []providers.Field{{Name: "do", Label: "What to do"}, {Name: "token", Label: "Token", Secret: true, Optional: true}},
		Caps:   providers.Caps{Grain: providers.GrainRRset},
	}
	if e.changed {
		i.Name = "Good"
	}
	return i
}

func (e evil) Open(c providers.Credentials) (providers.Session, error) {
	if c["do"] == "" {
		return nil, &providers.Error{Code: providers.InvalidCredentials, Err: errors.New("missing credentials: do")}
	}
	return evilSession{c}, nil
}

// busy is how many calls of "busy" are under way in this process, and done how
// many are over.
var busy, done atomic.Int32

type evilSession struct{ creds providers.Credentials }

func (s evilSession) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	z := evilZone
	what, token := s.creds["do"], s.creds["token"]
	switch what {
	case "exit":
		os.Exit(3)
	case "panic":
		go func() { panic("a goroutine of the driver with " + token) }()
		<-ctx.Done()
	case "kill":
		killSelf()
		<-ctx.Done()
	case "stop":
		stopSelf()
		<-ctx.Done()
	case "hang":
		<-make(chan struct{})
	case "slow":
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return z, &providers.Error{Code: providers.Timeout, Err: ctx.Err()}
		}
	case "busy":
		z.ID = fmt.Sprint(busy.Add(1), done.Load())
		time.Sleep(5 * time.Millisecond)
		done.Add(1)
		busy.Add(-1)
	case "turns":
		for range 4 {
			if err := providers.Wait(ctx); err != nil {
				return z, err
			}
		}
	case "env":
		z.ID = strings.Join(os.Environ(), "\n")
	case "flood":
		line := strings.Repeat("x", 200) + " " + token + "\n"
		for range 50000 {
			_, _ = os.Stderr.WriteString(line)
		}
	case "grandchild":
		z.ID = grandchild()
	}
	return z, nil
}

func (s evilSession) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	if s.creds["do"] == "outside" {
		return zone.Snapshot{Zone: z.Apex, Records: []zone.Record{{Name: "other.example", Type: "A", TTL: 300, Data: "192.0.2.1"}}}, nil
	}
	var records []zone.Record
	for n := range 50 {
		records = append(records, zone.Record{Name: z.Apex, Type: "TXT", TTL: 300, Data: fmt.Sprintf(`"record %d of %s"`, n, s.creds["token"])})
	}
	return zone.NewSnapshot(z.Apex, records), nil
}

func (s evilSession) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	_, err := s.Find(ctx, z.Apex)
	return err
}

// grandchild starts a process that keeps standard error open, and says which.
func grandchild() string {
	p, err := os.StartProcess("/bin/sleep", []string{"sleep", "60"}, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(p.Pid)
}

// misbehave does what no driver can do: it is not the server that it should be.
func misbehave() {
	if len(os.Args) < 4 || os.Args[1] != "mooring-plugin" {
		return
	}
	switch how := os.Args[3]; how {
	case "exit":
		fmt.Fprintln(os.Stderr, "no such licence")
		os.Exit(4)
	case "garbage":
		_, _ = os.Stdout.WriteString("Welcome to the plugin!\n")
		time.Sleep(time.Hour)
	case "farewell":
		_, _ = os.Stdout.WriteString("Welcome to the plugin!\n")
		os.Exit(0)
	case "huge":
		_, _ = os.Stdout.WriteString(strings.Repeat("0", 1<<20))
		time.Sleep(time.Hour)
	case "mute":
		time.Sleep(time.Hour)
	case "until": // there is a file
		for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(time.Millisecond) {
			if _, err := os.Stat(os.Args[4]); err == nil {
				break
			}
		}
		os.Exit(5)
	case "changed":
		serveRaw(evil{changed: true}, wire.Protocol, nil)
	case "protocol":
		serveRaw(evil{}, wire.Protocol+1, nil)
	case "gigabyte", "endless":
		serveRaw(evil{}, wire.Protocol, &giant{endless: how == "endless"})
	case "asking":
		serveRaw(evil{}, wire.Protocol, &giant{asking: true})
	case "turnless":
		serveRaw(evil{}, wire.Protocol, &giant{turnless: true})
	default:
		escape(how)
	}
}

// serveRaw serves without the SDK: a driver, or instead of it its methods.
func serveRaw(d providers.Driver, protocol int, methods *giant) {
	go func() {
		if methods == nil || !methods.turnless {
			_, _ = os.Stdin.Read(make([]byte, 1))
		} else {
			time.Sleep(time.Minute)
		}
		os.Exit(0)
	}()
	description := wire.Description{Info: d.Info(), Version: "1.0.0"}
	service := &wire.Service{
		Description: description,
		Session: func(_ context.Context, c providers.Credentials) (providers.Session, func(error), error) {
			s, err := d.Open(c)
			return s, func(error) {}, err
		},
	}
	sets := wire.ServedPlugins(service)
	var own []grpc.ServerOption
	if methods != nil {
		methods.service = service
		if !methods.asking && !methods.turnless {
			own = append(own, grpc.ForceServerCodecV2(methods))
		}
		sets = map[int]goplugin.PluginSet{wire.Protocol: {wire.PluginName: methods}}
	}
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: map[int]goplugin.PluginSet{protocol: sets[wire.Protocol]},
		GRPCServer:       func(opts []grpc.ServerOption) *grpc.Server { return grpc.NewServer(append(opts, own...)...) },
	})
	os.Exit(0)
}

// giant answers Find with a gigabyte, or Read with parts that never end, or Open
// never, while it asks for turns, or it takes no stream of turns.
type giant struct {
	goplugin.NetRPCUnsupportedPlugin
	wire.DriverServiceServer
	endless, asking, turnless bool
	service                   *wire.Service
	stream                    atomic.Pointer[turns]
}

type turns = grpc.BidiStreamingServer[wire.TurnsRequest, wire.TurnsResponse]

func (g *giant) Turns(s turns) error {
	switch {
	case g.turnless:
		<-s.Context().Done()
		return nil
	case g.asking:
		g.stream.Store(&s)
		_ = s.SendHeader(metadata.MD{})
		<-s.Context().Done() // and reads no answer
		return nil
	}
	return g.DriverServiceServer.Turns(s)
}

func (g *giant) Open(ctx context.Context, in *wire.OpenRequest) (*wire.OpenResponse, error) {
	if !g.asking {
		return g.DriverServiceServer.Open(ctx, in)
	}
	s := *g.stream.Load()
	for n := uint64(1); ctx.Err() == nil; n++ {
		_ = s.Send(&wire.TurnsResponse{Call: in.GetCall().GetId(), Turn: n})
	}
	return nil, ctx.Err()
}

func (g *giant) GRPCClient(context.Context, *goplugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("not here")
}

// GRPCServer registers the ordinary service elsewhere, to take it as it is but
// for one method.
func (g *giant) GRPCServer(_ *goplugin.GRPCBroker, s *grpc.Server) error {
	g.service.Register(registrar(func(_ *grpc.ServiceDesc, impl any) { g.DriverServiceServer = impl.(wire.DriverServiceServer) }))
	wire.RegisterDriverServiceServer(s, g)
	return nil
}

type registrar func(*grpc.ServiceDesc, any)

func (r registrar) RegisterService(d *grpc.ServiceDesc, impl any) { r(d, impl) }

func (g *giant) Read(_ *wire.ReadRequest, s grpc.ServerStreamingServer[wire.ReadResponse]) error {
	for part := (&wire.ReadResponse{}); ; {
		if err := s.Send(part); err != nil {
			return err
		}
	}
}

// Marshal makes an answer to Find a gigabyte long, with the same mebioctet again
// and again, and each part of an answer to Read eight mebioctets.
func (g *giant) Marshal(v any) (mem.BufferSlice, error) {
	switch v.(type) {
	case *wire.FindResponse:
		if !g.endless {
			return g.long(1, 1<<30), nil // its zone
		}
	case *wire.ReadResponse:
		return g.long(2, 8<<20), nil // its meta
	}
	return encoding.GetCodecV2("proto").Marshal(v)
}

// long is a message with a field of so many octets, which are all zero. Read as
// a message, they are none.
func (g *giant) long(field protowire.Number, octets int) mem.BufferSlice {
	head := protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.BytesType), uint64(octets))
	piece := mem.SliceBuffer(make([]byte, 1<<20))
	return slices.Concat(mem.BufferSlice{mem.SliceBuffer(head)}, slices.Repeat(mem.BufferSlice{piece}, octets>>20))
}

func (g *giant) Unmarshal(data mem.BufferSlice, v any) error {
	return encoding.GetCodecV2("proto").Unmarshal(data, v)
}

func (g *giant) Name() string { return "proto" }

package sdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// onlyCarry is the variable that keeps a process of the tests from running them.
const onlyCarry = "MOORING_TEST_ONLY_CARRY"

func TestMain(m *testing.M) {
	Options{Version: "1.2.3", Hosts: []string{"api.fake.example"}, overtime: 50 * time.Millisecond}.Carry(func(args []string) []providers.Driver {
		return []providers.Driver{fake{args: args}}
	})
	if os.Getenv(onlyCarry) != "" {
		fmt.Println("Carry has returned")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// early is what packages make before main: it holds standard error as it was then.
var early = os.Stderr

const apex zone.Name = "customer.example"

// fake is a driver whose sessions do what their credentials say. Its token names
// the customer, and every answer tells whose session has given it.
type fake struct {
	args   []string
	opened *atomic.Int64 // nil: not counted
	do     func(ctx context.Context, c providers.Credentials) error
}

func (fake) Info() providers.Info {
	return providers.Info{
		ID: "fake", Name: "Fake", Caps: providers.Caps{Grain: providers.GrainRRset},
		Fields: []providers.Field{{Name: "token", Label: "Token", Secret: true}, {Name: "does", Label: "What to do", Optional: true}},
	}
}

func (f fake) Open(c providers.Credentials) (providers.Session, error) {
	if err := c.Missing(f.Info().Fields); err != nil {
		return nil, err
	}
	if f.opened != nil {
		f.opened.Add(1)
	}
	s := fakeSession{f, c}
	switch c["does"] {
	case "panic in Open":
		panic("with " + c["token"])
	case "no session":
		return nil, nil
	case "open fails":
		return nil, errors.New("no use for " + c["token"])
	case "neither":
		return struct{ providers.Session }{s}, nil
	case "lists":
		return struct {
			providers.Session
			providers.Lister
		}{s, s}, nil
	case "checks":
		return struct {
			providers.Session
			providers.Checker
		}{s, s}, nil
	}
	return s, nil
}

type fakeSession struct {
	fake  fake
	creds providers.Credentials
}

// act does what the credentials say, in any method.
func (s fakeSession) act(ctx context.Context) error {
	token := s.creds["token"]
	if s.fake.do != nil {
		return s.fake.do(ctx, s.creds)
	}
	what, more, _ := strings.Cut(s.creds["does"], ":")
	switch what {
	case "panic":
		panic("with " + token)
	case "panic with an error":
		panic(fmt.Errorf("with %s", token))
	case "fail":
		return &providers.Error{Code: providers.Code(more), Err: errors.New("the host said " + token), Prompt: "is it " + token + "?"}
	case "plain":
		return errors.New("the host said " + token)
	case "nil":
		return (*providers.Error)(nil)
	case "print":
		fmt.Println("standard output has " + token)
		fmt.Fprintln(os.Stderr, "standard error has "+token)
		fmt.Fprintln(early, "standard error of before main has "+token)
	case "args":
		return errors.New(strings.Join(s.fake.args, " "))
	case "get":
		resp, err := Client().Get(more)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return errors.Join(err, errors.New("it answers "+string(body)))
	case "deaf":
		<-make(chan struct{})
	case "crash":
		go panic("a goroutine of the driver")
		<-ctx.Done()
	}
	return nil
}

func (s fakeSession) Find(ctx context.Context, n zone.Name) (providers.Zone, error) {
	return providers.Zone{ID: "of " + s.creds["token"], Apex: n, Caps: fake{}.Info().Caps}, s.act(ctx)
}

func (s fakeSession) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	if err := s.act(ctx); err != nil {
		return zone.Snapshot{}, err
	}
	return zone.NewSnapshot(z.Apex, nil), nil
}

func (s fakeSession) Write(ctx context.Context, _ providers.Zone, _ zone.Edit) error {
	return s.act(ctx)
}
func (s fakeSession) List(ctx context.Context) ([]providers.Zone, error) { return nil, s.act(ctx) }
func (s fakeSession) Check(ctx context.Context) error                    { return s.act(ctx) }

// connect is the host's end of a connection in memory to a driver that is served.
func connect(t testing.TB, d providers.Driver) (*wire.Client, *sessions) {
	t.Helper()
	description, err := Options{Version: "1.2.3"}.describe(d)
	if err != nil {
		t.Fatal(err)
	}
	kept := newSessions(d, description.Info)
	l := bufconn.Listen(1 << 20)
	s := grpc.NewServer(serverOptions(func() {})...)
	kept.service(description).Register(s)
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.Serve(l) })
	conn, err := grpc.NewClient("passthrough:memory",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxEdit)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		s.Stop()
		wg.Wait()
	})
	return wire.NewClient(conn), kept
}

// method is one of a session's methods, as a host calls it.
type method struct {
	name  string
	write bool
	call  func(context.Context, *wire.Client, providers.Credentials) error
}

func methods() []method {
	z := providers.Zone{ID: "1", Apex: apex, Caps: providers.Caps{Grain: providers.GrainRRset}}
	return []method{
		{"Find", false, func(ctx context.Context, c *wire.Client, creds providers.Credentials) error {
			_, err := c.Find(ctx, creds, apex)
			return err
		}},
		{"Read", false, func(ctx context.Context, c *wire.Client, creds providers.Credentials) error {
			_, err := c.Read(ctx, creds, z)
			return err
		}},
		{"Write", true, func(ctx context.Context, c *wire.Client, creds providers.Credentials) error {
			return c.Write(ctx, creds, z, zone.Edit{})
		}},
		{"List", false, func(ctx context.Context, c *wire.Client, creds providers.Credentials) error {
			_, err := c.List(ctx, creds)
			return err
		}},
		{"Check", false, func(ctx context.Context, c *wire.Client, creds providers.Credentials) error {
			return c.Check(ctx, creds)
		}},
	}
}

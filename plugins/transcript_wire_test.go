package plugins_test

import (
	"context"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

// connected is a driver at the other end of a connection in memory, which opens
// a session for each call.
type connected struct {
	info   providers.Info
	client *wire.Client
}

func (c connected) Info() providers.Info { return c.info }

func (c connected) Call(ctx context.Context, _ providers.Credentials, f func(context.Context, *wire.Client) error) error {
	return f(ctx, c.client)
}

// connect brings a driver behind a connection that ends with the test.
func connect(t *testing.T, d providers.Driver) providers.Driver {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.MaxRecvMsgSize(wire.MaxEdit))
	service := &wire.Service{
		Description: wire.Description{Info: d.Info(), Version: "1.0.0", Minor: wire.Minor},
		Session: func(_ context.Context, c providers.Credentials) (providers.Session, func(error), error) {
			s, err := d.Open(c)
			return s, func(error) {}, err
		},
	}
	service.Register(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Errorf("the server in memory: %v", err)
		}
	})
	conn, err := grpc.NewClient("passthrough:memory",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage)),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	client := wire.NewClient(conn)
	if err := client.Turns(t.Context()); err != nil {
		t.Fatal(err)
	}
	described, err := client.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return wire.NewDriver(connected{described.Info, client})
}

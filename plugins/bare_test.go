package plugins_test

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// nothing is a plugin of go-plugin as it comes, without a service of its own: what
// any call costs that goes to another process over gRPC and mutual TLS.
type nothing struct {
	goplugin.NetRPCUnsupportedPlugin
}

func (nothing) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error { return nil }

func (nothing) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}

func bareHandshake() goplugin.HandshakeConfig {
	return goplugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "MOORING_BARE", MagicCookieValue: "1"}
}

// serveBare serves it where this process was started for that.
func serveBare() {
	if h := bareHandshake(); os.Getenv(h.MagicCookieKey) == h.MagicCookieValue {
		goplugin.Serve(&goplugin.ServeConfig{HandshakeConfig: h, Plugins: goplugin.PluginSet{"bare": nothing{}}, GRPCServer: goplugin.DefaultGRPCServer})
		os.Exit(0)
	}
}

// bareCall starts one and is a call to it: go-plugin's own health check.
func bareCall(b *testing.B) func() error {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	client := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: bareHandshake(), Plugins: goplugin.PluginSet{"bare": nothing{}}, Cmd: exec.Command(self),
		AutoMTLS: true, AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC}, Logger: hclog.NewNullLogger(),
	})
	b.Cleanup(client.Kill)
	protocol, err := client.Client()
	if err != nil {
		b.Fatal(err)
	}
	conn, err := protocol.Dispense("bare")
	if err != nil {
		b.Fatal(err)
	}
	health := grpc_health_v1.NewHealthClient(conn.(*grpc.ClientConn))
	return func() error {
		_, err := health.Check(b.Context(), &grpc_health_v1.HealthCheckRequest{Service: goplugin.GRPCServiceName})
		return err
	}
}

package wire

import (
	"context"
	"errors"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

const (
	// Protocol is the version that the two sides agree on before the first call:
	// another one understands nothing of this one.
	Protocol = 1
	// Minor counts what was added to Protocol since. Either side may be older.
	Minor = 0
	// PluginName is the service's name in go-plugin's set.
	PluginName = "driver"

	// MaxMessage is the longest message that a host takes, in octets. What may
	// be longer comes in parts.
	MaxMessage = 16 << 20
	// MaxEdit is the longest message that a plugin takes, in octets: an edit of a
	// whole zone comes in one.
	MaxEdit = 64 << 20
)

// Handshake keeps a person from starting a plugin by hand. It is no secret.
func Handshake() goplugin.HandshakeConfig {
	return goplugin.HandshakeConfig{
		ProtocolVersion:  Protocol,
		MagicCookieKey:   "MOORING_PLUGIN",
		MagicCookieValue: "b2d0c8f5-5f0b-4d1f-9c43-6a9a3f6a7f7e",
	}
}

// HostPlugins is what a host dispenses: a *Client by PluginName.
func HostPlugins() map[int]goplugin.PluginSet {
	return map[int]goplugin.PluginSet{Protocol: {PluginName: &side{}}}
}

// ServedPlugins is what a plugin process serves.
func ServedPlugins(s *Service) map[int]goplugin.PluginSet {
	return map[int]goplugin.PluginSet{Protocol: {PluginName: &side{service: s}}}
}

// side is either end of the connection, as go-plugin wants it.
type side struct {
	goplugin.NetRPCUnsupportedPlugin
	service *Service // nil at the host's end
}

func (s *side) GRPCServer(_ *goplugin.GRPCBroker, server *grpc.Server) error {
	if s.service == nil {
		return errors.New("wire: this is the host's end")
	}
	s.service.Register(server)
	return nil
}

func (s *side) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return NewClient(conn), nil
}

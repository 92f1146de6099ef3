package plugins

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

// copyStdio takes what a plugin prints while it serves: go-plugin's server
// catches it there and hands it out by a service of its own, plugin.GRPCStdio
// (internal/plugin/grpc_stdio.proto there). Its client is not used, since that
// belongs to a go-plugin client whose every failure leaves goroutines behind.
func copyStdio(ctx context.Context, conn *grpc.ClientConn, stdout, stderr io.Writer) {
	s, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/plugin.GRPCStdio/StreamStdio", grpc.ForceCodec(octets{}))
	if err != nil || s.SendMsg(&[]byte{}) != nil || s.CloseSend() != nil {
		return // it is not there, or the process is not
	}
	for {
		var msg []byte
		if s.RecvMsg(&msg) != nil {
			return
		}
		channel, data := stdioData(msg)
		switch channel {
		case 1:
			_, _ = stdout.Write(data)
		case 2:
			_, _ = stderr.Write(data)
		}
	}
}

// stdioData reads a StdioData: its channel is field 1, its data field 2.
func stdioData(msg []byte) (channel uint64, data []byte) {
	for len(msg) > 0 {
		field, typ, n := protowire.ConsumeTag(msg)
		if n < 0 {
			return 0, nil
		}
		msg = msg[n:]
		switch {
		case field == 1 && typ == protowire.VarintType:
			channel, n = protowire.ConsumeVarint(msg)
		case field == 2 && typ == protowire.BytesType:
			data, n = protowire.ConsumeBytes(msg)
		default:
			n = protowire.ConsumeFieldValue(field, typ, msg)
		}
		if n < 0 {
			return 0, nil
		}
		msg = msg[n:]
	}
	return channel, data
}

// octets is a gRPC codec for messages that are read here.
type octets struct{}

var errOctets = errors.New("plugins: the message is no *[]byte")

// Marshal is that of grpc's encoding.Codec.
func (octets) Marshal(v any) ([]byte, error) {
	if b, ok := v.(*[]byte); ok {
		return *b, nil
	}
	return nil, errOctets
}

// Unmarshal is that of grpc's encoding.Codec.
func (octets) Unmarshal(data []byte, v any) error {
	b, ok := v.(*[]byte)
	if !ok {
		return errOctets
	}
	*b = append([]byte(nil), data...)
	return nil
}

// Name is what the server knows the codec by.
func (octets) Name() string { return "proto" }

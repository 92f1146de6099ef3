package sdk

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A panic of a driver is answered where the call is made, in words and with what
// may have been written. What panics elsewhere on the way, such as in reading a
// message, must not end the process either; its value may hold anything and is
// not told.

func unary(first func()) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (out any, err error) {
		first()
		defer caught(info.FullMethod, &err)
		return handle(ctx, req)
	}
}

func stream(first func()) grpc.StreamServerInterceptor {
	return func(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
		first()
		defer caught(info.FullMethod, &err)
		return handle(srv, s)
	}
}

// caught makes a panic the error of the call.
func caught(method string, err *error) {
	if v := recover(); v != nil {
		*err = status.Errorf(codes.Internal, "the plugin panicked with a %T in %s", v, method)
	}
}

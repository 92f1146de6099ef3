package sdk

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A panic on the way to a driver fails its call, and says nothing of its value.
func TestIntercept(t *testing.T) {
	first := 0
	count := func() { first++ }
	_, one := unary(count)(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: "/x/Find"}, func(context.Context, any) (any, error) { panic("with " + token) })
	many := stream(count)(nil, nil, &grpc.StreamServerInfo{FullMethod: "/x/Read"}, func(any, grpc.ServerStream) error { panic("with " + token) })
	for method, err := range map[string]error{"/x/Find": one, "/x/Read": many} {
		if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), method) || strings.Contains(err.Error(), token) {
			t.Errorf("%s: got %v", method, err)
		}
	}
	if first != 2 {
		t.Errorf("what comes first was called %d times, want 2", first)
	}
	out, err := unary(count)(t.Context(), nil, &grpc.UnaryServerInfo{}, func(context.Context, any) (any, error) { return "answer", nil })
	if out != "answer" || err != nil {
		t.Errorf("got %v, %v", out, err)
	}
}

package safehttp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/verify/safehttp"
)

// TestResolveEnds: whoever looks up a name has the time of the request, and what
// comes later is gone to no more.
func TestResolveEnds(t *testing.T) {
	const limit, late = 10 * time.Second, time.Minute
	for name, resolve := range map[string]func(context.Context){
		"in time":  func(ctx context.Context) { <-ctx.Done() },
		"too late": func(context.Context) { time.Sleep(late) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dialled := false
				c := safehttp.New(safehttp.Options{
					PlainHTTP: true, Timeout: limit,
					Resolve: func(ctx context.Context, _ string) ([]netip.Addr, error) {
						if _, ok := ctx.Deadline(); !ok {
							t.Error("nobody tells it how much time there is")
						}
						resolve(ctx)
						return []netip.Addr{netip.MustParseAddr("198.41.0.4")}, nil
					},
					Map: func(netip.AddrPort) netip.AddrPort {
						dialled = true
						return netip.AddrPort{}
					},
				})
				began := time.Now()
				hops, err := c.Follow(t.Context(), "http://app.example/", 0)
				if took := time.Since(began); err != nil || took != limit || hops[0].Failure != safehttp.FailedTimeout {
					t.Errorf("got %+v, %v after %s, want that the time is up after %s", hops, err, took, limit)
				}
				time.Sleep(2 * late)
				if dialled {
					t.Error("an address was gone to when the request had ended")
				}
			})
		})
	}
}

// TestConnectionEnds: servers that fall silent where net/http sets no bound of
// time. Each is left, and sees the connection end.
func TestConnectionEnds(t *testing.T) {
	const patience = 30 * time.Second // for what takes milliseconds on a machine that is not busy
	for name, tt := range map[string]struct{ url, says string }{
		"after status 101":   {"http://198.41.0.4/", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"},
		"before a handshake": {"https://198.41.0.4/", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			left, silent := make(chan error, 1), make(chan struct{})
			go func() {
				conn, err := l.Accept()
				if err == nil {
					defer func() { _ = conn.Close() }()
					_ = conn.SetDeadline(time.Now().Add(patience))
					_, _ = conn.Read(make([]byte, 4096)) // the request, or the client's hello
					_, _ = io.WriteString(conn, tt.says)
					close(silent)
					_, err = io.Copy(io.Discard, conn)
				}
				left <- err
			}()
			where := netip.MustParseAddrPort(l.Addr().String())
			c := safehttp.New(safehttp.Options{PlainHTTP: true, Allow: loopback(), Map: func(netip.AddrPort) netip.AddrPort { return where }})
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := c.Follow(ctx, tt.url, 0)
				ended <- err
			}()
			select {
			case <-silent:
				time.Sleep(20 * time.Millisecond) // for net/http to hand over what came; nothing fails where it does so later
			case err := <-left:
				t.Fatalf("the server: %v", err)
			}
			cancel()
			select {
			case err := <-ended:
				if err == nil {
					t.Error("Follow ended by itself")
				}
			case <-time.After(patience):
				t.Fatal("Follow goes on when its context has ended")
			}
			if err := <-left; errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("its connection is still open: %v", err)
			}
		})
	}
}

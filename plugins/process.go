package plugins

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

// ErrDescription is for a plugin that describes itself otherwise than it was
// pinned, or than this program carries it.
var ErrDescription = errors.New("it describes itself otherwise than it is known")

// endGrace is what a process has to end by itself when it is asked to.
const endGrace = 250 * time.Millisecond

// process is one running process of a plugin, which has introduced itself.
type process struct {
	program program
	desc    wire.Description
	client  *wire.Client
	since   time.Time

	runner *runner
	conn   *grpc.ClientConn
	forget context.CancelFunc // ends what runs beside the calls
	lost   chan struct{}      // closed when the connection has broken
	gone   chan struct{}      // closed when its supervisor knows that it has ended

	// The rest is under the lock of its plugin.
	calls    int
	used     time.Time     // when a call last ended
	retiring chan struct{} // closed when it gets no more calls
	retired  bool
	idle     chan struct{} // closed when it is retired and its last call is over
	fault    error         // why it has ended; nil: it was meant to. For who has seen gone closed
}

// connect makes the connection, opens the stream of turns and asks who it is.
func (p *process) connect(ctx context.Context, addr net.Addr, config *goplugin.ClientConfig, out *printer) error {
	life, forget := context.WithCancel(context.Background())
	p.forget = forget
	conn, err := grpc.NewClient("passthrough:///plugin",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, addr.Network(), addr.String())
		}),
		grpc.WithTransportCredentials(credentials.NewTLS(config.TLSConfig)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxEdit)),
		grpc.WithIdleTimeout(0), grpc.WithNoProxy(), grpc.WithDisableServiceConfig(),
	)
	if err != nil {
		return err
	}
	p.conn = conn
	stop := context.AfterFunc(ctx, func() {
		p.runner.kill()
		forget() // another process may hold the other end
	})
	defer stop()
	p.client = wire.NewClient(conn)
	if err := p.client.Turns(life); err != nil {
		return fmt.Errorf("it takes no calls: %w", err)
	}
	go p.watchConn(life)
	go copyStdio(life, conn, out.stream("stdout", p.runner.ID), out.stream("stderr", p.runner.ID))
	if p.desc, err = p.client.Describe(ctx); err != nil {
		return fmt.Errorf("it does not describe itself: %w", err)
	}
	return p.program.accepts(p.desc)
}

// watchConn sees the connection break. It is never made again: what is there
// then has not introduced itself.
func (p *process) watchConn(ctx context.Context) {
	for s := p.conn.GetState(); s == connectivity.Ready; s = p.conn.GetState() {
		if !p.conn.WaitForStateChange(ctx, s) {
			return // forgotten
		}
	}
	close(p.lost)
}

// accepts compares what a process says of itself with what is known of it.
func (p program) accepts(d wire.Description) error {
	switch {
	case p.id != "" && d.Info.ID != p.id:
		return fmt.Errorf("%w: its ID is %.80q and not %q", ErrDescription, d.Info.ID, p.id)
	case p.want != "" && d.Digest() != p.want:
		return fmt.Errorf("%w: the lock pins the description %.12s…, and this is %.12s…; look at what has changed, and pin it again", ErrDescription, p.want, d.Digest())
	case p.want == "" && p.known != nil && !sameInfo(p.known.Info, d.Info):
		return fmt.Errorf("%w: the driver in its process is not the one that this program carries; sdk.Carry must be given the same drivers as Options.Carried", ErrDescription)
	}
	return nil
}

func sameInfo(a, b providers.Info) bool {
	a.Fields, b.Fields = slices.Concat(a.Fields), slices.Concat(b.Fields) // none is none, however it is spelled
	return wire.Description{Info: a}.Digest() == wire.Description{Info: b}.Digest()
}

// stop ends the process: at once where it does what it should.
func (p *process) stop() {
	p.runner.end(endGrace)
	p.discard()
}

// discard waits for the end of a process that was killed, or has ended, and
// removes what it leaves behind.
func (p *process) discard() {
	if p.forget != nil {
		p.forget()
	}
	if p.conn != nil {
		_ = p.conn.Close()
	}
	p.runner.wait(time.Second) // longer only where the kernel holds it: nothing ends it then
	_ = os.RemoveAll(p.runner.dir)
}

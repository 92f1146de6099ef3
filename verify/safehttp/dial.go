package safehttp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// dialer makes connections, and only to addresses that are gone to.
type dialer struct{ opts Options }

// ending is the key of a request's context in the one that it is sent with:
// net/http dials with the values of that, and with neither its end nor its
// deadline.
type ending struct{}

// dial makes a connection that ends with its request, as dialling does: an answer
// of status 101 and a handshake of TLS are read past every bound of net/http.
func (d dialer) dial(ctx context.Context, network, target string) (net.Conn, error) {
	if of, ok := ctx.Value(ending{}).(context.Context); ok {
		ctx = of
	}
	conn, err := d.connect(ctx, network, target)
	if err == nil {
		context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // long past
	}
	return conn, err
}

// connect resolves the host itself and tries its addresses one after the other,
// each with its share of the time that is left. The network has its say in
// control: what is decided upon there is the address that the kernel is given.
func (d dialer) connect(ctx context.Context, network, target string) (net.Conn, error) {
	host, port, err := splitPort(target)
	if err != nil {
		return nil, err
	}
	addrs, err := d.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	var errs []error
	for i, a := range addrs {
		conn, err := d.one(ctx, network, netip.AddrPortFrom(a, port), len(addrs)-i)
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, worst(errs)
}

// worst is what is told of several addresses that failed: that they cannot be
// reached tells more than that another one is refused, unless all are.
func worst(errs []error) error {
	for _, err := range errs {
		if _, ok := errors.AsType[*Refused](err); !ok {
			return err
		}
	}
	return errs[0]
}

func (d dialer) one(ctx context.Context, network string, at netip.AddrPort, left int) (net.Conn, error) {
	if d.opts.Map != nil {
		at = d.opts.Map(at)
	}
	if !at.IsValid() {
		return nil, &Refused{What: at.String(), Reason: "it leads nowhere from here"}
	}
	limit := d.opts.connect()
	if end, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(end)/time.Duration(left))
	}
	nd := net.Dialer{Timeout: limit, ControlContext: d.control(at.Port())}
	conn, err := nd.DialContext(ctx, network, at.String())
	if refused, ok := errors.AsType[*Refused](err); ok {
		return nil, refused // and not as an attempt that failed
	}
	return conn, err
}

// control decides upon a connection that is about to be made.
func (d dialer) control(port uint16) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, network, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || at.Port() != port || !strings.HasPrefix(network, "tcp") {
			return &Refused{What: address, Reason: "it is not the address that was to be connected to"}
		}
		return d.opts.address(at.Addr())
	}
}

// addresses is those of a host, which may be an address itself.
func (d dialer) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := parseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	host = canonical(host)
	if !ascii(host) {
		return nil, &unresolved{host: url.PathEscape(host)} // net/http found no A-labels for it
	}
	addrs, err := d.opts.resolve(ctx, host)
	if ctx.Err() != nil {
		return nil, ctx.Err() // that nobody answered in time tells nothing of the name
	}
	if err != nil || len(addrs) == 0 {
		return nil, &unresolved{host: host, err: err}
	}
	const enough = 8 // a stranger's name may have any number of them
	return addrs[:min(len(addrs), enough)], nil
}

// parseAddr reads an address as a URL has it.
func parseAddr(host string) (netip.Addr, error) {
	return netip.ParseAddr(strings.TrimSuffix(host, "."))
}

func splitPort(target string) (host string, port uint16, err error) {
	host, text, err := net.SplitHostPort(target)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.ParseUint(text, 10, 16)
	return host, uint16(n), err
}

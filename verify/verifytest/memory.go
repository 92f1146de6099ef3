package verifytest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// memoryPort is where everybody in memory is reached.
const memoryPort = 53

// Exchange carries one message to the server at that address, as it is
// returned by Map, without a socket, and returns the first message that comes
// back from there, whatever it is. network is "udp" or "tcp"; TCP's length is
// not part of a message. It works beside sockets too.
//
// Delays are waited for in the caller's goroutine. Where nothing comes back
// (a fault, or no server of this World) it waits for ctx and returns its error.
// A connection that is closed without an answer is io.EOF. What a fault sends
// from another source does not arrive, and of several messages the later ones
// are lost.
func (w *World) Exchange(ctx context.Context, network string, server netip.AddrPort, message []byte) ([]byte, error) {
	if w.done.Load() {
		return nil, fmt.Errorf("verifytest: %s: %w", server, net.ErrClosed)
	}
	a, err := read(network, message)
	if err != nil {
		return nil, err
	}
	d := w.reached[netip.AddrPortFrom(server.Addr().Unmap(), server.Port())]
	if d == nil || a.req.Response {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	a.at = d.at
	mac := ""
	if t := a.req.IsTsig(); t != nil {
		mac = t.MAC
		a.tsig = dns.TsigVerifyWithProvider(message, d.keys, "", false)
	}
	var after time.Duration
	for _, s := range d.host.hear(a) {
		after += s.after
		if s.elsewhere {
			continue
		}
		if err := wait(ctx, after); err != nil {
			return nil, err
		}
		return s.pack(d.keys, mac)
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func read(net string, message []byte) (arrival, error) {
	a := arrival{req: new(dns.Msg), network: network(net)}
	if a.network != overUDP && a.network != overTCP {
		return a, fmt.Errorf("verifytest: network %q: udp or tcp wanted", net)
	}
	if err := a.req.Unpack(message); err != nil {
		return a, fmt.Errorf("verifytest: a message that cannot be read: %w", err)
	}
	return a, nil
}

// pack is the message as it goes over the wire.
func (s sending) pack(keys keyring, mac string) ([]byte, error) {
	switch {
	case s.hangUp:
		return nil, fmt.Errorf("verifytest: connection closed: %w", io.EOF)
	case s.raw != nil:
		return s.raw, nil
	case s.msg.IsTsig() != nil:
		out, _, err := dns.TsigGenerateWithProvider(s.msg, keys, mac, false)
		if errors.Is(err, dns.ErrSecret) { // the answer to an unknown key is not signed
			return s.msg.Pack()
		}
		return out, err
	}
	return s.msg.Pack()
}

// wait ends with ctx. Only time.NewTimer and ctx are waited for, so that a
// World may be older than the bubble of virtual time it is used in.
func wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

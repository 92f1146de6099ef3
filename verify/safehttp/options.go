package safehttp

import (
	"cmp"
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"slices"
	"time"
)

// Options of a Client. The zero value speaks https to port 443 of hosts on the
// Internet, with names from the system's resolver.
type Options struct {
	// Allow is addresses that are connected to although they are special: those
	// of a private set-up, or of a test. Here and in Deny ::ffff:192.0.2.0/120 is
	// 192.0.2.0/24.
	Allow []netip.Prefix
	// Deny is addresses that are never connected to, though they are public and
	// whatever Allow says: the operator's own.
	Deny []netip.Prefix

	PlainHTTP bool     // http too
	Ports     []uint16 // empty: 443, and 80 with PlainHTTP

	// Resolve gives the addresses of a host name (ASCII in lower case, without
	// final dot), in the order in which they are tried; what it gives is checked
	// like any other address. Its context ends with the request. nil: the system's
	// resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Map leads from the address and port that a URL means to where it is really
	// reached, as a tunnel or a test has it; the zero AddrPort says nowhere. That
	// is the address that is checked. nil: the same.
	Map func(netip.AddrPort) netip.AddrPort
	// Roots is who may sign certificates; nil: whom the system trusts.
	Roots *x509.CertPool

	Timeout   time.Duration // of one request, until its body is read; 0: 10 s
	Connect   time.Duration // of it, for one address to take the connection; 0: 3 s
	MaxHeader int64         // octets of an answer's head; 0: 64 KiB
	MaxBody   int64         // octets of an answer's body; 0: 1 MiB
	UserAgent string        // where a request has none; "": "mooring"
}

func (o Options) timeout() time.Duration { return cmp.Or(o.Timeout, 10*time.Second) }
func (o Options) connect() time.Duration { return cmp.Or(o.Connect, 3*time.Second) }
func (o Options) maxHeader() int64       { return cmp.Or(o.MaxHeader, 64<<10) }
func (o Options) maxBody() int64         { return cmp.Or(o.MaxBody, 1<<20) }
func (o Options) userAgent() string      { return cmp.Or(o.UserAgent, "mooring") }

const portHTTP, portHTTPS = 80, 443

func (o Options) port(p uint16) bool {
	if len(o.Ports) > 0 {
		return slices.Contains(o.Ports, p)
	}
	return p == portHTTPS || p == portHTTP && o.PlainHTTP
}

func (o Options) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if o.Resolve != nil {
		return o.Resolve(ctx, host)
	}
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// address is why an address is not connected to; nil: it is.
func (o Options) address(a netip.Addr) error {
	plain := a.Unmap()
	within := func(p netip.Prefix) bool { return unmap(p).Contains(plain) }
	if slices.ContainsFunc(o.Deny, within) {
		return &Refused{What: a.String(), Reason: "it is denied by the operator"}
	}
	if use := Special(a); use != "" && !slices.ContainsFunc(o.Allow, within) {
		return &Refused{What: a.String(), Reason: "it is no host of the Internet: " + use}
	}
	return nil
}

// unmap is a prefix of IPv4-mapped addresses (RFC 4291 section 2.5.5.2) as the one
// of IPv4 that it means; any other is as it was.
func unmap(p netip.Prefix) netip.Prefix {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p
}

package sdk

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// host is one entry of Options.Hosts.
type host struct {
	name  string // lower case, without the final dot
	below bool   // all names below it, and not the name itself
	port  string
}

// hosts is the whole list. An empty one names every host.
type hosts []host

func parseHosts(list []string) (hosts, error) {
	out := make(hosts, len(list))
	for i, entry := range list {
		h, err := parseHost(entry)
		if err != nil {
			return nil, fmt.Errorf("host %q: %w", entry, err)
		}
		out[i] = h
	}
	return out, nil
}

var errHost = errors.New("want a name, *.NAME or an address, with :PORT unless it is 443, and no scheme or path")

func parseHost(entry string) (host, error) {
	if strings.Contains(entry, "/") {
		return host{}, errHost
	}
	name, port, err := net.SplitHostPort(entry)
	if err != nil {
		name, port = strings.TrimSuffix(strings.TrimPrefix(entry, "["), "]"), "443"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return host{}, fmt.Errorf("%q is no port", port)
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return host{name: a.String(), port: port}, nil
	}
	name, below := strings.CutPrefix(name, "*.")
	n, err := zone.ParseName(name)
	if err != nil || n == "" || strings.ContainsAny(name, "*/@: \\") {
		return host{}, errHost
	}
	return host{name: string(n), below: below, port: port}, nil
}

// names reports whether a request to this URL may be sent as far as the list goes.
func (l hosts) names(u *url.URL) bool {
	name, port := target(u)
	return len(l) == 0 || slices.ContainsFunc(l, func(h host) bool {
		return h.port == port && (name == h.name && !h.below || h.below && strings.HasSuffix(name, "."+h.name))
	})
}

// target is where a request goes, spelled as the list is.
func target(u *url.URL) (name, port string) {
	name, port = strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), u.Port()
	if a, err := netip.ParseAddr(name); err == nil {
		name = a.String()
	}
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	default:
		port = "443"
	}
	return name, port
}

// local reports whether a name is this machine.
func local(name string) bool {
	a, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && a.Unmap().IsLoopback()
}

package rfc2136

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Driver is the driver. The zero value works.
type Driver struct {
	// Timeout is how long the server may take to accept a connection, to
	// answer, and between two messages of a transfer. 0: 15 seconds.
	Timeout time.Duration
}

func (d Driver) timeout() time.Duration {
	if d.Timeout > 0 {
		return d.Timeout
	}
	return 15 * time.Second
}

func (d Driver) Info() providers.Info {
	return providers.Info{
		ID:   "rfc2136",
		Name: "RFC 2136 dynamic update",
		Fields: []providers.Field{
			{Name: "server", Label: "Primary server", Help: "Host name or address, with a port unless it is 53."},
			{Name: "key_name", Label: "TSIG key name"},
			{Name: "key_alg", Label: "TSIG algorithm", Help: "hmac-sha256 unless you were told otherwise.", Optional: true},
			{Name: "key", Label: "TSIG key", Help: "The secret, in base64.", Secret: true},
		},
		Caps: providers.Caps{
			Grain:  providers.GrainBatch,
			CAS:    true,
			ApexNS: true,
			Source: "RFC 2136 sections 2.4, 2.5 and 3.4",
			Date:   "1997-04-01",
		},
	}
}

func (d Driver) Open(c providers.Credentials) (providers.Session, error) {
	if err := c.Missing(d.Info().Fields); err != nil {
		return nil, err
	}
	addr, err := address(strings.TrimSpace(c["server"]))
	if err != nil {
		return nil, malformed("server", err)
	}
	name, err := zone.ParseName(strings.TrimSpace(c["key_name"]))
	if err != nil {
		return nil, malformed("key_name", err)
	}
	k := key{name: name.FQDN()}
	if k.algorithm, err = algorithm(c["key_alg"]); err != nil {
		return nil, malformed("key_alg", err)
	}
	octets, err := base64.StdEncoding.DecodeString(strings.TrimSpace(c["key"]))
	if err != nil {
		return nil, malformed("key", errors.New("no base64"))
	}
	k.secret = func() []byte { return octets }
	return &session{server: addr, key: k, timeout: d.timeout()}, nil
}

func malformed(field string, err error) error {
	return &providers.Error{Code: providers.InvalidCredentials, Err: fmt.Errorf("%s: %w", field, err)}
}

// address is host and port of a server; the port is 53 where none is given.
func address(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"), "53"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("%q: no port number", s)
	}
	if host == "" || strings.ContainsAny(host, " /@[]") {
		return "", fmt.Errorf("%q: want a host or host:port", s)
	}
	return net.JoinHostPort(host, port), nil
}

// session is one key at one server. It holds no connection.
type session struct {
	server  string
	key     key
	timeout time.Duration
}

// Format prints the server and the key's name whatever the verb.
func (s session) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "session at %s with key %s", s.server, s.key)
}

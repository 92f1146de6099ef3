package rfc2136test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Knot says how knotd is started. The zero value is the usual way.
type Knot struct {
	Second bool // listen on 127.0.0.2 too, on the same port
}

// StartKnot runs knotd with these zones, each as zone text that names its
// origin, until the test ends.
func StartKnot(t testing.TB, zones ...string) *Server { return Knot{}.Start(t, zones...) }

// Start is StartKnot as k says.
func (k Knot) Start(t testing.TB, zones ...string) *Server {
	t.Helper()
	binary := find(t, "knotd", "/usr/sbin/knotd")
	hosts := []string{"127.0.0.1"}
	if k.Second {
		hosts = append(hosts, "127.0.0.2")
	}
	names := apexes(t, zones)
	return start(t, hosts, func(dir string, s *Server) (*exec.Cmd, error) {
		conf, err := knotConf(dir, hosts, s, names, zones)
		if err != nil {
			return nil, err
		}
		return exec.Command(binary, "-c", conf), nil
	}, names)
}

func knotConf(dir string, hosts []string, s *Server, apexes, zones []string) (path string, err error) {
	var b strings.Builder
	fmt.Fprintf(&b, "server:\n  rundir: %s\n  pidfile: %s\n", dir, filepath.Join(dir, "knot.pid"))
	// One worker of each kind: a test machine runs many servers.
	b.WriteString("  udp-workers: 1\n  tcp-workers: 2\n  background-workers: 1\n")
	for _, h := range hosts {
		fmt.Fprintf(&b, "  listen: %s@%d\n", h, s.Port)
	}
	// Without this folder every update is SERVFAIL.
	db := filepath.Join(dir, "db")
	err = os.Mkdir(db, 0o700)
	fmt.Fprintf(&b, "log:\n  - target: stderr\n    any: info\ndatabase:\n  storage: %s\n", db)
	fmt.Fprintf(&b, "key:\n  - id: %s\n    algorithm: %s\n    secret: %s\n", s.KeyName, s.KeyAlg, s.Key)
	fmt.Fprintf(&b, "acl:\n  - id: all\n    key: %s\n    action: [update, transfer]\nzone:\n", s.KeyName)
	for i, text := range zones {
		file := filepath.Join(dir, fmt.Sprintf("%d.zone", i))
		err = errors.Join(err, os.WriteFile(file, []byte(text), 0o600))
		fmt.Fprintf(&b, "  - domain: %s\n    file: %s\n    acl: all\n    zonefile-sync: -1\n    zonefile-load: whole\n", apexes[i], file)
	}
	path = filepath.Join(dir, "knot.conf")
	return path, errors.Join(err, os.WriteFile(path, []byte(b.String()), 0o600))
}

// apexes reads the apex of each zone text.
func apexes(t testing.TB, zones []string) []string {
	t.Helper()
	var out []string
	for _, text := range zones {
		s, err := zone.ReadText(strings.NewReader(text), zone.Root)
		if err != nil {
			t.Fatalf("rfc2136test: %v", err)
		}
		if s.Zone == zone.Root {
			t.Fatalf("rfc2136test: zone text without an SOA record:\n%s", text)
		}
		out = append(out, s.Zone.FQDN())
	}
	return out
}

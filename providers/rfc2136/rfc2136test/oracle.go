package rfc2136test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// patience is how long an answer of a busy machine may take.
const patience = 20 * time.Second

// Oracle is a knotd that judges zones: it loads one after the other, with its
// semantic checks on, and answers from the one it loaded last. It is not safe
// for concurrent use.
type Oracle struct {
	control []string // the command that makes knotd read the zone again
	zone    string   // the file it then reads
	log     string   // the file where it says what it thinks of the zone
	server  string
	udp     *dns.Conn
}

// StartOracle runs an oracle for zones of this apex until the test ends.
func StartOracle(t testing.TB, apex zone.Name) *Oracle {
	t.Helper()
	binary, control := find(t, "knotd", "/usr/sbin/knotd"), find(t, "knotc", "/usr/sbin/knotc")
	o := &Oracle{}
	name := apex.FQDN()
	empty := fmt.Sprintf("%s 60 SOA ns.invalid. host.invalid. 1 1 1 1 1\n%s 60 NS ns.invalid.\n", name, name)
	hosts := []string{"127.0.0.1"}
	s := start(t, hosts, func(dir string, s *Server) (*exec.Cmd, error) {
		o.zone, o.log = filepath.Join(dir, "0.zone"), filepath.Join(dir, "zone.log")
		o.control = []string{control, "-s", filepath.Join(dir, "knot.sock"), "-b", "zone-reload", name}
		conf, err := knotConf(dir, hosts, s, []string{name}, []string{empty})
		if err != nil {
			return nil, err
		}
		return exec.Command(binary, "-c", conf), judging(conf, o.log)
	}, []string{name})
	o.server = s.Addr().String()
	var err error
	if o.udp, err = dns.Dial("udp", o.server); err != nil {
		t.Fatalf("rfc2136test: %v", err)
	}
	t.Cleanup(func() { _ = o.udp.Close() })
	return o
}

// judging adds to a configuration what an oracle needs. A zone is what its file
// says, whatever was loaded before.
func judging(conf, log string) error {
	f, err := os.OpenFile(conf, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "template:\n  - id: default\n    semantic-checks: on\n    journal-content: none\nlog:\n  - target: %s\n    zone: notice\n", log)
	return errors.Join(err, f.Close())
}

// ErrRefused is of a zone that the server does not load.
var ErrRefused = errors.New("the server refuses the zone")

// Load makes the oracle serve this zone text, and gives what it has to say
// against it. Where the error is ErrRefused, the zone before stays.
func (o *Oracle) Load(ctx context.Context, text string) (complaints []string, err error) {
	if err := errors.Join(os.WriteFile(o.zone, []byte(text), 0o600), os.WriteFile(o.log, nil, 0o600)); err != nil {
		return nil, fmt.Errorf("rfc2136test: %w", err)
	}
	msg, failed := exec.CommandContext(ctx, o.control[0], o.control[1:]...).CombinedOutput()
	said, err := os.ReadFile(o.log)
	if err != nil {
		return nil, fmt.Errorf("rfc2136test: %w", err)
	}
	for line := range strings.Lines(string(said)) {
		_, complaint, _ := strings.Cut(strings.TrimSpace(line), "] ")
		complaints = append(complaints, complaint)
	}
	switch {
	case failed == nil:
		return complaints, nil
	case len(complaints) == 0, ctx.Err() != nil:
		return nil, fmt.Errorf("rfc2136test: knotc: %w: %s", failed, msg)
	}
	return complaints, ErrRefused
}

// Ask is the oracle's answer, over UDP, and over TCP where that was cut short.
func (o *Oracle) Ask(ctx context.Context, name zone.Name, typ string) (*dns.Msg, error) {
	m := new(dns.Msg)
	m.SetQuestion(name.FQDN(), dns.StringToType[typ])
	c := dns.Client{Timeout: patience}
	in, _, err := c.ExchangeWithConnContext(ctx, m, o.udp)
	if err == nil && in.Truncated {
		c.Net = "tcp"
		in, _, err = c.ExchangeContext(ctx, m, o.server)
	}
	if err != nil {
		return nil, fmt.Errorf("rfc2136test: %s %s: %w", name, typ, err)
	}
	return in, nil
}

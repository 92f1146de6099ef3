//go:build unix

package verify_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// daemon is a real name server that the lab started.
type daemon struct {
	name string
	at   netip.AddrPort
	dir  string
	log  labLog
	cmd  *exec.Cmd
	gone chan struct{}
}

type labLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *labLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *labLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// labBinaries are where the servers of the lab are; without one of them the
// test ends here.
func labBinaries(t *testing.T, names ...string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			path, err = exec.LookPath("/usr/sbin/" + name)
		}
		switch {
		case err == nil:
			out[name] = path
		case os.Getenv("MOORING_REQUIRE") == "all":
			t.Fatalf("%s is not installed, and MOORING_REQUIRE=all wants it", name)
		default:
			t.Skipf("%s is not installed", name)
		}
	}
	return out
}

// run starts the server in a folder of its own, and ends it by its id with the
// test. conf is what its configuration file says.
func (d *daemon) run(t *testing.T, conf, binary string, args ...string) {
	t.Helper()
	file := filepath.Join(d.dir, d.name+".conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	d.cmd = exec.Command(binary, append(args, file)...)
	d.cmd.Dir = d.dir
	d.cmd.Stdout, d.cmd.Stderr = &d.log, &d.log
	d.cmd.WaitDelay = time.Second // a child that lives a moment longer holds the pipe
	if err := d.cmd.Start(); err != nil {
		t.Fatalf("%s: %v", d.name, err)
	}
	d.gone = make(chan struct{})
	go func() { _ = d.cmd.Wait(); close(d.gone) }()
	t.Cleanup(d.end)
}

// end stops the process by its id and waits until it is gone.
func (d *daemon) end() {
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.gone:
	case <-time.After(5 * time.Second):
		_ = d.cmd.Process.Kill()
		<-d.gone
	}
}

// until asks every few milliseconds until the answer is good.
func (d *daemon) until(name string, qtype uint16, good func(*dns.Msg) bool) error {
	deadline := time.Now().Add(20 * time.Second)
	for {
		m, err := labAsk(d.at, name, qtype)
		if err == nil && good(m) {
			return nil
		}
		select {
		case <-d.gone:
			return fmt.Errorf("%s ended: %s", d.name, d.log.String())
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s at %s: no good answer for %s: %w\n%v\n%s", d.name, d.at, name, err, m, d.log.String())
		}
	}
}

// labAsk puts one question as a client of resolvers does, over TCP, which loses
// nothing.
func labAsk(at netip.AddrPort, name string, qtype uint16) (*dns.Msg, error) {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), qtype)
	m.SetEdns0(1232, false)
	c := dns.Client{Net: "tcp", Timeout: 10 * time.Second}
	in, _, err := c.Exchange(m, at.String())
	return in, err
}

// silence is an address where nobody answers: the kernel takes what comes, and
// no program reads it.
func silence(t *testing.T) netip.AddrPort {
	t.Helper()
	for range 50 {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		pc, err := net.ListenPacket("udp4", l.Addr().String())
		if err != nil {
			_ = l.Close()
			continue
		}
		t.Cleanup(func() { _, _ = l.Close(), pc.Close() })
		return l.Addr().(*net.TCPAddr).AddrPort()
	}
	t.Fatal("no free port")
	return netip.AddrPort{}
}

// relay stands between a resolver and a name server, over UDP. While it is
// broken it answers SERVFAIL itself.
type relay struct {
	at     netip.AddrPort
	mu     sync.Mutex
	broken bool
}

func newRelay(t *testing.T, to netip.AddrPort) *relay {
	t.Helper()
	pc, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{at: pc.LocalAddr().(*net.UDPAddr).AddrPort()}
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = pc.Close(); wg.Wait() })
	wg.Go(func() {
		buf := make([]byte, dns.MaxMsgSize)
		for {
			n, from, err := pc.ReadFromUDPAddrPort(buf)
			switch {
			case errors.Is(err, net.ErrClosed):
				return
			case err != nil:
				continue
			}
			if msg := r.pass(to, bytes.Clone(buf[:n])); msg != nil {
				_, _ = pc.WriteToUDPAddrPort(msg, from)
			}
		}
	})
	return r
}

func (r *relay) pass(to netip.AddrPort, msg []byte) []byte {
	r.mu.Lock()
	broken := r.broken
	r.mu.Unlock()
	q := new(dns.Msg)
	if err := q.Unpack(msg); err != nil {
		return nil
	}
	if broken {
		m := new(dns.Msg)
		m.SetRcode(q, dns.RcodeServerFailure)
		out, _ := m.Pack()
		return out
	}
	c := dns.Client{Net: "udp", Timeout: 2 * time.Second, UDPSize: dns.MaxMsgSize}
	in, _, err := c.Exchange(q, to.String())
	if err != nil {
		return nil
	}
	out, _ := in.Pack()
	return out
}

func (r *relay) setBroken(yes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = yes
}

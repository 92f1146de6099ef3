package rfc2136test

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers"
)

// Server is a name server that runs.
type Server struct {
	Port    uint16
	KeyName string
	KeyAlg  string
	Key     string // the secret, in base64

	cmd *exec.Cmd
	log lockedBuffer
}

// Addr is where the server listens, over UDP and TCP.
func (s *Server) Addr() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), s.Port)
}

// Credentials is what the driver wants.
func (s *Server) Credentials() providers.Credentials {
	return providers.Credentials{"server": s.Addr().String(), "key_name": s.KeyName, "key_alg": s.KeyAlg, "key": s.Key}
}

// Log is what the server has written so far.
func (s *Server) Log() string { return s.log.String() }

// Pause stops the process until the test ends: the kernel still accepts
// connections, and nothing is answered.
func (s *Server) Pause(t testing.TB) {
	t.Helper()
	if err := stop(s.cmd.Process); err != nil {
		t.Fatalf("rfc2136test: %v", err)
	}
	t.Cleanup(func() { _ = resume(s.cmd.Process) })
	// The signal takes a moment to reach every thread.
	c := dns.Client{Net: "udp", Timeout: 200 * time.Millisecond}
	m := new(dns.Msg)
	m.SetQuestion(".", dns.TypeSOA)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, _, err := c.Exchange(m, s.Addr().String()); err != nil {
			return
		}
	}
	t.Fatal("rfc2136test: the server answers though it was stopped")
}

// find is the server's binary; without one the test ends here.
func find(t testing.TB, name, usual string) string {
	t.Helper()
	for _, p := range []string{name, usual} {
		if path, err := exec.LookPath(p); err == nil {
			return path
		}
	}
	if os.Getenv("MOORING_REQUIRE") == "all" {
		t.Fatalf("%s is not installed, and MOORING_REQUIRE=all wants it", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// start runs a server on a free port and waits until it answers for every
// zone. Somebody may take the port between our look and its start, so it tries
// a few times.
func start(t testing.TB, hosts []string, prepare func(dir string, s *Server) (*exec.Cmd, error), zones []string) *Server {
	t.Helper()
	var last error
	for range 5 {
		s := &Server{KeyName: "mooring-test.", KeyAlg: "hmac-sha256", Key: "bW9vcmluZy10ZXN0LWtleS0wMTIzNDU2Nzg5YWJjZGU="}
		var err error
		if s.Port, err = freePort(hosts); err != nil {
			t.Fatalf("rfc2136test: %v", err)
		}
		cmd, err := prepare(t.TempDir(), s)
		if err != nil {
			t.Fatalf("rfc2136test: %v", err)
		}
		cmd.Stdout, cmd.Stderr = &s.log, &s.log
		if err := cmd.Start(); err != nil {
			t.Fatalf("rfc2136test: %v", err)
		}
		s.cmd = cmd
		exited := make(chan struct{})
		go func() { _ = cmd.Wait(); close(exited) }()
		t.Cleanup(func() { s.end(exited) })
		if last = s.ready(zones, exited); last == nil {
			return s
		}
	}
	t.Fatalf("rfc2136test: no server: %v", last)
	return nil
}

// end stops the process by its id and waits for it.
func (s *Server) end(exited <-chan struct{}) {
	_ = resume(s.cmd.Process) // a test may have stopped it
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-exited:
	case <-time.After(5 * time.Second):
		_ = s.cmd.Process.Kill()
		<-exited
	}
}

func (s *Server) ready(zones []string, exited <-chan struct{}) error {
	c := dns.Client{Net: "tcp", Timeout: time.Second}
	deadline := time.Now().Add(20 * time.Second)
	for _, apex := range zones {
		for {
			m := new(dns.Msg)
			m.SetQuestion(apex, dns.TypeSOA)
			in, _, err := c.Exchange(m, s.Addr().String())
			if err == nil && in.Authoritative {
				break
			}
			select {
			case <-exited:
				return fmt.Errorf("the server ended:\n%s", s.Log())
			case <-time.After(5 * time.Millisecond):
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("no answer for %s:\n%s", apex, s.Log())
			}
		}
	}
	return nil
}

// freePort is a port that is free on every host, over TCP and UDP.
func freePort(hosts []string) (uint16, error) {
	var last error
next:
	for range 50 {
		l, err := net.Listen("tcp4", hosts[0]+":0")
		if err != nil {
			return 0, err
		}
		port := l.Addr().(*net.TCPAddr).AddrPort().Port()
		_ = l.Close()
		for _, h := range hosts {
			addr := net.JoinHostPort(h, strconv.Itoa(int(port)))
			l, err := net.Listen("tcp4", addr)
			if err != nil {
				last = err
				continue next
			}
			_ = l.Close()
			p, err := net.ListenPacket("udp4", addr)
			if err != nil {
				last = err
				continue next
			}
			_ = p.Close()
		}
		return port, nil
	}
	return 0, fmt.Errorf("no free port: %w", last)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

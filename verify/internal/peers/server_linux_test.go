package peers

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// delay is what every server waits before each answer.
const delay = 20 * time.Millisecond

// The servers, all on port 53.
const (
	rootAddr     = "127.0.0.10"
	tldAddr      = "127.0.0.11"
	ns1Addr      = "127.0.0.12"
	ns2Addr      = "127.0.0.13"
	resolverAddr = "127.0.0.14"
)

// keyAuthorization is what the challenge records of all zones are made from.
const keyAuthorization = "token.thumbprint"

// challengeValue is the text of the challenge records (RFC 8555 section 8.4).
func challengeValue() string {
	sum := sha256.Sum256([]byte(keyAuthorization))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Every name of two labels below test. whose first letter is one of these is a
// customer's zone on both name servers.
const (
	soundZone  = 'c' // both have the challenge record
	absentZone = 'd' // none has it
	staleZone  = 'e' // the second one lacks it
)

// startServers runs them in a process of their own, so that what they take is
// not ours.
func startServers(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), stageKey+"="+serveStage)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the servers do not start: %q, %v", line, err)
	}
}

// serve answers until the process ends.
func serve() error {
	failed := make(chan error)
	for _, addr := range []string{rootAddr, tldAddr, ns1Addr, ns2Addr, resolverAddr} {
		var lc net.ListenConfig
		pc, err := lc.ListenPacket(context.Background(), "udp4", net.JoinHostPort(addr, "53"))
		if err != nil {
			return err
		}
		conn := pc.(*net.UDPConn)
		if err := conn.SetReadBuffer(8 << 20); err != nil {
			return err
		}
		late := make(chan packet, 1<<16)
		go func() { failed <- read(conn, addr, late) }()
		go func() { failed <- write(conn, late) }()
	}
	fmt.Println("ready")
	return <-failed
}

// packet is an answer on its way.
type packet struct {
	due time.Time
	msg []byte
	to  netip.AddrPort
}

func read(conn *net.UDPConn, addr string, late chan<- packet) error {
	buf := make([]byte, 4096)
	q := new(dns.Msg)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return err
		}
		due := time.Now().Add(delay)
		if q.Unpack(buf[:n]) != nil || len(q.Question) != 1 {
			continue
		}
		msg, err := reply(addr, q).Pack()
		if err != nil {
			return err
		}
		late <- packet{due, msg, from}
	}
}

// write sends what is due. All wait for the same time, so the first is always
// the next.
func write(conn *net.UDPConn, late <-chan packet) error {
	for p := range late {
		time.Sleep(time.Until(p.due))
		if _, err := conn.WriteToUDPAddrPort(p.msg, p.to); err != nil {
			return err
		}
	}
	return nil
}

// reply is what the server of that address says.
func reply(addr string, q *dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(q)
	m.Compress, m.Authoritative = true, true
	if q.IsEdns0() != nil {
		m.SetEdns0(1232, false)
	}
	name, typ := strings.ToLower(q.Question[0].Name), q.Question[0].Qtype
	labels := dns.SplitDomainName(name)
	apex := "."
	switch {
	case addr == rootAddr && len(labels) > 0:
		if labels[len(labels)-1] == "test" {
			return refer(m, "test.", "a.nic.test.", tldAddr)
		}
	case addr == rootAddr:
	case len(labels) < 2 || labels[len(labels)-2] == "nic":
		apex = "test."
	case addr == tldAddr:
		if cut, ok := customer(labels); ok {
			refer(m, cut, "ns1.host.test.", ns1Addr)
			return refer(m, cut, "ns2.host.test.", ns2Addr)
		}
		apex = "test."
	default:
		apex, _ = customer(labels)
	}
	if addr == resolverAddr {
		m.Authoritative, m.RecursionAvailable = false, true
	}
	if apex == "" {
		m.Rcode = dns.RcodeRefused
		return m
	}
	fill(m, apex, name, typ, addr == ns2Addr)
	return m
}

// customer is the zone that a name of two or more labels lies in.
func customer(labels []string) (apex string, ok bool) {
	second := labels[len(labels)-2]
	if labels[len(labels)-1] != "test" || second != "host" && !strings.ContainsRune(string([]rune{soundZone, absentZone, staleZone}), rune(second[0])) {
		return "", false
	}
	return second + ".test.", true
}

func refer(m *dns.Msg, apex, host, addr string) *dns.Msg {
	m.Authoritative = false
	m.Ns = append(m.Ns, &dns.NS{Hdr: head(apex, dns.TypeNS), Ns: host})
	m.Extra = append(m.Extra, address(host, addr))
	return m
}

func head(name string, typ uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: typ, Class: dns.ClassINET, Ttl: 300}
}

func address(host, addr string) dns.RR {
	return &dns.A{Hdr: head(host, dns.TypeA), A: net.ParseIP(addr)}
}

// fill answers from the zone at apex.
func fill(m *dns.Msg, apex, name string, typ uint16, second bool) {
	soa := &dns.SOA{
		Hdr: head(apex, dns.TypeSOA), Ns: "ns1.host.test.", Mbox: "hostmaster.host.test.",
		Serial: 1, Refresh: 7200, Retry: 3600, Expire: 1209600, Minttl: 60,
	}
	var have []dns.RR
	hosts := map[string]string{"a.nic.test.": tldAddr, "ns1.host.test.": ns1Addr, "ns2.host.test.": ns2Addr}
	switch {
	case name == apex:
		have = append(have, soa)
		for _, ns := range nameServers(apex) {
			have = append(have, &dns.NS{Hdr: head(apex, dns.TypeNS), Ns: ns})
		}
	case hosts[name] != "":
		have = append(have, address(name, hosts[name]))
	case name == "_acme-challenge."+apex && (apex[0] == soundZone || apex[0] == staleZone && !second):
		have = append(have, &dns.TXT{Hdr: head(name, dns.TypeTXT), Txt: []string{challengeValue()}})
	default:
		m.Rcode = dns.RcodeNameError
	}
	for _, rr := range have {
		if rr.Header().Rrtype == typ {
			m.Answer = append(m.Answer, rr)
		}
	}
	if len(m.Answer) == 0 {
		m.Ns = append(m.Ns, soa)
	}
}

func nameServers(apex string) []string {
	switch apex {
	case ".":
		return []string{"a.root.test."}
	case "test.":
		return []string{"a.nic.test."}
	}
	return []string{"ns1.host.test.", "ns2.host.test."}
}

package verify_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The farm is a process of its own with three sockets: one has the zone
// example, which delegates every name below it but dns.example to the two
// others, ns1.dns.example and ns2.dns.example; those have any zone there is and
// in it TXT "token=1" at _t. Each answer leaves a fixed time after its
// question came. It does as little as a server can: what is measured is us.

const (
	farmDelay = "MOORING_FARM_DELAY" // in the environment of the child
	typeA     = 1
	typeNS    = 2
	typeSOA   = 6
	typeTXT   = 16
)

// TestFarm is the farm.
func TestFarm(t *testing.T) {
	delay, err := time.ParseDuration(os.Getenv(farmDelay))
	if err != nil {
		t.Skip("this is the child of TestBatchFarm and BenchmarkBatch")
	}
	var all sync.WaitGroup
	var ports []string
	var sockets []*net.UDPConn
	for i := range 3 {
		s, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		_ = s.SetReadBuffer(4 << 20)
		sockets = append(sockets, s)
		ports = append(ports, s.LocalAddr().String())
		all.Go(func() { serveFarm(s, delay, i == 0) })
	}
	fmt.Println("farm", strings.Join(ports, " "))
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent closes it, or is gone
	for _, s := range sockets {
		_ = s.Close()
	}
	all.Wait()
}

// startFarm starts the child and returns its addresses: the parent zone's
// server, then the others.
func startFarm(tb testing.TB, delay time.Duration) []netip.AddrPort {
	tb.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestFarm$", "-test.timeout=10m")
	child.Env = append(os.Environ(), farmDelay+"="+delay.String())
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := child.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		if err := child.Wait(); err != nil {
			tb.Errorf("the farm: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	words := strings.Fields(line)
	if err != nil || len(words) != 4 {
		tb.Fatalf("the farm says %q, %v", line, err)
	}
	var at []netip.AddrPort
	for _, w := range words[1:] {
		at = append(at, netip.MustParseAddrPort(w))
	}
	return at
}

type parcel struct {
	to   netip.AddrPort
	msg  []byte
	from time.Time
}

// serveFarm answers until the socket is closed.
func serveFarm(s *net.UDPConn, delay time.Duration, parent bool) {
	queue := make(chan parcel, 1<<16)
	var sender sync.WaitGroup
	sender.Go(func() {
		for p := range queue {
			if d := delay - time.Since(p.from); d > 0 {
				time.Sleep(d)
			}
			_, _ = s.WriteToUDPAddrPort(p.msg, p.to)
		}
	})
	buf := make([]byte, 4096)
	for {
		n, from, err := s.ReadFromUDPAddrPort(buf)
		if err != nil {
			break
		}
		if msg := farmAnswer(buf[:n], parent); msg != nil {
			queue <- parcel{from, msg, time.Now()}
		}
	}
	close(queue)
	sender.Wait()
}

// farmAnswer is the answer to one question; nil where it cannot be read.
func farmAnswer(q []byte, parent bool) []byte {
	const header, refused, nxdomain, authoritative = 12, 5, 3, 0x04
	var labels []string
	var at []int // where each label begins
	end := header
	for end < len(q) && q[end] != 0 {
		n := int(q[end])
		if n > 63 || end+1+n >= len(q) {
			return nil
		}
		at = append(at, end)
		labels = append(labels, strings.ToLower(string(q[end+1:end+1+n])))
		end += 1 + n
	}
	if end += 5; end > len(q) {
		return nil
	}
	m := farmMessage{b: slices.Clone(q[:end])}
	m.b[2], m.b[3] = 0x80|m.b[2]&0x01|authoritative, 0
	copy(m.b[4:header], []byte{0, 1, 0, 0, 0, 0, 0, 0})
	typ, n := binary.BigEndian.Uint16(q[end-4:]), len(labels)
	if n == 0 || labels[n-1] != "example" || !parent && n == 1 {
		m.b[3] = refused
		return m.done()
	}
	hosts := parent && n > 1 && labels[n-2] == "dns"
	switch {
	case parent && n > 1 && !hosts:
		m.b[2] &^= authoritative
		m.servers(8, at[n-2], at[n-1])
		m.addresses()
	case hosts && n == 3 && (labels[0] == "ns1" || labels[0] == "ns2"):
		if typ == typeA {
			m.record(6, at[0], typeA, []byte{127, 0, 0, 1 + labels[0][2] - '0'})
		} else {
			m.soa(8, at[n-1])
		}
	case parent && n == 1 && typ == typeSOA, !parent && n == 2 && typ == typeSOA:
		m.soa(6, at[0])
	case parent && n == 1 && typ == typeNS, !parent && n == 2 && typ == typeNS:
		m.servers(6, at[0], at[n-1])
		m.addresses()
	case !parent && n == 3 && labels[0] == "_t":
		if typ == typeTXT {
			m.record(6, at[0], typeTXT, []byte("\x07token=1"))
		} else {
			m.soa(8, at[1])
		}
	case parent && n <= 2, !parent && n == 2:
		m.soa(8, at[max(n-2, 0)])
	default:
		m.b[3] = nxdomain
		m.soa(8, at[max(n-2, 0)])
	}
	return m.done()
}

type farmMessage struct {
	b   []byte
	dns int // where the name dns.example is
}

// record appends a record to the section whose count is there.
func (m *farmMessage) record(count, owner int, typ uint16, data []byte) {
	m.b[count+1]++
	m.b = binary.BigEndian.AppendUint16(m.b, 0xc000|uint16(owner))
	m.b = binary.BigEndian.AppendUint16(m.b, typ)
	m.b = append(m.b, 0, 1, 0, 0, 14, 16) // IN, an hour
	m.b = binary.BigEndian.AppendUint16(m.b, uint16(len(data)))
	m.b = append(m.b, data...)
}

func (m *farmMessage) soa(count, owner int) {
	data := []byte("\x03ns1\x03dns\x07example\x00\x01h\x00")
	for _, v := range []uint32{1, 3600, 600, 86400, 300} {
		data = binary.BigEndian.AppendUint32(data, v)
	}
	m.record(count, owner, typeSOA, data)
}

// servers appends the name servers of owner; example is where that name is.
func (m *farmMessage) servers(count, owner, example int) {
	for _, host := range []string{"\x03ns1\x03dns", "\x03ns2\x03dns"} {
		m.record(count, owner, typeNS, binary.BigEndian.AppendUint16([]byte(host), 0xc000|uint16(example)))
		m.dns = max(m.dns, len(m.b)-len(host)-2)
	}
}

// addresses appends those of the name servers that servers has appended.
func (m *farmMessage) addresses() {
	const record = 2 + 10 + 10 // one NS record in front of the last one's data
	for i, host := range []int{m.dns - record, m.dns} {
		m.record(10, host, typeA, []byte{127, 0, 0, byte(2 + i)})
	}
}

func (m *farmMessage) done() []byte {
	m.b[11]++
	return append(m.b, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0) // OPT
}

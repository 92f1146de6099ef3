package connect_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
)

// lossy passes DNS over TCP on to a server, but for updates: with forward
// their answers are swallowed, without it the updates themselves are.
func lossy(t *testing.T, server string, forward bool) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { pass(c, server, forward) })
		}
	})
	return l.Addr().String()
}

func pass(client net.Conn, server string, forward bool) {
	defer func() { _ = client.Close() }()
	up, err := net.Dial("tcp4", server)
	if err != nil {
		return
	}
	defer func() { _ = up.Close() }()
	for {
		msg, err := message(client)
		if err != nil {
			return
		}
		update := int(msg[4]>>3&0xF) == dns.OpcodeUpdate
		if update && !forward {
			time.Sleep(50 * time.Millisecond) // the client waits for an answer that does not come
			return
		}
		if _, err := up.Write(msg); err != nil {
			return
		}
		if update {
			_, _ = message(up) // landed
			return
		}
		go func() { _, _ = io.Copy(client, up) }()
	}
}

// message is one message with its length in front (RFC 1035 section 4.2.2).
func message(r io.Reader) ([]byte, error) {
	var n [2]byte
	if _, err := io.ReadFull(r, n[:]); err != nil {
		return nil, err
	}
	msg := make([]byte, 2+int(binary.BigEndian.Uint16(n[:])))
	copy(msg, n[:])
	_, err := io.ReadFull(r, msg[2:])
	return msg, err
}

// TestLostAnswer has the answer to the UPDATE swallowed on its way; what
// became of the update is found out by reading the zone.
func TestLostAnswer(t *testing.T) {
	for _, landed := range []bool{true, false} {
		name := map[bool]string{true: "landed", false: "did not land"}[landed]
		t.Run(name, func(t *testing.T) {
			k := rfc2136test.Knot{Second: true}.Start(t, read(t, "zone.txt"), read(t, "app.example.txt"))
			creds := k.Credentials()
			creds["server"] = lossy(t, creds["server"], landed)
			h := serverHost(t, k, rfc2136.Driver{Timeout: patience}, creds)
			before := h.zone()
			p := h.prepare(t, intents(t))
			run, err := h.engine.Apply(t.Context(), h.creds, p)
			after := h.zone()
			if landed {
				if err != nil {
					t.Fatalf("the update landed, and Apply says %v", err)
				}
				h.wait(t, run)
				return
			}
			var incomplete *connect.Incomplete
			if !errors.As(err, &incomplete) {
				t.Fatalf("the update did not land, and Apply says %v", err)
			}
			if d := cmp.Diff(after, before); d != "" {
				t.Errorf("the zone changed:\n%s", d)
			}
			for _, o := range incomplete.Run.Outcomes {
				if o.State != "failed" || o.Detail == "" {
					t.Errorf("outcome: got %+v, want failed with its reason", o)
				}
			}
			if again := h.prepare(t, intents(t)); again.ID != p.ID || again.Status != plan.Ready {
				t.Errorf("planning again gives another plan:\n%s", again.Text())
			}
		})
	}
}

package mux_test

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/mooring-dns/mooring/verify/internal/mux"
	"github.com/mooring-dns/mooring/verify/internal/wire"
)

func ExampleMux() {
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	go func() { // it refuses the first question
		buf := make([]byte, 512)
		n, from, err := server.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		buf[2], buf[3] = 0x80, byte(wire.Refused)
		_, _ = server.WriteToUDPAddrPort(buf[:n], from)
	}()

	m := mux.New(mux.Options{})
	defer m.Close()
	name, _ := wire.AppendName(nil, "www.customer.example")
	done := make(chan struct{})
	m.Ask(&mux.Question{
		Server: netip.MustParseAddrPort(server.LocalAddr().String()),
		Name:   name, Type: 16,
		Answer: func(_ *mux.Question, a mux.Answer) {
			defer close(done)
			if a.Err != nil {
				fmt.Println(a.Err)
				return
			}
			fmt.Println(wire.Message(a.Msg).Rcode())
		},
	})
	<-done
	// Output: REFUSED
}

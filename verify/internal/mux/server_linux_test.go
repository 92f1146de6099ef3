package mux

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// As a process of its own the test binary is a server, so that what tests
// measure of themselves is the asking alone.
const serverVariable = "MOORING_MUX_TEST_SERVER"

// beServer reports whether this process was a server; it is over then.
func beServer() bool {
	if os.Getenv(serverVariable) == "" {
		return false
	}
	go func() { // it ends with the test that started it
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Fprintln(os.Stderr, serve(os.Stdout))
	os.Exit(1)
	return true
}

// serve answers questions, and writes where. It waits in system calls that
// move many datagrams, so that who asks spends little on waking it.
func serve(out io.Writer) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<20)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return err
	}
	self, err := unix.Getsockname(fd)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, addrPort(self))

	var buffers [cars][2048]byte
	in, answers := &freight{}, &freight{}
	in.lay(func(i int) []byte { return buffers[i][:] })
	answers.lay(func(i int) []byte { return buffers[i][:] })
	for {
		n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&in.headers[0])), cars, unix.MSG_WAITFORONE, 0, 0)
		if errno != 0 && errno != unix.EINTR && errno != unix.ECONNREFUSED {
			return errno
		}
		if errno != 0 {
			continue
		}
		k := 0
		for i := range int(n) {
			if msg := reply(buffers[i][:in.headers[i].octets:2048]); msg != nil {
				answers.vectors[k].Base = &msg[0]
				answers.vectors[k].SetLen(len(msg))
				answers.to(k, in.from(i))
				k++
			}
		}
		for first := 0; first < k; {
			sent, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&answers.headers[first])), uintptr(k-first), 0, 0, 0)
			if errno != 0 {
				sent = 1 // whoever that was has gone
			}
			first += int(sent)
		}
		for i := range int(n) {
			in.headers[i].Namelen = unix.SizeofSockaddrInet6
		}
	}
}

// startServer runs serve in another process until the test is over.
func startServer(tb testing.TB) netip.AddrPort {
	tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.CommandContext(tb.Context(), exe)
	cmd.Env = append(os.Environ(), serverVariable+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	at, err := netip.ParseAddrPort(strings.TrimSpace(line))
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

package sdk

import (
	"io"
	"os"
	"runtime"
	"time"
)

// watchHost calls end when the host is gone. The host holds the other end of
// standard input and writes nothing to it, so that the system tells of its end,
// however it came, on every system. A terminal, a file or /dev/null there says
// nothing about a host. The second net is the parent's number, where a process
// that has lost its parent gets another one.
func watchHost(stdin *os.File, end func()) {
	if tells(stdin) {
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			end()
		}()
	}
	if runtime.GOOS == "windows" { // it keeps the number of a parent that is gone
		return
	}
	go watchParent(os.Getppid, time.Second, end)
}

// tells reports whether there is another end that can be closed.
func tells(stdin *os.File) bool {
	info, err := stdin.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}

// watchParent calls end when the parent is another one. Number 1 proves nothing:
// in a container it may be the host.
func watchParent(parent func() int, every time.Duration, end func()) {
	first := parent()
	for range time.Tick(every) {
		if parent() != first {
			end()
			return
		}
	}
}

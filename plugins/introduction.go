package plugins

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// readStdout hands the first line to go-plugin, if it can be a handshake, and
// the others to the log. They come only from what was there before the
// plugin's server took over, and from what does not know of it.
func (r *runner) readStdout() {
	in := bufio.NewReaderSize(r.stdout, maxHandshake)
	line, err := in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		r.blame(fmt.Sprintf("it prints a line of more than %d octets on standard output where it should introduce itself", maxHandshake))
	case err != nil && len(line) == 0:
		r.mu.Lock()
		r.mute = true
		r.mu.Unlock()
	case !introduces(line):
		r.blame(fmt.Sprintf("it prints %.80q on standard output where it should introduce itself; only the log, and standard error, are for its own words", bytes.TrimSpace(line)))
	default:
		_, _ = r.toHandshake.Write(line)
	}
	_ = r.toHandshake.Close()
	_, _ = io.Copy(r.out, in)
	r.out.flush()
}

// introduces reports whether a line has the form of go-plugin's handshake
// ("CORE|APP|NETWORK|ADDRESS|PROTOCOL|CERTIFICATE", docs/internals.md there).
func introduces(line []byte) bool {
	core, _, ok := bytes.Cut(line, []byte("|"))
	_, err := strconv.Atoi(string(core))
	return ok && err == nil && bytes.Count(line, []byte("|")) >= 3
}

func (r *runner) blame(fault string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = fault
}

// tail keeps the last line that was written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const maxTail = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p[max(0, len(p)-maxTail):]...)
	t.text = append(t.text[:0], t.text[max(0, len(t.text)-maxTail):]...)
	return len(p), nil
}

// words is the last line, and not more of it than an error can hold.
func (t *tail) words() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := bytes.TrimSpace(t.text)
	for _, mark := range []string{"panic: ", "fatal error: "} { // the reason stands above the trace
		if i := bytes.LastIndex(append([]byte("\n"), text...), []byte("\n"+mark)); i >= 0 {
			text, _, _ = bytes.Cut(text[i:], []byte("\n"))
			break
		}
	}
	text = bytes.TrimSpace(text[bytes.LastIndexByte(text, '\n')+1:])
	return strings.ToValidUTF8(string(text[:min(len(text), 200)]), "")
}

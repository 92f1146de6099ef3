package sdk

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

const (
	maxLine    = 8 << 10  // octets of a printed line that are handed on
	maxBatch   = 32 << 10 // octets that are looked through at once, and a line more
	linesAhead = 512      // lines that wait to be handed on; more are left out
)

// output hands on what a plugin prints, line by line and without credentials.
// Whoever prints never waits for it.
type output struct {
	to    io.Writer                 // the process's standard error as it was: the host reads it
	known func() providers.Redactor // of all customers' secrets
	lines chan line
	left  atomic.Int64 // lines that were left out

	once     sync.Once
	captured atomic.Bool
	pipe     *os.File      // what stands for standard output and standard error
	first    [2]*os.File   // what os.Stdout and os.Stderr were: what was made before main holds these
	were     [2]os.File    // and what stood behind them, kept open
	read     chan struct{} // closed when pipe is read to its end
}

// line is one line, or the question whether those before it are handed on.
type line struct {
	text string
	cut  bool // there was more of it
	mark chan<- struct{}
}

func newOutput(to io.Writer, known func() providers.Redactor) *output {
	o := &output{to: to, known: known, lines: make(chan line, linesAhead), read: make(chan struct{}), first: [2]*os.File{os.Stdout, os.Stderr}}
	go o.run()
	return o
}

// run goes on as long as the process does.
func (o *output) run() {
	for l := range o.lines {
		if mark := o.batch(l); mark != nil {
			close(mark)
		}
	}
}

// batch hands on what waits, up to a mark, which it returns. It is looked
// through at once, since a secret of several lines is printed so.
func (o *output) batch(l line) chan<- struct{} {
	var text strings.Builder
	for l.mark == nil {
		if l.cut {
			l.text = cleanCut(l.text, o.known())
		}
		text.WriteString(l.text + "\n")
		if text.Len() > maxBatch || len(o.lines) == 0 {
			break
		}
		l = <-o.lines
	}
	for cleaned := range strings.Lines(o.known().Redact(text.String())) {
		cleaned = strings.TrimSuffix(cleaned, "\n") // which a secret may have taken along
		if len(cleaned) > maxLine {
			cleaned = strings.ToValidUTF8(cleaned[:maxLine], "") + "…"
		}
		_, _ = io.WriteString(o.to, cleaned+"\n") // where it fails, nobody reads
	}
	if n := o.left.Swap(0); n > 0 {
		_, _ = fmt.Fprintf(o.to, "[WARN] the plugin prints faster than it can be read: %d lines are left out\n", n)
	}
	return l.mark
}

// say hands on one line.
func (o *output) say(text []byte) {
	if len(bytes.TrimSpace(text)) == 0 {
		return
	}
	select {
	case o.lines <- line{text: string(text), cut: len(text) == maxText}:
	default:
		o.left.Add(1)
	}
}

// capture makes standard output and standard error of this process go through
// o, once. go-plugin puts pipes of its own there before it serves, which hand on
// what they are given as it is: so this is done with the first call.
func (o *output) capture() {
	o.once.Do(func() {
		r, w, err := os.Pipe()
		if err != nil {
			o.say([]byte("[WARN] what the plugin prints cannot be read: " + err.Error()))
			return
		}
		o.pipe, os.Stdout, os.Stderr = w, w, w
		for i, f := range o.first {
			o.were[i], *f = *f, *w
		}
		o.captured.Store(true)
		go func() {
			defer close(o.read)
			l := o.writer()
			_, _ = io.Copy(l, r)
			l.end()
		}()
	})
}

// flush ends the reading of what is printed, and hands on what was within a time.
func (o *output) flush(within time.Duration) {
	late := time.After(within)
	if o.captured.Load() {
		_ = o.pipe.Close()
		select {
		case <-o.read:
		case <-late:
			return
		}
	}
	mark := make(chan struct{})
	select {
	case o.lines <- line{mark: mark}:
	case <-late:
		return
	}
	select {
	case <-mark:
	case <-late:
	}
}

// writer takes text in any pieces.
func (o *output) writer() *liner { return &liner{to: o.say} }

// liner cuts text into lines. Of a line longer than maxText it keeps the
// beginning.
type liner struct {
	mu   sync.Mutex
	line []byte
	to   func([]byte)
}

func (l *liner) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(p)
	for len(p) > 0 {
		part, rest, whole := bytes.Cut(p, []byte{'\n'})
		l.line = append(l.line, part[:min(len(part), maxText-len(l.line))]...)
		if whole {
			l.to(l.line)
			l.line = l.line[:0]
		}
		p = rest
	}
	return n, nil
}

// end hands on a last line that nothing ends.
func (l *liner) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to(l.line)
	l.line = l.line[:0]
}

package plugins

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/mooring-dns/mooring/providers"
)

// What a plugin may print into the host's log: a flood must not fill a disk. 4
// KiB a second are 350 MB a day.
const (
	maxLine   = 8 << 10  // octets of a line that are looked at
	maxLogged = 4 << 10  // octets of one that is too long
	logBurst  = 64 << 10 // octets at once
	logRate   = 4 << 10  // octets a second, from then on
	lineCost  = 128      // octets that a line counts for beside its text
)

// printer writes what a plugin's processes print into the host's log: in whole
// lines, bounded in length and in number, and without the credentials of the
// calls under way.
type printer struct {
	log     *slog.Logger
	fields  func() []providers.Field
	limit   *rate.Limiter
	secrets secrets

	mu      sync.Mutex
	dropped int
}

func newPrinter(log *slog.Logger, fields func() []providers.Field) *printer {
	return &printer{log: log, fields: fields, limit: rate.NewLimiter(logRate, logBurst)}
}

// stream is one thing that a process prints to.
func (p *printer) stream(name string, pid func() string) *stream {
	return &stream{printer: p, name: name, pid: pid}
}

type stream struct {
	printer *printer
	name    string
	pid     func() string

	mu    sync.Mutex
	line  []byte
	cut   bool
	panic bool // all that follows is of a panic
}

// Write never fails: whoever prints must not be held up by a log.
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for rest := p; len(rest) > 0; {
		part, after, ended := bytes.Cut(rest, []byte("\n"))
		room := min(len(part), maxLine-len(s.line))
		s.line = append(s.line, part[:room]...)
		s.cut = s.cut || room < len(part)
		if ended {
			s.end()
		}
		rest = after
	}
	return len(p), nil
}

// flush writes down what was printed without the end of a line.
func (s *stream) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
}

// end writes the line down and begins another one.
func (s *stream) end() {
	line, cut := strings.TrimRight(string(s.line), "\r"), s.cut
	s.line, s.cut = s.line[:0], false
	level := slog.LevelInfo
	if s.panic = s.panic || strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: "); s.panic {
		level = slog.LevelError
	}
	if line != "" {
		s.printer.write(level, s.name, s.pid(), line, cut)
	}
}

func (p *printer) write(level slog.Level, from, pid, line string, cut bool) {
	ctx := context.Background()
	if !p.log.Enabled(ctx, slog.LevelError) { // nobody listens at all
		return
	}
	p.mu.Lock()
	if !p.limit.AllowN(time.Now(), lineCost+min(len(line), maxLogged)) {
		p.dropped++
		p.mu.Unlock()
		return
	}
	dropped := p.dropped
	p.dropped = 0
	p.mu.Unlock()
	if dropped > 0 {
		p.log.LogAttrs(ctx, slog.LevelWarn, "the plugin prints too much: lines are left out", slog.Int("lines", dropped))
	}
	known := p.secrets.redactor(p.fields())
	line = known.Redact(line)
	if cut { // maybe in the middle of a secret, whose beginning is at the end, however short the rest has become
		line = line[:max(0, len(line)-max(maxLogged, known.Longest()))]
	}
	if cut || len(line) > maxLogged { // cut after the redaction: half a secret is found nowhere
		line = line[:min(len(line), maxLogged)] + "…"
	}
	if l, text, ok := structured(line); ok {
		level, line = l, text
	} else if l, text, ok := marked(line); ok {
		level, line = l, text
	}
	p.log.LogAttrs(ctx, level, "a plugin says",
		slog.String("text", strings.ToValidUTF8(line, "\ufffd")), slog.String("stream", from), slog.String("pid", pid))
}

func (p *printer) redact(text string) string { return p.secrets.redactor(p.fields()).Redact(text) }

// structured takes apart a line as hclog prints it, which is what go-plugin's
// server and whoever uses its logger print: a JSON object with "@level" and
// "@message" beside other keys.
func structured(line string) (slog.Level, string, bool) {
	if !strings.HasPrefix(line, "{") {
		return 0, "", false
	}
	var entry map[string]any
	if json.Unmarshal([]byte(line), &entry) != nil {
		return 0, "", false
	}
	text, ok := entry["@message"].(string)
	if !ok {
		return 0, "", false
	}
	level := slog.LevelInfo
	switch entry["@level"] {
	case "trace", "debug":
		level = slog.LevelDebug
	case "warn":
		level = slog.LevelWarn
	case "error":
		level = slog.LevelError
	}
	for _, key := range []string{"@message", "@level", "@timestamp", "@module", "@caller"} {
		delete(entry, key)
	}
	if rest, err := json.Marshal(entry); err == nil && len(entry) > 0 { // its keys in order
		text = fmt.Sprintf("%s %s", text, rest)
	}
	return level, text, true
}

// marked takes apart a line with a level in front, as many Go programs print it:
// "[WARN] disk is full".
func marked(line string) (slog.Level, string, bool) {
	for mark, level := range map[string]slog.Level{
		"[TRACE]": slog.LevelDebug, "[DEBUG]": slog.LevelDebug, "[INFO]": slog.LevelInfo,
		"[WARN]": slog.LevelWarn, "[ERROR]": slog.LevelError, "[ERR]": slog.LevelError,
	} {
		if text, ok := strings.CutPrefix(line, mark); ok {
			return level, strings.TrimSpace(text), true
		}
	}
	return 0, "", false
}

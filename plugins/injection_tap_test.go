package plugins_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// moment is one in the life of a request, as its host sees it.
type moment string

const (
	lost      moment = "lost"      // it does not reach the host
	arrives   moment = "arrives"   // it is performed, though nobody waits for the answer any more
	performed moment = "performed" // it was performed, and the answer is not sent
	answered  moment = "answered"  // the answer was sent
)

// request is one that a tap sees.
type request struct {
	n    int             // counted from 1
	life context.Context // ends when who has sent it is gone
}

// tap stands before a fake host and sees every request at each of its moments.
// What has reached it is performed, whatever becomes of who has sent it.
type tap struct {
	order  sync.Mutex
	mu     sync.Mutex
	came   int
	watch  func(r request, m moment) (cut bool) // nil: nobody watches
	writes map[string]int                       // those performed, by all that they say; nil: nobody counts
}

// set begins to count anew, for a watcher. cut makes the request go no further.
func (p *tap) set(watch func(r request, m moment) (cut bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.came, p.watch, p.writes = 0, watch, map[string]int{}
}

// seen is how many requests have come, and what was written more than once.
func (p *tap) seen() (came int, twice []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w, n := range p.writes {
		if n > 1 {
			twice = append(twice, w)
		}
	}
	return p.came, twice
}

// pass takes a request through its moments. write is all that it says, "" where
// it changes nothing. It is true for one that was answered.
func (p *tap) pass(life context.Context, write string, perform, answer func()) bool {
	p.mu.Lock()
	p.came++
	r, watch := request{p.came, life}, p.watch
	p.mu.Unlock()
	if watch == nil {
		watch = func(request, moment) bool { return false }
	}
	if watch(r, lost) || !p.take(r, write, watch, perform) {
		return false
	}
	if watch(r, performed) {
		return false
	}
	answer()
	return !watch(r, answered)
}

// take performs a request. A tap that watches performs one after the other, so
// that whoever reads after a death sees what had arrived before it.
func (p *tap) take(r request, write string, watch func(request, moment) bool, perform func()) bool {
	p.order.Lock()
	defer p.order.Unlock()
	if watch(r, arrives) {
		return false
	}
	perform()
	p.mu.Lock()
	defer p.mu.Unlock()
	if write != "" && p.writes != nil {
		p.writes[write]++
	}
	return true
}

// httpTap stands before an API. Every account has an endpoint of its own, for
// which the first element of the path is its name.
func httpTap(t *testing.T, p *tap, api string) (endpoint func(account string) string) {
	t.Helper()
	at, err := url.Parse(api)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // who sends it has died
		}
		forwarded(w, r, body, at.Host, client, p)
	})}
	l := listen(t)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		client.CloseIdleConnections()
	})
	return func(account string) string { return "http://" + l.Addr().String() + "/" + account + at.Path }
}

// forwarded performs one request at the API, and answers it.
func forwarded(w http.ResponseWriter, r *http.Request, body []byte, host string, client *http.Client, p *tap) {
	write := ""
	if r.Method != http.MethodGet && !bytes.Contains(bytes.ToLower(body), []byte("command=namecheap.domains.dns.get")) {
		write = r.Method + " " + r.URL.String() + " " + string(body)
	}
	var (
		result *http.Response
		said   []byte
	)
	sent := p.pass(r.Context(), write, func() {
		out := r.Clone(context.WithoutCancel(r.Context()))
		out.RequestURI, out.URL.Scheme, out.URL.Host, out.Host = "", "http", host, host
		_, out.URL.Path, _ = strings.Cut(strings.TrimPrefix(out.URL.Path, "/"), "/")
		out.URL.Path, out.URL.RawPath = "/"+out.URL.Path, ""
		out.Body = io.NopCloser(bytes.NewReader(body))
		var err error
		if result, err = client.Do(out); err == nil {
			said, err = io.ReadAll(result.Body)
			_ = result.Body.Close()
		}
		if err != nil {
			result = nil
		}
	}, func() {
		if result == nil {
			return
		}
		maps.Copy(w.Header(), result.Header)
		w.WriteHeader(result.StatusCode)
		_, _ = w.Write(said) // who asks may have died
		_ = http.NewResponseController(w).Flush()
	})
	if !sent || result == nil {
		panic(http.ErrAbortHandler)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// dnsTap stands before a name server that is asked over TCP, one question to a
// connection.
func dnsTap(t *testing.T, p *tap, server string) (addr string) {
	t.Helper()
	l := listen(t)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // closed
			}
			all.Go(func() {
				defer c.Close()
				asked(t, c, server, p)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return l.Addr().String()
}

// asked brings one question to the server and its answer back.
func asked(t *testing.T, c net.Conn, server string, p *tap) {
	from := &dns.Conn{Conn: c}
	question, err := from.ReadMsgHeader(nil)
	if err != nil {
		return // who asks has died
	}
	upstream, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server)
	if err != nil {
		t.Errorf("the name server: %v", err)
		return
	}
	defer upstream.Close()
	to := &dns.Conn{Conn: upstream}
	var first []byte
	if !p.pass(t.Context(), "", func() {
		if _, err := to.Write(question); err == nil {
			first, _ = to.ReadMsgHeader(nil)
		}
	}, func() {
		if first != nil {
			_, _ = from.Write(first) // who asks may have died
		}
	}) {
		return
	}
	var rest sync.WaitGroup
	defer rest.Wait()
	rest.Go(func() { // who asks closes when he has it all
		_, _ = io.Copy(io.Discard, c)
		_ = upstream.Close()
	})
	_, _ = io.Copy(c, upstream) // the rest of a long answer
	_ = c.Close()
}

package httpapitest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Server serves an API on a free port of 127.0.0.1. Its methods may be called
// from any goroutine.
type Server struct {
	api     http.Handler
	isWrite func(*http.Request) bool
	server  *http.Server
	url     string
	ended   chan struct{}
	serving sync.WaitGroup

	mu               sync.Mutex
	requests, writes int
	fault            Fault
	byRequest        map[int]Fault
	byWrite          map[int]Fault
	hook             func(*http.Request)
	closed           bool
}

// maxBody is the longest request that is read, in octets.
const maxBody = 16 << 20

// Start serves api. isWrite tells the requests that may change something; it
// may read the body. The caller must Close the Server.
func Start(api http.Handler, isWrite func(*http.Request) bool) (*Server, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		api: api, isWrite: isWrite, url: "http://" + l.Addr().String(), ended: make(chan struct{}),
		byRequest: map[int]Fault{}, byWrite: map[int]Fault{},
	}
	s.server = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute}
	go func() {
		defer close(s.ended)
		if err := s.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			panic(err) // a listener on loopback does not fail
		}
	}()
	return s, nil
}

// URL is "http://127.0.0.1:PORT".
func (s *Server) URL() string { return s.url }

// Close stops the server, cuts what is under way, and waits for its end.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	_ = s.server.Close()
	<-s.ended
	s.serving.Wait()
}

// Requests is how many requests have come.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Writes is how many of them were writes.
func (s *Server) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

// SetFault makes every request from now on meet f; SetFault(Fault{}) heals the
// server and takes back what FailNext and FailWrite asked for.
func (s *Server) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
	if f == (Fault{}) {
		clear(s.byRequest)
		clear(s.byWrite)
	}
}

// FailNext makes the n-th request from now on meet f, 1 being the next.
func (s *Server) FailNext(n int, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byRequest[s.requests+n] = f
}

// FailWrite makes the n-th write from now on meet f, 1 being the next.
func (s *Server) FailWrite(n int, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byWrite[s.writes+n] = f
}

// SetHook has f called before each request is handled, without a lock, so that
// it may change the fake's zone or end somebody's context. nil takes it away.
func (s *Server) SetHook(f func(*http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = f
}

// enter counts a request that is under way; it is false once the server closes.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.serving.Add(1)
	}
	return !s.closed
}

// meet counts a request, and is what it meets.
func (s *Server) meet(write bool) (f Fault, hook func(*http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	f = s.fault
	if write {
		s.writes++
		if told, ok := s.byWrite[s.writes]; ok {
			f = told
			delete(s.byWrite, s.writes)
		}
	}
	if told, ok := s.byRequest[s.requests]; ok {
		f = told
		delete(s.byRequest, s.requests)
	}
	return f, s.hook
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.serving.Done()
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody)) // whole, so that the server notices when the client goes away
	if err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
	again := func() *http.Request {
		c := r.Clone(r.Context())
		c.Body = io.NopCloser(bytes.NewReader(body))
		return c
	}
	f, hook := s.meet(s.isWrite(again()))
	if hook != nil {
		hook(again())
	}
	if f.Land || !f.instead() {
		if !f.Land && !f.wait(r.Context()) {
			panic(http.ErrAbortHandler)
		}
		own := &answer{header: http.Header{}, status: http.StatusOK}
		s.api.ServeHTTP(own, again())
		if f.Land && !f.wait(r.Context()) {
			panic(http.ErrAbortHandler)
		}
		if !f.instead() {
			own.send(w, f.Half)
			return
		}
	} else if !f.wait(r.Context()) {
		panic(http.ErrAbortHandler)
	}
	f.answer(w)
}

// answer is one answer of the API before it is sent.
type answer struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if !a.wrote {
		a.status, a.wrote = status, true
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.wrote = true
	return a.body.Write(p)
}

// send sends the answer, or the first half of its body and then nothing.
func (a *answer) send(w http.ResponseWriter, half bool) {
	maps.Copy(w.Header(), a.header)
	n := a.body.Len()
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(n))
	}
	if half && n < 2 {
		panic(http.ErrAbortHandler) // there is no half of it
	}
	w.WriteHeader(a.status)
	if !half {
		_, _ = w.Write(a.body.Bytes())
		return
	}
	_, _ = w.Write(a.body.Bytes()[:n/2])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

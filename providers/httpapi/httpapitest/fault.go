package httpapitest

import (
	"context"
	"net/http"
	"time"
)

// Fault is what goes wrong with a request. The zero value is nothing.
type Fault struct {
	Status     int           // what is answered instead of handling the request: 429, 500, 503, …
	RetryAfter string        // header of that answer: seconds, or a date
	Body       string        // body of that answer; with no Status its status is 200
	HTML       bool          // the body is a page for people, as a proxy in front of the API sends it
	Land       bool          // the request is handled first, and then misanswered as the rest says
	Half       bool          // the answer ends in the middle of its body
	Drop       bool          // the connection is closed without an answer
	Delay      time.Duration // before the request is handled, or with Land before it is answered; ends when the client goes
}

// instead reports whether something else than the API's own answer is sent.
func (f Fault) instead() bool { return f.Status != 0 || f.Body != "" || f.HTML || f.Drop }

// wait sleeps for Delay. It is false when the client, or the server, has gone
// meanwhile.
func (f Fault) wait(ctx context.Context) bool {
	if f.Delay <= 0 {
		return true
	}
	t := time.NewTimer(f.Delay)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

const page = "<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>Error</h1><p>The web server reported an error.</p></body></html>\n"

// answer sends what is sent instead.
func (f Fault) answer(w http.ResponseWriter) {
	if f.Drop {
		panic(http.ErrAbortHandler)
	}
	a := &answer{header: http.Header{}, status: f.Status}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	switch {
	case f.HTML:
		a.header.Set("Content-Type", "text/html; charset=utf-8")
		a.body.WriteString(page)
	default:
		a.header.Set("Content-Type", "application/json")
		a.body.WriteString(f.Body)
	}
	if f.RetryAfter != "" {
		a.header.Set("Retry-After", f.RetryAfter)
	}
	a.send(w, f.Half)
}

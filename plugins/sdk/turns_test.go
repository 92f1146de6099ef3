package sdk

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// What a driver puts back when its caller has gone needs no turn of the host,
// which knows of none any more; and what belongs to the call does not go on.
func TestCallIsOver(t *testing.T) {
	type words struct{ attached, detached, later error }
	said := make(chan words, 1)
	waiting := make(chan struct{})
	d := fake{do: func(ctx context.Context, _ providers.Credentials) error {
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		attached := make(chan error, 1)
		go func() { attached <- providers.Wait(ctx) }()
		go func() {
			defer cancel()
			var w words
			w.detached = providers.Wait(detached) // under way when the call ends
			w.attached = <-attached
			w.later = providers.Wait(detached)
			said <- w
		}()
		<-ctx.Done()
		return ctx.Err()
	}}
	client, _ := connect(t, d)
	turns := make(chan struct{}, 2)
	if err := client.Turns(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(providers.WithWait(t.Context(), func(ctx context.Context) error {
		turns <- struct{}{}
		<-ctx.Done()
		return &providers.Error{Code: providers.Timeout, Err: ctx.Err()}
	}))
	go func() {
		<-turns
		<-turns
		close(waiting)
		cancel()
	}()
	if _, err := client.Find(ctx, customer(1), apex); providers.CodeOf(err) != providers.Timeout {
		t.Errorf("the call: got %v", err)
	}
	<-waiting
	w := <-said
	if w.detached != nil || w.later != nil {
		t.Errorf("what goes on: got %v, and later %v, want no refusal", w.detached, w.later)
	}
	if providers.CodeOf(w.attached) != providers.Timeout {
		t.Errorf("what belongs to the call: got %v, want Timeout", w.attached)
	}
}

// A refusal that is not the end of the call stays one, whoever asks.
func TestRefusalIsNotTheEnd(t *testing.T) {
	refusal := &providers.Error{Code: providers.RateLimited, RetryAfter: time.Hour, Err: errors.New("no turn")}
	ctx := account(providers.WithWait(t.Context(), func(context.Context) error { return refusal }))
	if err := providers.Wait(context.WithoutCancel(ctx)); !errors.Is(err, refusal) {
		t.Errorf("got %v", err)
	}
	if err := takeTurn(context.WithoutCancel(ctx)); !errors.Is(err, refusal) {
		t.Errorf("got %v", err)
	}
}

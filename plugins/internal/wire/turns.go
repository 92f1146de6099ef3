package wire

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// Turns: a driver calls providers.Wait before each request to its host. In a
// plugin that asks the host of the plugin, where the buckets of all credentials
// are, so that they hold for all drivers together and outlive the process.

const (
	maxAsked = 64          // turns that one call may wait for at a time
	patience = time.Second // that an answer waits behind another one when its call is over
)

// calls is the calls under way at the host's end, by the number that the plugin
// knows them by.
type calls struct {
	mu   sync.Mutex
	last uint64
	open map[uint64]*ongoing
}

// ongoing is one call under way.
type ongoing struct {
	id  uint64
	ctx context.Context

	mu      sync.Mutex
	asked   map[uint64]context.CancelFunc // by turn
	places  int                           // taken by turns whose answer has not been sent yet
	refused error                         // the last refusal of a turn
}

func (c *calls) begin(ctx context.Context) *ongoing {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	o := &ongoing{id: c.last, ctx: ctx, asked: map[uint64]context.CancelFunc{}}
	if c.open == nil {
		c.open = map[uint64]*ongoing{}
	}
	c.open[o.id] = o
	return o
}

func (c *calls) end(o *ongoing) {
	c.mu.Lock()
	delete(c.open, o.id)
	c.mu.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, cancel := range o.asked {
		cancel()
	}
}

func (c *calls) find(id uint64) *ongoing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open[id]
}

// own is an error of the call, and the host's own error where it is a refusal
// that the plugin has only handed back.
func (o *ongoing) own(err *providers.Error, turn bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	refused, ok := errors.AsType[*providers.Error](o.refused)
	if !turn || !ok {
		return err
	}
	e := *refused
	e.Wrote = err.Wrote
	return &e
}

// ask takes one of the call's places, which is its own until left is called:
// when the answer has been sent, or is not wanted any more. The number of what
// waits in this program is bounded by them, whatever a plugin asks and reads.
func (o *ongoing) ask(turn uint64) (ctx context.Context, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.places >= maxAsked || o.asked[turn] != nil {
		return nil, &providers.Error{Code: providers.Internal, Err: fmt.Errorf("the call waits for more than %d turns at once, or for one twice", maxAsked)}
	}
	ctx, cancel := context.WithCancel(o.ctx)
	o.asked[turn] = cancel
	o.places++
	return ctx, nil
}

func (o *ongoing) left() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.places--
}

// wait waits for one turn of the call.
func (o *ongoing) wait(ctx context.Context, turn uint64) error {
	err := providers.Wait(ctx)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked[turn]()
	delete(o.asked, turn)
	if err != nil {
		o.refused = err
	}
	return err
}

// over ends the wait for a turn that nobody wants any more.
func (o *ongoing) over(turn uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if cancel := o.asked[turn]; cancel != nil {
		cancel()
	}
}

// turnStream is the host's end of the stream of turns.
type turnStream interface {
	Send(*TurnsRequest) error
	Recv() (*TurnsResponse, error)
}

// grant answers what the plugin asks until the stream ends.
func (c *calls) grant(stream turnStream) {
	var (
		wg      sync.WaitGroup
		sending = make(chan struct{}, 1)
	)
	defer wg.Wait()
	answer := func(over <-chan struct{}, turn uint64, err error) {
		out := &TurnsRequest{Turn: turn}
		if err != nil {
			out.Error = refusedTurn(err)
		}
		select {
		case sending <- struct{}{}:
		case <-over: // what goes on in the plugin when a call is over waits for its answer too
			select {
			case sending <- struct{}{}:
			case <-time.After(patience): // the plugin does not read
				return
			}
		}
		defer func() { <-sending }()
		_ = stream.Send(out) // where it fails, so does the process
	}
	for {
		ask, err := stream.Recv()
		if err != nil {
			return
		}
		o, turn := c.find(ask.GetCall()), ask.GetTurn()
		switch {
		case ask.GetOver() && o != nil:
			o.over(turn)
		case ask.GetOver():
		case o == nil:
			answer(nil, turn, &providers.Error{Code: providers.Timeout, Err: errors.New("the call that it belongs to is over")})
		default:
			ctx, err := o.ask(turn)
			if err != nil { // here, so that who asks without end and reads nothing is not read either
				answer(o.ctx.Done(), turn, err)
				continue
			}
			wg.Go(func() {
				defer o.left()
				answer(o.ctx.Done(), turn, o.wait(ctx, turn))
			})
		}
	}
}

// asker is the plugin's end of the stream.
type asker struct {
	sending sync.Mutex // of send, which may block: never while mu is held

	mu     sync.Mutex
	last   uint64
	stream uint64                     // how many have been opened
	send   func(*TurnsResponse) error // nil: the host has opened no stream
	wanted map[uint64]chan error
}

// ask waits for one turn of a call. Without a stream there is no limit to ask for.
func (a *asker) ask(ctx context.Context, call uint64) error {
	a.mu.Lock()
	if a.send == nil {
		a.mu.Unlock()
		return nil
	}
	a.last++
	turn, answer := a.last, make(chan error, 1)
	a.wanted[turn] = answer
	send := a.send
	a.mu.Unlock()
	if a.say(send, &TurnsResponse{Turn: turn, Call: call}) != nil {
		a.forget(turn, answer)
		return lostTurns()
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
	}
	if a.forget(turn, answer) {
		_ = a.say(send, &TurnsResponse{Turn: turn, Call: call, Over: true}) // where it fails, nobody waits
	}
	return &providers.Error{Code: providers.Timeout, Err: fmt.Errorf("waiting for a turn to send a request: %w", context.Cause(ctx))}
}

func (a *asker) say(send func(*TurnsResponse) error, what *TurnsResponse) error {
	a.sending.Lock()
	defer a.sending.Unlock()
	return send(what)
}

// forget reports whether the answer was still wanted.
func (a *asker) forget(turn uint64, answer chan error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.wanted[turn] != answer {
		return false
	}
	delete(a.wanted, turn)
	return true
}

func lostTurns() error {
	return &providers.Error{Code: providers.Unavailable, Err: errors.New("the program that started this plugin no longer answers")}
}

// open makes a stream the one that is asked on, until it is closed.
func (a *asker) open(send func(*TurnsResponse) error) (closed func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drop()
	a.stream++
	a.send, a.wanted = send, map[uint64]chan error{}
	stream := a.stream
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.stream == stream {
			a.drop()
			a.send = func(*TurnsResponse) error { return lostTurns() }
		}
	}
}

// drop lets nobody wait for an answer that cannot come.
func (a *asker) drop() {
	for _, answer := range a.wanted {
		answer <- lostTurns()
	}
	clear(a.wanted)
}

// answer hands the host's word to the one who waits for it.
func (a *asker) answer(in *TurnsRequest) {
	a.mu.Lock()
	defer a.mu.Unlock()
	answer := a.wanted[in.GetTurn()]
	if answer == nil {
		return
	}
	delete(a.wanted, in.GetTurn())
	if in.GetError() == nil {
		answer <- nil
		return
	}
	answer <- turnOf(in.GetError())
}

package providertest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// TB is what a Harness may ask of the test it runs in. A *testing.T is one,
// and Check brings one of its own, so that the suite runs in a program too.
type TB interface {
	Helper()
	// Context ends just before the Cleanup functions are called.
	Context() context.Context
	Logf(format string, args ...any)
	// Fatal and Fatalf end the case as failed. They must be called from the
	// goroutine that called the Harness.
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	// Cleanup functions are called when the case ends, the last one first.
	Cleanup(func())
}

// stage is the TB of a case that runs without a test.
type stage struct {
	ctx context.Context // a TB carries its context, as a *testing.T does

	mu       sync.Mutex
	fatal    string
	cleanups []func()
}

func (s *stage) Helper()                  {}
func (s *stage) Logf(string, ...any)      {}
func (s *stage) Context() context.Context { return s.ctx }

func (s *stage) Fatal(args ...any) { s.end(fmt.Sprint(args...)) }

func (s *stage) Fatalf(format string, args ...any) { s.end(fmt.Sprintf(format, args...)) }

func (s *stage) end(text string) {
	s.mu.Lock()
	s.fatal = text
	s.mu.Unlock()
	runtime.Goexit()
}

func (s *stage) Cleanup(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cleanups = append(s.cleanups, f)
}

// perform calls f on a stage of its own and cleans up after it. ended is the
// text of a Fatal, "" where f returned.
func perform(ctx context.Context, f func(TB)) (ended string) {
	ctx, cancel := context.WithCancel(ctx)
	s := &stage{ctx: ctx}
	s.call(func() { f(s) })
	cancel()
	for _, clean := range slices.Backward(s.cleanups) {
		s.call(clean)
	}
	return s.fatal
}

// call waits for f, in a goroutine that Fatal may end.
func (s *stage) call(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

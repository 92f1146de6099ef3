package plugins

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

// mostClose is what Close takes at most, whatever the plugins do.
const mostClose = 6 * time.Second

// Host keeps plugins: it starts their processes when they are called, watches
// over them, and ends them. It is safe for concurrent use.
type Host struct {
	house   *house
	options Options
	cancel  context.CancelFunc

	reloading sync.Mutex
	mu        sync.Mutex
	plugins   map[string]*plugin // by ID, those that were removed too
	closed    bool
	closing   sync.Once
	left      error // by Close
}

// Load reads the directories and locks, and makes a host of what may run. It
// starts no process, but for plugins that are not pinned: those have to be
// asked who they are. Its error joins every plugin that is refused (see
// [Refused]), and then there is no host.
func Load(o Options) (*Host, error) {
	s, err := openState(o.State)
	if err != nil {
		return nil, err
	}
	opened, cancel := context.WithCancelCause(context.Background())
	h := &Host{
		house:   &house{options: o, log: o.log(), state: s, key: newAccountKey(), opened: opened},
		options: o, cancel: func() { cancel(errClosed) }, plugins: map[string]*plugin{},
	}
	programs, err := h.programs()
	if err == nil {
		for _, p := range programs {
			h.plugins[p.id] = newPlugin(h.house, p)
		}
		err = h.introduce()
	}
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// programs is all that may run, sorted by ID. The error joins what may not.
func (h *Host) programs() ([]program, error) {
	all, err := programs(h.options, h.house.state)
	own, exeErr := carried(h.options)
	all = append(all, own...)
	slices.SortStableFunc(all, func(a, b program) int { return cmp.Compare(a.id, b.id) })
	bad := []error{err, exeErr}
	for i := range all[min(1, len(all)):] {
		if a, b := all[i], all[i+1]; a.id == b.id {
			bad = append(bad, fmt.Errorf("plugins: two plugins have the ID %q: %s and %s", a.id, a.source, b.source))
		}
	}
	return all, errors.Join(bad...)
}

// carriedWord is the first argument of a process that sdk.Carry serves.
const carriedWord = "mooring-plugin"

// carried is the programs of this very executable.
func carried(o Options) ([]program, error) {
	if len(o.Carried) == 0 {
		return nil, nil
	}
	if h := wire.Handshake(); len(os.Args) > 1 && os.Args[1] == carriedWord && os.Getenv(h.MagicCookieKey) == h.MagicCookieValue {
		return nil, errors.New("plugins: carried drivers: this process is to serve one of them, and is the program again: call sdk.Carry as the first thing in main (in TestMain, in a test)")
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("plugins: carried drivers: %w", err)
	}
	path := self
	if runtime.GOOS == "linux" {
		path = "/proc/self/exe" // which is what runs, whatever has become of its file (proc(5))
	}
	var out []program
	for _, d := range o.Carried {
		info := d.Info()
		out = append(out, program{
			id: info.ID, path: path, source: self, known: &wire.Description{Info: info},
			args: append([]string{carriedWord, info.ID}, o.CarriedArgs...),
		})
	}
	return out, nil
}

// introduce starts those plugins of which nothing is known.
func (h *Host) introduce() error {
	var (
		wg  sync.WaitGroup
		mu  sync.Mutex
		bad []error
	)
	for _, p := range h.all() {
		if p.known() {
			continue
		}
		wg.Go(func() {
			err := p.introduce(h.house.opened)
			mu.Lock()
			defer mu.Unlock()
			bad = append(bad, err)
		})
	}
	wg.Wait()
	return errors.Join(bad...)
}

// all is every plugin, sorted by ID.
func (h *Host) all() []*plugin {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.SortedFunc(maps.Values(h.plugins), func(a, b *plugin) int { return cmp.Compare(a.id, b.id) })
}

// Drivers are the drivers of all plugins, sorted by ID. Each is good for as long
// as the host is open, over any Reload: what it does is done by the process
// that runs then. Without one, after a crash, and when the host is closed, its
// sessions answer Unavailable with Wrote no, or with RetryAfter.
func (h *Host) Drivers() []providers.Driver {
	var out []providers.Driver
	for _, p := range h.all() {
		if !p.removed() {
			out = append(out, wire.NewDriver(p))
		}
	}
	return out
}

// Reload reads the directories and locks again. A plugin whose binary, version
// or pin is another one now is replaced without a call that fails: its new
// process is started first, and must describe itself as it is pinned; the old
// one finishes its calls. The error joins every plugin that is refused; of
// those, what ran goes on. A plugin that is gone takes no more calls.
func (h *Host) Reload() error {
	h.reloading.Lock()
	defer h.reloading.Unlock()
	h.mu.Lock()
	closed := h.closed
	if !closed {
		h.house.wg.Add(1) // Close waits for the processes that are started here
	}
	h.mu.Unlock()
	if closed {
		return errClosed
	}
	defer h.house.wg.Done()
	programs, refused := h.programs()
	seen := map[string]bool{}
	bad := []error{refused}
	for _, next := range slices.CompactFunc(programs, func(a, b program) bool { return a.id == b.id }) {
		seen[next.id] = true
		bad = append(bad, h.take(next))
	}
	if refused != nil {
		return errors.Join(bad...) // what was refused looks as if it were gone
	}
	for _, p := range h.all() {
		if !seen[p.id] {
			p.close(errRemoved)
		}
	}
	return errors.Join(bad...)
}

// take makes a program the one of its plugin.
func (h *Host) take(next program) error {
	h.mu.Lock()
	p, isNew := h.plugins[next.id], false
	if p == nil && !h.closed {
		p, isNew = newPlugin(h.house, next), true
		h.plugins[next.id] = p
	}
	h.mu.Unlock()
	switch {
	case p == nil:
		return errClosed
	case isNew && next.known == nil:
		return p.introduce(h.house.opened)
	case isNew || p.runs(next):
		return nil
	}
	was := p.removed()
	err := p.replace(next)
	if err != nil && was { // what it was before is not to be run either
		p.close(errRemoved)
	}
	return err
}

// Status is how every plugin does, sorted by ID.
func (h *Host) Status() []Status {
	var out []Status
	for _, p := range h.all() {
		if !p.removed() || p.busy() {
			out = append(out, p.status())
		}
	}
	return out
}

// Close ends every process, and returns after six seconds at most whatever they
// do. Calls under way have Options.Drain to end, five seconds at most; those
// that wait, and later ones, are answered with Unavailable. Whoever calls it
// again waits for the same end, and gets the same error.
func (h *Host) Close() error {
	h.closing.Do(func() { h.left = h.end() })
	return h.left
}

func (h *Host) end() error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	for _, p := range h.all() {
		p.close(errClosed)
	}
	h.cancel()
	done := make(chan struct{})
	go func() { h.house.wg.Wait(); close(done) }()
	var late error
	select {
	case <-done:
	case <-time.After(mostClose):
		late = errors.New("plugins: some process has not ended though it was killed: the system holds it")
	}
	return errors.Join(late, h.house.state.close())
}

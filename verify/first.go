package verify

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// first is the first reply that useful accepts. Servers are asked in their
// order, the next one as soon as one fails or is slow. The error says of each
// server what was wrong with it.
func (c *call) first(ctx context.Context, servers []netip.AddrPort, q question, useful func(reply) error) (reply, netip.AddrPort, error) {
	type result struct {
		r   reply
		at  netip.AddrPort
		err error
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	asking, cancel := context.WithCancel(ctx)
	defer cancel()

	results := make(chan result, len(servers))
	started, ended := 0, 0
	next := func() {
		if started == len(servers) {
			return
		}
		at := servers[started]
		started++
		wg.Go(func() {
			r, err := c.ask(asking, at, q)
			if err == nil {
				err = useful(r)
			}
			results <- result{r, at, err}
		})
	}
	next()
	slow := time.NewTicker(hedge)
	defer slow.Stop()
	var failed []string
	for ended < started {
		select {
		case res := <-results:
			if res.err == nil {
				return res.r, res.at, nil
			}
			ended++
			failed = append(failed, res.at.String()+": "+res.err.Error())
			next()
		case <-slow.C:
			next()
		case <-ctx.Done():
			return reply{}, netip.AddrPort{}, ctx.Err()
		}
	}
	if len(failed) == 0 {
		return reply{}, netip.AddrPort{}, errors.New("no address of a server is known")
	}
	return reply{}, netip.AddrPort{}, errors.New(strings.Join(failed, "; "))
}

// each runs do for 0 to n-1 at once and waits for all. How many questions are
// really under way is bounded by the Verifier.
func each(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

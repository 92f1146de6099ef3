package verify

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// told is how many servers an error names one by one: there are 26 addresses
// of root servers.
const told = 4

// noneUseful is that no server gave a useful reply.
type noneUseful struct {
	detail   string
	answered bool // at least one of them is alive
}

func (e *noneUseful) Error() string { return e.detail }

// first is the first reply that useful accepts. Servers are asked in their
// order, the next one as soon as one fails or is slow. The error says of the
// first few what was wrong with them.
func (c *call) first(ctx context.Context, servers []netip.AddrPort, q question, useful func(reply) error) (reply, netip.AddrPort, error) {
	type result struct {
		r        reply
		at       netip.AddrPort
		answered bool
		err      error
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
			answered := err == nil
			if answered {
				err = useful(r)
			}
			results <- result{r, at, answered, err}
		})
	}
	next()
	slow := time.NewTicker(hedge)
	defer slow.Stop()
	none := &noneUseful{detail: "no address of a server is known"}
	var failed []string
	for ended < started {
		select {
		case res := <-results:
			if res.err == nil {
				return res.r, res.at, nil
			}
			ended++
			none.answered = none.answered || res.answered
			failed = append(failed, res.at.String()+": "+res.err.Error())
			next()
		case <-slow.C:
			next()
		case <-ctx.Done():
			return reply{}, netip.AddrPort{}, ctx.Err()
		}
	}
	if n := len(failed); n > told {
		failed = append(failed[:told], fmt.Sprintf("and %d more likewise", n-told))
	}
	if len(failed) > 0 {
		none.detail = strings.Join(failed, "; ")
	}
	return reply{}, netip.AddrPort{}, none
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

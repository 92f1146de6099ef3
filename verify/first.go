package verify

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxNamed is how many servers an error names one by one: there are 26
// addresses of root servers.
const maxNamed = 4

// noneUseful is that no server gave a useful reply.
type noneUseful struct {
	detail   string
	answered bool // at least one of them is alive
}

func (e *noneUseful) Error() string { return e.detail }

// first is the first reply that useful accepts. The fast servers are asked
// before the others, the next one as soon as one fails or is slower than
// usual. What is asked here is asked once in a call: a server that was slow
// may still answer who asks it later. The error says of the first few what was
// wrong with them.
func (c *call) first(ctx context.Context, servers []netip.AddrPort, q question, useful func(reply) error) (reply, netip.AddrPort, error) {
	return c.firstOf(ctx, servers, q, useful, nil)
}

// firstOf is first with servers that are not known yet: more, which may be nil,
// finds them once those that are known are late. more goes on when another
// server answers meanwhile, until the call ends: what it learns is kept.
func (c *call) firstOf(ctx context.Context, servers []netip.AddrPort, q question, useful func(reply) error, more func(context.Context) []netip.AddrPort) (reply, netip.AddrPort, error) {
	servers = c.heardFirst(c.v.pace.order(servers), q)
	ended := make(chan *future, len(servers)+maxServers)
	found := make(chan []netip.AddrPort, 1)
	seeking := false
	var slow *time.Timer // none where there is nobody else to ask, or to find
	var late <-chan time.Time
	started, failed := 0, 0
	next := func() {
		if started == len(servers) {
			if more != nil {
				find := more
				more, seeking = nil, true
				c.aside(ctx, func(ctx context.Context) { found <- find(ctx) })
			}
			return
		}
		at := servers[started]
		started++
		switch {
		case slow != nil:
			slow.Reset(c.v.pace.hedge(at))
		case started < len(servers) || more != nil:
			slow = time.NewTimer(c.v.pace.hedge(at))
			late = slow.C
		}
		c.once(ctx, query{at, q}).then(ended)
	}
	defer func() {
		if slow != nil {
			slow.Stop()
		}
	}()
	none := &noneUseful{detail: "no address of a server is known"}
	var details []string
	for next(); failed < started || seeking; {
		select {
		case others := <-found:
			seeking = false
			others = missing(others, servers)
			servers = append(slices.Clip(servers), others[:min(len(others), maxServers)]...)
			next()
		case f := <-ended:
			r, err, _ := f.result()
			answered := err == nil
			if answered {
				err = useful(r)
			}
			if err == nil {
				return r, f.at, nil
			}
			if ctx.Err() != nil {
				return reply{}, netip.AddrPort{}, ctx.Err()
			}
			failed++
			none.answered = none.answered || answered
			details = append(details, f.at.String()+": "+err.Error())
			next()
		case <-late:
			next()
		case <-ctx.Done():
			return reply{}, netip.AddrPort{}, ctx.Err()
		}
	}
	if n := len(details); n > maxNamed {
		details = append(details[:maxNamed], fmt.Sprintf("and %d more likewise", n-maxNamed))
	}
	if len(details) > 0 {
		none.detail = strings.Join(details, "; ")
	}
	return reply{}, netip.AddrPort{}, none
}

// heardFirst moves the servers to the front that have answered this question
// of a walk already in this call.
func (c *call) heardFirst(servers []netip.AddrPort, q question) []netip.AddrPort {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q.typ != "SOA" || len(c.asked) == 0 {
		return servers
	}
	var heard, rest []netip.AddrPort
	for _, at := range servers {
		if f := c.asked[query{at, q}]; f != nil {
			if _, err, ended := f.result(); ended && err == nil {
				heard = append(heard, at)
				continue
			}
		}
		rest = append(rest, at)
	}
	if len(heard) == 0 {
		return servers
	}
	return append(heard, rest...)
}

// each runs do for 0 to n-1 at once and waits for all. How many questions are
// really under way is bounded by the Verifier.
func each(n int, do func(i int)) {
	switch n {
	case 0:
		return
	case 1:
		do(0)
		return
	}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

package mux

import "time"

// Options bound a Mux. The zero value works.
type Options struct {
	Sockets int           // for each address family at most, opened as load grows; 0: 16
	Timeout time.Duration // for one question over one transport, all its tries, and again without EDNS after an answer that refuses it; 0: 900 ms
	Budget  Budget
	Batch   bool // send and receive many messages with one system call, where the system can (Linux)
}

// Budget bounds what is sent, in questions per second. An address begins at
// Start and gets more while it answers, up to Most; it gets half where more
// than 3 in 100 questions time out, where it refuses in bursts, or where it
// truncates what is small.
type Budget struct {
	Start    float64 // to one address; 0: 20; less than 0: no bound, and Most does not matter
	Most     float64 // to one address; 0: 200
	Provider float64 // to all addresses of one group; 0: 1000; less than 0: no bound
	Burst    int     // at once, before the rate counts; 0: 100
}

func (o Options) sockets() int {
	if o.Sockets <= 0 {
		return 16
	}
	return o.Sockets
}

func (o Options) timeout() time.Duration {
	if o.Timeout <= 0 {
		return 900 * time.Millisecond
	}
	return o.Timeout
}

// filled is the Budget with its defaults.
func (b Budget) filled() Budget {
	for _, f := range []struct {
		field     *float64
		otherwise float64
	}{{&b.Start, 20}, {&b.Most, 200}, {&b.Provider, 1000}} {
		if *f.field == 0 {
			*f.field = f.otherwise
		}
	}
	if b.Burst <= 0 {
		b.Burst = 100
	}
	b.Most = max(b.Most, b.Start)
	return b
}

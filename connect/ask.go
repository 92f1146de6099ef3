package connect

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// atOnce is how many names are looked up together.
const atOnce = 8

// ask answers questions from DNS, several at a time.
func (e *Engine) ask(ctx context.Context, questions []plan.Question) ([]plan.Fact, error) {
	facts := make([]plan.Fact, len(questions))
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, q := range questions {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			facts[i] = e.answer(ctx, q)
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("connect: asking DNS: %w", err)
	}
	return facts, nil
}

// answer follows CNAMEs to the end (RFC 1034 section 3.6.2).
func (e *Engine) answer(ctx context.Context, q plan.Question) plan.Fact {
	const maxChain = 8
	f := plan.Fact{Question: q, Status: plan.Failed}
	name := q.Name
	for range maxChain {
		a := e.dns.Lookup(ctx, name, q.Type)
		i := slices.IndexFunc(a.Records, func(r zone.Record) bool { return r.Type == "CNAME" && r.Name == name })
		if i < 0 || q.Type == "CNAME" {
			f.Status, f.Records = status(a.Status), only(a.Records, q.Type)
			return f
		}
		name, _ = a.Records[i].Target()
	}
	return f
}

func only(recs []zone.Record, typ string) []zone.Record {
	return slices.DeleteFunc(slices.Clone(recs), func(r zone.Record) bool { return r.Type != typ })
}

func status(s verify.Status) plan.FactStatus {
	switch s {
	case verify.Found:
		return plan.Found
	case verify.NoData:
		return plan.NoData
	case verify.NXDomain:
		return plan.NXDomain
	case verify.Failed:
	}
	return plan.Failed
}

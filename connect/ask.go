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
func (w *workspace) ask(ctx context.Context, questions []plan.Question) error {
	facts := make([]plan.Fact, len(questions))
	trouble := make([]string, len(questions))
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, q := range questions {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			facts[i], trouble[i] = w.e.follow(ctx, q)
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("connect: asking DNS: %w", err)
	}
	w.facts = append(w.facts, facts...)
	for i, q := range questions {
		w.trouble[q] = trouble[i]
	}
	return nil
}

// follow answers a question, CNAMEs followed to the end. trouble is why there
// is no answer.
func (e *Engine) follow(ctx context.Context, q plan.Question) (f plan.Fact, trouble string) {
	a := e.dns.Resolve(ctx, q.Name, q.Type)
	return plan.Fact{Question: q, Status: status(a.Status), Records: only(a.Records, q.Type)}, a.Err
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

package connect

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// maxQuestions bounds what one diagnosis asks DNS. An SPF tree that leads
// everywhere is far beyond every limit long before.
const maxQuestions = 400

// inquiry asks DNS for one diagnosis: several names at a time, each question
// once, and no more than maxQuestions.
type inquiry struct {
	e     *Engine
	slots chan struct{}

	mu    sync.Mutex
	known map[plan.Question]*answering
}

// answering is a question that is, or was, under way.
type answering struct {
	done  chan struct{} // closed once reply stands
	reply reply
}

// reply is the answer to one question, CNAMEs followed.
type reply struct {
	status  plan.FactStatus
	records []zone.Record
	alias   zone.Name // target of the CNAME that stands at the name itself
	trouble string    // why the status is Failed
}

func (e *Engine) inquire() *inquiry {
	return &inquiry{e: e, slots: make(chan struct{}, atOnce), known: map[plan.Question]*answering{}}
}

// ask looks up what is not known yet, and waits for all of it.
func (i *inquiry) ask(ctx context.Context, questions ...plan.Question) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, q := range questions {
		a, ours := i.begin(q)
		if !ours { // somebody else asks, or asked
			defer func() { <-a.done }()
			continue
		}
		i.slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-i.slots }()
			defer close(a.done)
			a.reply = i.e.reply(ctx, q)
		})
	}
}

// begin notes a question. ours is false where there is nothing left to do for
// it but to wait.
func (i *inquiry) begin(q plan.Question) (a *answering, ours bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if a, known := i.known[q]; known {
		return a, false
	}
	a = &answering{done: make(chan struct{})}
	full := len(i.known) >= maxQuestions
	i.known[q] = a
	if full {
		a.reply = reply{status: plan.Failed, trouble: fmt.Sprintf("not asked: %d questions are enough for one domain", maxQuestions)}
		close(a.done)
	}
	return a, !full
}

// get is the answer to a question that was asked.
func (i *inquiry) get(name zone.Name, typ string) reply {
	i.mu.Lock()
	a := i.known[plan.Question{Name: name, Type: typ}]
	i.mu.Unlock()
	if a == nil {
		return reply{status: plan.Failed, trouble: "not asked"}
	}
	<-a.done
	return a.reply
}

func (i *inquiry) asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return min(len(i.known), maxQuestions)
}

// reply looks up one question.
func (e *Engine) reply(ctx context.Context, q plan.Question) reply {
	first := e.dns.Lookup(ctx, q.Name, q.Type)
	r := reply{status: status(first.Status), records: only(first.Records, q.Type), trouble: first.Err}
	i := slices.IndexFunc(first.Records, func(rec zone.Record) bool { return rec.Type == "CNAME" && rec.Name == q.Name })
	if i < 0 {
		return r
	}
	r.alias, _ = first.Records[i].Target()
	f, trouble := e.follow(ctx, plan.Question{Name: r.alias, Type: q.Type})
	r.status, r.records, r.trouble = f.Status, f.Records, trouble
	return r
}

// texts is the TXT values of an answer, their strings joined.
func (r reply) texts() []string {
	var out []string
	for _, rec := range r.records {
		out = append(out, rec.Text())
	}
	return out
}

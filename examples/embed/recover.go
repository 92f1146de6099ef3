package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/providers"
)

// settle is the walk of -recover. What a run promised is waited for only where
// it is wanted still.
func settle(ctx context.Context, eng *connect.Engine, o options, s *screen, res result) (result, error) {
	past, err := readPast(ctx, o)
	if err != nil {
		return res, err
	}
	run, how, err := eng.Recover(ctx, o.creds, o.recover)
	res.settle(run)
	res.tookBack = past.tookBack()
	if err != nil {
		return res, err
	}
	if by := past.takenBack(); by != "" {
		res.tookBack = true // there is nothing of it to take back again
		return res, &over{"TakenBack", fmt.Sprintf("nothing was done: run %s ended already, and run %s took it back", run.ID, by)}
	}
	s.recovered(how, run, past)
	switch how {
	case providers.NeverBegan:
		return res, &over{"NeverBegan", "the run was cut off before it wrote anything"}
	case providers.Stuck:
		return res, &connect.Incomplete{Run: run}
	case providers.WasDone, providers.Finished:
	}
	return wait(ctx, eng, s, res, run)
}

// over is a run that there is nothing to wait for of.
type over struct{ code, text string }

func (e *over) Error() string { return e.text }

func (s *screen) recovered(how providers.Recovery, run connect.Run, p past) {
	if p.ended {
		s.say("run %s ended already: %s", run.ID, map[providers.Recovery]string{
			providers.NeverBegan: "nothing was written: connect again",
			providers.WasDone:    "everything was written",
			providers.Stuck:      "some of it was written, and the rest was left alone: connect again",
		}[how])
	} else {
		s.say("run %s: %s", run.ID, map[providers.Recovery]string{
			providers.NeverBegan: "settled; nothing had been written, and nothing is now: connect again",
			providers.WasDone:    "everything had been written",
			providers.Finished:   "the rest is written now",
			providers.Stuck:      "somebody changed the zone since, so the rest was left alone: connect again",
		}[how])
	}
	s.event(connect.Event{Type: connect.Applied, Outcomes: run.Outcomes})
}

// past is what the journal holds of one run, and of those after it.
type past struct {
	run   journalRun
	later []journalRun // oldest first
	ended bool         // before this program was started
}

// journalRun is a run with the request that it was made from.
type journalRun struct {
	providers.Run
	req connect.Request
}

func readPast(ctx context.Context, o options) (past, error) {
	all, err := providers.JournalDir(o.journal).List(ctx)
	if _, damaged := errors.AsType[*providers.Damaged](err); err != nil && !damaged {
		return past{}, err
	}
	var p past
	for _, r := range all {
		j := journalRun{Run: r}
		if json.Unmarshal(r.Request, &j.req) != nil {
			continue // it is not the engine's
		}
		switch {
		case r.ID == o.recover:
			p.run, p.ended = j, r.End != nil
		case p.run.ID != "":
			p.later = append(p.later, j)
		}
	}
	return p, nil
}

func (p past) tookBack() bool {
	return p.run.req.Kind == connect.Undoes || p.run.req.Kind == connect.Disconnects
}

// takenBack is the ID of the run that took this one back, "" for none.
func (p past) takenBack() string {
	if !p.ended {
		return ""
	}
	return p.backBy(p.run, p.later)
}

// backBy is the first of the later runs that took a run back and was not taken
// back itself. To disconnect names the runs that took others back too, and does
// not bring back what they took.
func (p past) backBy(of journalRun, later []journalRun) string {
	for i, r := range later {
		takes := r.req.Kind == connect.Undoes || r.req.Kind == connect.Disconnects && of.req.Kind == connect.Connects
		if takes && r.wrote() && slices.Contains(r.req.Runs, of.ID) && p.backBy(r, later[i+1:]) == "" {
			return r.ID
		}
	}
	return ""
}

// wrote reports whether a run that ended changed anything.
func (r journalRun) wrote() bool {
	return r.End != nil && slices.ContainsFunc(r.End.Outcomes, func(o providers.Outcome) bool { return o.State == providers.Applied || o.Part != nil })
}

package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/providers"
)

// TestRecoverEnded: a run that has ended is waited for where it still stands,
// and not where a later one took it back.
func TestRecoverEnded(t *testing.T) {
	t.Parallel()
	h := newHosted(t, "cloudflare")
	connected := func(flags ...string) string {
		t.Helper()
		code, out, progress := h.embed(t, append(flags, "-yes", "-json")...)
		var res result
		if err := json.Unmarshal([]byte(out), &res); err != nil || code != exitConnected || res.Run == "" {
			t.Fatalf("%v: status %d, %v:\n%s%s", flags, code, err, out, progress)
		}
		return res.Run
	}
	stands := func(id string) {
		t.Helper()
		if code, out, progress := h.embed(t, "-recover", id); code != exitConnected || !strings.Contains(out, "run "+id+" ended already: everything was written") {
			t.Errorf("recover of a run that stands: status %d:\n%s%s", code, out, progress)
		}
	}
	gone := func(id, by string) {
		t.Helper()
		code, out, progress := h.embed(t, "-recover", id)
		if code != exitNot || !strings.Contains(out, "run "+id+" ended already, and run "+by+" took it back") {
			t.Errorf("recover of a run that was taken back: status %d:\n%s%s", code, out, progress)
		}
		for _, no := range []string{"DNS shows", "Verification", "goes on", "-undo"} {
			if strings.Contains(out, no) {
				t.Errorf("it says %q, and there is nothing to wait for:\n%s", no, out)
			}
		}
	}
	first := connected()
	stands(first)
	undo := connected("-undo", first)
	gone(first, undo)
	stands(undo)
	again := connected("-undo", undo)
	gone(undo, again)
	stands(first)
	code, out, progress := h.embed(t, "-disconnect", "-yes")
	if code != exitConnected || strings.Contains(out, "-undo") || !strings.Contains(out, "\nrun ") {
		t.Errorf("disconnect: status %d, want no word of -undo:\n%s%s", code, out, progress)
	}
	_, id, _ := strings.Cut(out, "\nrun ")
	id, _, _ = strings.Cut(id, ",")
	gone(first, id)
	if code, out, _ := h.embed(t, "-disconnect", "-yes"); code != exitConnected || !strings.Contains(out, "Nothing was done") || strings.Contains(out, "proven") {
		t.Errorf("disconnect with nothing left: status %d:\n%s", code, out)
	}
	var res result
	if code, out, _ := h.embed(t, "-recover", first, "-json"); json.Unmarshal([]byte(out), &res) != nil || code != exitNot || res.Error == nil || res.Error.Code != "TakenBack" {
		t.Errorf("status %d:\n%s", code, out)
	}
}

// TestUndoHint: the command that takes a run back is shown after a run that
// connected something.
func TestUndoHint(t *testing.T) {
	t.Parallel()
	h := newHosted(t, "namecheap")
	code, out, progress := h.embed(t, "-yes")
	_, id, _ := strings.Cut(out, "\nrun ")
	id, _, _ = strings.Cut(id, ",")
	if code != exitConnected || !strings.Contains(out, "; -undo "+id+" takes it back") {
		t.Errorf("status %d:\n%s%s", code, out, progress)
	}
	if code, out, progress := h.embed(t, "-undo", id, "-yes"); code != exitConnected || strings.Contains(out, "-undo") {
		t.Errorf("status %d, want no word of -undo:\n%s%s", code, out, progress)
	}
}

// TestTakenBack is who took a run back, in journals that tell different things.
func TestTakenBack(t *testing.T) {
	t.Parallel()
	at := func(id string, kind connect.Kind, state providers.State, runs ...string) journalRun {
		return journalRun{
			Run: providers.Run{ID: id, End: &providers.End{At: time.Unix(0, 0), Outcomes: []providers.Outcome{{State: state}}}},
			req: connect.Request{Kind: kind, Runs: runs},
		}
	}
	open := at("b", connect.Undoes, providers.Applied, "a")
	open.End = nil
	done := providers.Applied
	for _, tt := range []struct {
		name  string
		later []journalRun
		want  string
	}{
		{"nobody", []journalRun{at("b", connect.Connects, done)}, ""},
		{"an undo", []journalRun{at("b", connect.Undoes, done, "a")}, "b"},
		{"an undo of another run", []journalRun{at("b", connect.Undoes, done, "x")}, ""},
		{"an undo that failed", []journalRun{at("b", connect.Undoes, providers.Failed, "a")}, ""},
		{"an undo that was cut off", []journalRun{open}, ""},
		{"an undo that was undone", []journalRun{at("b", connect.Undoes, done, "a"), at("c", connect.Undoes, done, "b")}, ""},
		{"undone, brought back, undone", []journalRun{at("b", connect.Undoes, done, "a"), at("c", connect.Undoes, done, "b"), at("d", connect.Undoes, done, "a")}, "d"},
		{"an undo, and a disconnection that names it too", []journalRun{at("b", connect.Undoes, done, "a"), at("c", connect.Disconnects, done, "a", "b")}, "b"},
		{"a disconnection that was undone", []journalRun{at("b", connect.Disconnects, done, "a"), at("c", connect.Undoes, done, "b")}, ""},
		{"the undo before a disconnection that was undone", []journalRun{at("b", connect.Undoes, done, "a"), at("c", connect.Disconnects, done, "a", "b"), at("d", connect.Undoes, done, "c")}, "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := past{run: at("a", connect.Connects, done), later: tt.later, ended: true}
			if got := p.takenBack(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	undo := past{run: at("b", connect.Undoes, done, "a"), later: []journalRun{at("c", connect.Disconnects, done, "a", "b")}, ended: true}
	if got := undo.takenBack(); got != "" {
		t.Errorf("an undo, and a disconnection that names it: got %q, which did not bring back what the undo took", got)
	}
}

package connect

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/verify"
)

// Statuses is how far a run has come, in the words of the Entri webhook: success,
// pending, failure, or exempt where the run has nothing of the kind. The two
// about DNS fail only when waiting for them ended; a redirect fails, too, where
// it leads elsewhere. They are empty in events before the run was written.
type Statuses struct {
	Propagation entri.Status `json:"propagation_status,omitempty"` // of all records; never exempt
	DKIM        entri.Status `json:"dkim_status,omitempty"`        // of the keys among them
	Redirection entri.Status `json:"redirection_status,omitempty"` // of the redirects, asked over HTTP
}

// Compat is whose words statuses are told in.
type Compat string

// The two vocabularies. They differ in the third word.
const (
	CompatReference Compat = ""        // that of the API reference: failure
	CompatCurrent   Compat = "current" // that of Entri's documentation today: failed
)

const statusFailed entri.Status = "failed"

// statuses is how far a run has come by what DNS and the web have shown.
func (r Run) statuses(seen verify.Report, redirects []RedirectState) Statuses {
	s := Statuses{Propagation: entri.StatusPending, DKIM: entri.StatusExempt, Redirection: redirection(r.Redirects, redirects)}
	if seen.Verdict == verify.Propagated && len(r.Unproven) == 0 {
		s.Propagation = entri.StatusSuccess
	}
	for _, x := range r.Expect {
		if !key(x) {
			continue
		}
		i := slices.IndexFunc(seen.Records, func(rec verify.RecordState) bool { return rec.Expect.Record.Key() == x.Record.Key() && key(rec.Expect) })
		switch {
		case i < 0 || seen.Records[i].Verdict != verify.Propagated:
			s.DKIM = entri.StatusPending
		case s.DKIM == entri.StatusExempt:
			s.DKIM = entri.StatusSuccess
		}
	}
	return s
}

// key reports whether a record that is to be there is a DKIM key, or leads to
// one: it stands at a selector (RFC 6376 section 3.6.2.1).
func key(x verify.Expect) bool {
	return !x.Gone && (x.Match == verify.MatchDKIM || strings.Contains(string(x.Record.Name), "._domainkey."))
}

// redirection is the status of all redirects: that of the worst.
func redirection(want []Redirect, states []RedirectState) entri.Status {
	if len(want) == 0 {
		return entri.StatusExempt
	}
	worst := entri.StatusSuccess
	for i := range want {
		switch {
		case i >= len(states) || states[i].Status == entri.StatusPending:
			if worst == entri.StatusSuccess {
				worst = entri.StatusPending
			}
		case states[i].Status == entri.StatusFailure:
			worst = entri.StatusFailure
		}
	}
	return worst
}

// over is the statuses when nobody waits any longer: what is pending has failed.
func (s Statuses) over() Statuses {
	return s.each(func(v entri.Status) entri.Status {
		if v == entri.StatusPending {
			return entri.StatusFailure
		}
		return v
	})
}

// in is the statuses in the words of one vocabulary.
func (s Statuses) in(c Compat) Statuses {
	return s.each(func(v entri.Status) entri.Status {
		if v == entri.StatusFailure && c == CompatCurrent {
			return statusFailed
		}
		return v
	})
}

func (s Statuses) each(f func(entri.Status) entri.Status) Statuses {
	return Statuses{Propagation: f(s.Propagation), DKIM: f(s.DKIM), Redirection: f(s.Redirection)}
}

// updated is the names of the statuses that differ from those told before. One
// that is exempt is no news.
func (s Statuses) updated(before Statuses) []string {
	var out []string
	for _, f := range []struct {
		name     string
		now, was entri.Status
	}{
		{"propagation_status", s.Propagation, before.Propagation},
		{"dkim_status", s.DKIM, before.DKIM},
		{"redirection_status", s.Redirection, before.Redirection},
	} {
		if f.now != f.was && f.now != entri.StatusExempt {
			out = append(out, f.name)
		}
	}
	return out
}

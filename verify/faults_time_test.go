package verify_test

import (
	"errors"
	"slices"
	"time"

	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// timeFaults are records that come late, or not at all.
func timeFaults() []fault {
	return []fault{
		{code: verify.CodeDeadline, look: func(s *scene) verify.Report {
			began := time.Now()
			r := s.watch(verify.ErrDeadline)
			if took := time.Since(began); took < 72*time.Hour || took > 72*time.Hour+time.Minute {
				s.trouble("the watch ended after %v, want 72 h", took)
			}
			return r
		}, want: verify.Absent},
		{code: verify.CodeDeadline, kind: "after a restart", look: func(s *scene) verify.Report {
			s.req.Since = time.Now().Add(-71 * time.Hour)
			began := time.Now()
			r := s.watch(verify.ErrDeadline)
			if took := time.Since(began); took < time.Hour || took > time.Hour+time.Minute {
				s.trouble("the watch ended after %v, want 1 h", took)
			}
			s.req.Seen = r.Digest()
			if again := s.reports(nil); len(again) > 0 {
				s.trouble("%d reports of a watch that was over, want none", len(again))
			}
			return r
		}, want: verify.Absent},
		{kind: "watched until it is there", harm: func(s *scene) {
			time.AfterFunc(3*time.Hour, func() { s.put(s.token) })
		}, look: func(s *scene) verify.Report {
			began := time.Now()
			r := s.watch(nil)
			late := time.Since(began) - 3*time.Hour
			if late < 0 || late > 3*time.Hour*15/100+time.Minute {
				s.trouble("seen %v after it was written, want at most 15 %% of the time until then", late)
			}
			return r
		}, want: verify.Propagated},
		{kind: "watched through a restart", harm: func(s *scene) {
			time.AfterFunc(time.Hour, func() { s.put(s.token) })
		}, look: func(s *scene) verify.Report {
			since := time.Now()
			for r, err := range verify.New(s.opts).Watch(s.t.Context(), s.req) { // the process ends after its first report
				if err != nil || r.Verdict != verify.Absent {
					s.trouble("first %s %v, want absent", r.Verdict, err)
				}
				s.req.Since, s.req.Seen = since, r.Digest()
				break
			}
			time.Sleep(10 * time.Minute)
			reports := s.reports(nil)
			if len(reports) != 1 {
				s.trouble("%d reports after the restart, want only the one that is new", len(reports))
			}
			return reports[len(reports)-1]
		}, want: verify.Propagated},
		{kind: "watched while a server flaps", harm: func(s *scene) {
			s.Server("ns2").Freeze()
			s.Server("ns2").SetFault(verifytest.Fault{Flap: true})
			s.put(s.token)
			time.AfterFunc(time.Hour, func() {
				s.Server("ns2").Thaw()
				s.Server("ns2").SetFault(verifytest.Fault{})
			})
		}, look: func(s *scene) verify.Report {
			began := time.Now()
			r := s.watch(nil)
			if took := time.Since(began); took < time.Hour {
				s.trouble("propagated after %v, while a server still changes its mind", took)
			}
			return r
		}, want: verify.Propagated},
	}
}

// reports is what a watch yields until it ends with that error, each once.
func (s *scene) reports(want error) []verify.Report {
	var out []verify.Report
	var last error
	for r, err := range verify.New(s.opts).Watch(s.t.Context(), s.req) {
		out, last = append(out, r), err
	}
	if !errors.Is(last, want) {
		s.trouble("the watch ended with %v, want %v", last, want)
	}
	return out
}

// watch is the last report of a watch, which alone may speak of the deadline.
func (s *scene) watch(want error) verify.Report {
	reports := s.reports(want)
	if len(reports) == 0 {
		s.trouble("no report")
		return verify.Report{}
	}
	for i, r := range reports[:len(reports)-1] {
		if slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return f.Code == verify.CodeDeadline }) {
			s.trouble("report %d of %d speaks of the deadline", i+1, len(reports))
		}
	}
	return reports[len(reports)-1]
}

package verify

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

func (s sight) errs(codes ...uint16) bool {
	return slices.ContainsFunc(codes, func(code uint16) bool { return slices.Contains(s.extended, code) })
}

// stale reports whether the resolver says that the answer has expired.
func (s sight) stale() bool { return s.errs(edeStale, edeStaleNX) }

// local reports whether a resolver answered out of data of its own: it claims
// authority, or gives addresses that only its own network can reach.
func (s sight) local() bool { return s.authority || inside(s.recs) }

func inside(recs []zone.Record) bool {
	return slices.ContainsFunc(recs, func(r zone.Record) bool {
		a, ok := r.Addr()
		return ok && (a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified())
	})
}

// holds is how long from the beginning of the look, in seconds, a resolver
// keeps what it said. A signed denial counts where it lasts longer, as other
// denials are concluded from it (RFC 8198 section 5.4).
func (s sight) holds() float64 {
	if s.status == Found {
		return s.at + float64(s.ttl)
	}
	return s.at + float64(max(s.ttl, s.denial))
}

// behind is why a resolver does not have the record, by what it said, and when
// it will have forgotten that; false where that is not known.
func (ev evidence) behind(w witness) (code Code, holds float64, known bool) {
	var last, first sight
	for _, s := range w.sights {
		if s.status == Failed || ev.says(s) == Right {
			continue
		}
		if first.status == "" {
			first = s
		}
		last = s
	}
	stays := last.at-first.at >= 1 && last.ttl > 0 && last.ttl == first.ttl && slices.Equal(shown(last.recs), shown(first.recs))
	switch {
	case last.stale():
		return CodeServeStale, last.holds(), true
	case last.status == Found && (last.local() && (last.authority || !inside(ev.expect.wanted())) || stays):
		return CodeSplitHorizon, 0, false
	case last.status == Found:
		return CodePosCached, last.holds(), true
	case last.denial > 0:
		return CodeNSECSynth, last.holds(), true
	}
	return CodeNegCached, last.holds(), last.status != ""
}

// viewFindings say why resolvers do not have what the servers have.
func (ev evidence) viewFindings(rs RecordState) []Finding {
	var out []Finding
	for i, s := range rs.Resolvers {
		w := ev.resolvers[i]
		add := func(code Code, severity Severity, detail string) {
			out = append(out, finding(code, severity, s.who(), ev.expect.what()+": "+detail))
		}
		switch s.State {
		case Bogus:
			add(CodeDNSSECBogus, Error, s.Err)
		case Failing:
			add(CodeFailCached, Warning, "fails: "+s.Err)
		case Filtered:
			add(CodeFiltered, Warning, "does not tell: "+s.Err)
		case Dead, Lame, Unknown:
			add(CodeViewTimeout, Warning, s.Err)
		case Missing, Differs, Flapping:
			code, holds, known := ev.behind(w)
			switch {
			case code == CodeSplitHorizon:
				add(code, Warning, "has what no server of the zone has, and it does not run out: "+strings.Join(s.Seen, ", "))
			case known:
				add(code, Info, fmt.Sprintf("keeps an old answer until %.0f s after this look began", math.Ceil(holds)))
			}
		default:
			if slices.ContainsFunc(w.sights, sight.stale) {
				add(CodeServeStale, Info, "has the value, and says that it has expired: it cannot reach the servers")
			}
		}
	}
	return out
}

// nextLook is when the first resolver that is behind forgets what it keeps, in
// seconds from the end of the look, and eta is when the last one has done so.
// Both are known only when nothing else holds the report back.
func nextLook(r Report, began time.Time, lasted float64) (next uint32, eta time.Time) {
	if r.Verdict != Published {
		return 0, time.Time{}
	}
	all := true
	for _, rec := range r.Records {
		if rec.Verdict != Published {
			continue
		}
		if len(rec.Resolvers) == 0 {
			all = false // it waits for vantage points
		}
		for _, s := range rec.Resolvers {
			switch {
			case !slices.Contains([]State{Missing, Differs, Flapping, Failing, Unknown}, s.State):
			case s.Until.IsZero():
				all = false
			default:
				until := s.Until.Add(time.Second) // it counts whole seconds
				if until.After(eta) {
					eta = until
				}
				after := uint32(max(1, math.Ceil(until.Sub(began).Seconds()-lasted-1e-3)))
				if next == 0 || after < next {
					next = after
				}
			}
		}
	}
	if !all {
		eta = time.Time{}
	}
	return next, eta
}

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

// holds is how long a resolver keeps what it said: when, in seconds from the
// beginning of the look, it may forget it, and when it has. A denial goes with
// its signed proof where it was concluded from that (RFC 8198 section 5.4), and
// otherwise may be concluded anew for as long as the proof is kept.
func (s sight) holds() (least, most float64) {
	if s.status == Found || s.denial == 0 {
		return s.keeps(s.ttl), s.keeps(s.ttl)
	}
	return s.keeps(min(s.ttl, s.denial)), s.keeps(max(s.ttl, s.denial))
}

// keeps is when a TTL is over. Observations may say anything of when the answer
// came: it is neither before the look nor beyond the longest TTL.
func (s sight) keeps(ttl uint32) float64 {
	return min(max(s.at+float64(ttl), 0), math.MaxUint32)
}

// after is so many seconds from the beginning of the look.
func (ev evidence) after(seconds float64) time.Time {
	return ev.began.Add(time.Duration(seconds * float64(time.Second)))
}

// latest is when all resolvers that are behind will have forgotten what they
// said; the zero time if none is known to.
func (ev evidence) latest(rs RecordState) time.Time {
	var out time.Time
	for i, s := range rs.Resolvers {
		if s.Until.IsZero() {
			continue
		}
		_, last, _ := ev.behind(ev.resolvers[i])
		_, most := last.holds()
		if at := ev.after(most); at.After(out) {
			out = at
		}
	}
	return out
}

// behind is why a resolver does not have the record, and the last of what it
// said in its place; false where it is not known to forget that.
func (ev evidence) behind(w witness) (code Code, last sight, known bool) {
	var first sight
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
		return CodeServeStale, last, true
	case last.status == Found && (last.local() && (last.authority || !inside(ev.expect.wanted())) || stays):
		return CodeSplitHorizon, last, false
	case last.status == Found:
		return CodePosCached, last, true
	case last.denial > 0:
		return CodeNSECSynth, last, true
	}
	return CodeNegCached, last, last.status != ""
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
			code, last, known := ev.behind(w)
			switch {
			case code == CodeSplitHorizon:
				add(code, Warning, "has what no server of the zone has, and it does not run out: "+strings.Join(s.Seen, ", "))
			case known:
				least, most := last.holds()
				detail := fmt.Sprintf("keeps an old answer until %.0f s after this look began", math.Ceil(least))
				if most > least {
					detail += fmt.Sprintf(", or until %.0f s: the answer and its signed proof have different TTLs", math.Ceil(most))
				}
				add(code, Info, detail)
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
// seconds from the end of the look, and eta is when the last one has done so,
// also what it may conclude from until latest. Both are known only when nothing
// else holds the report back.
func nextLook(r Report, latest, began time.Time, lasted float64) (next uint32, eta time.Time) {
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
				after := uint32(min(max(1, math.Ceil(until.Sub(began).Seconds()-lasted-1e-3)), math.MaxUint32))
				if next == 0 || after < next {
					next = after
				}
			}
		}
	}
	if all && next > 0 {
		eta = latest.Add(time.Second)
	}
	return next, eta
}

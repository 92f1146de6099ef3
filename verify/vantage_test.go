package verify_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// place is a vantage point that answers as the function says.
type place struct {
	name    string
	observe func(context.Context, verify.Request) (verify.Observations, error)
}

func (p place) Name() string { return p.name }

func (p place) Observe(ctx context.Context, req verify.Request) (verify.Observations, error) {
	return p.observe(ctx, req)
}

// TestVantages has places that see the record, that do not (m), that fail (e)
// and that wait until they are told that nobody waits for them (w).
func TestVantages(t *testing.T) {
	token := zone.NewTXT("_token.customer.example", 60, "token=1")
	const early = "early" // it was decided before all had answered: how many of the rest had is chance
	for _, tc := range []struct {
		places string // besides s, which see it
		want   verify.Verdict
		found  string
	}{
		{"", verify.Propagated, ""},
		{"s", verify.Propagated, "1/1"},
		{"m", verify.Published, "0/1"},
		{"e", verify.Published, "0/1"},
		{"sm", verify.Propagated, "1/2"},
		{"mm", verify.Published, early},
		{"sssme", verify.Published, early},
		{"ssssm", verify.Propagated, "4/5"},
		{"ssssmm", verify.Propagated, "4/6"},
		{"sssmme", verify.Published, early},
		{"ssssww", verify.Propagated, "4/6"},
		{"mmw", verify.Published, early},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, o := small(t)
			put(w, token)
			see := verify.New(o)
			nowhere := verify.New(verify.Options{Start: o.Start, Map: o.Map, Transport: o.Transport, MaxQueries: 1})
			for i, kind := range tc.places {
				p := place{name: fmt.Sprint("place ", i)}
				switch kind {
				case 's':
					p.observe = see.Observe
				case 'm':
					p.observe = nowhere.Observe
				case 'e':
					p.observe = func(context.Context, verify.Request) (verify.Observations, error) {
						return verify.Observations{}, errors.New("connection refused")
					}
				case 'w':
					p.observe = func(ctx context.Context, _ verify.Request) (verify.Observations, error) {
						<-ctx.Done()
						return verify.Observations{}, fmt.Errorf("post: %w", ctx.Err())
					}
				}
				o.Vantages = append(o.Vantages, p)
			}
			r, err := verify.New(o).Check(t.Context(), verify.Request{Expect: []verify.Expect{{Record: token}}})
			if err != nil || r.Verdict != tc.want {
				t.Errorf("%q: %s %v, want %s", tc.places, r.Verdict, err, tc.want)
			}
			found := ""
			for _, f := range r.Findings {
				if f.Code == verify.CodeQuorum {
					var who string
					if _, err := fmt.Sscanf(f.Detail, "_token.customer.example. TXT: seen from %s", &who); err == nil {
						found = who
					}
				}
			}
			if found != tc.found && (tc.found != early || found == "") {
				t.Errorf("%q: seen from %q, want %q: %s", tc.places, found, tc.found, dump(r.Findings))
			}
		})
	}
}

// TestVantageOfAnother: what a place brings for another request does not count,
// whatever it says.
func TestVantageOfAnother(t *testing.T) {
	token := zone.NewTXT("_token.customer.example", 60, "token=1")
	synctest.Test(t, func(t *testing.T) {
		w, o := small(t)
		put(w, token)
		other := verify.Request{Expect: []verify.Expect{expect(t, "www", "CNAME", "edge.app.example.")}}
		see := verify.New(o)
		o.Vantages = []verify.Vantage{place{"replay", func(ctx context.Context, _ verify.Request) (verify.Observations, error) {
			return see.Observe(ctx, other)
		}}}
		r, err := verify.New(o).Check(t.Context(), verify.Request{Expect: []verify.Expect{{Record: token}}})
		if err != nil || r.Verdict != verify.Published {
			t.Errorf("%s %v, want published", r.Verdict, err)
		}
	})
}

// TestVantagesLater: nobody elsewhere is asked while the record is not even
// here.
func TestVantagesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, o := small(t)
		o.Vantages = []verify.Vantage{place{"far", func(context.Context, verify.Request) (verify.Observations, error) {
			t.Error("asked too early")
			return verify.Observations{}, errors.New("too early")
		}}}
		r, err := verify.New(o).Check(t.Context(), verify.Request{Expect: []verify.Expect{expect(t, "_token", "TXT", `"token=1"`)}})
		if err != nil || r.Verdict != verify.Absent {
			t.Errorf("%s %v, want absent", r.Verdict, err)
		}
	})
}

// TestVantagesByRecord: of three places each of two misses another record, so
// both records are seen from enough, whichever place is the first to answer.
func TestVantagesByRecord(t *testing.T) {
	a, b := zone.NewTXT("_a.customer.example", 60, "token=1"), zone.NewTXT("_b.customer.example", 60, "token=1")
	holds := map[rune][]zone.Record{'a': {a}, 'b': {b}, '2': {a, b}}
	for _, order := range []string{"ab2", "2ab", "a2b", "b2a"} {
		synctest.Test(t, func(t *testing.T) {
			there := func(recs []zone.Record) verify.Options {
				w, o := small(t)
				put(w, recs...)
				return o
			}
			o := there(holds['2'])
			for i, kind := range order {
				see := verify.New(there(holds[kind]))
				o.Vantages = append(o.Vantages, place{fmt.Sprint("place ", i), func(ctx context.Context, req verify.Request) (verify.Observations, error) {
					select {
					case <-time.After(time.Duration(i+1) * 10 * time.Second):
						return see.Observe(ctx, req)
					case <-ctx.Done():
						return verify.Observations{}, ctx.Err()
					}
				}})
			}
			r, err := verify.New(o).Check(t.Context(), verify.Request{Expect: []verify.Expect{{Record: a}, {Record: b}}})
			if err != nil || r.Verdict != verify.Propagated {
				t.Errorf("%s: %s %v, want propagated: %s", order, r.Verdict, err, dump(r.Findings))
			}
		})
	}
}

package cloudflare

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// pair is a stored record and the one that takes its place.
type pair struct {
	old stored
	new zone.Record
}

// maxMatches bounds how many pairs are looked at to find the best ones.
const maxMatches = 100_000

// pairs finds for what comes the record of the same RRset whose place it takes:
// that of the same data, then of text that begins the same, or of the same
// target. So an SPF record is changed where it stands, and keeps its comment. In
// an RRset so large that nobody could tell, they are paired as they come.
func pairs(gone []stored, come []zone.Record) []pair {
	type match struct{ score, old, new int }
	var all []match
	for i, g := range gone {
		if g.Opaque {
			continue
		}
		for j, c := range come {
			if g.Key() != c.Key() {
				continue
			}
			score := 0
			if len(all) < maxMatches {
				score = alike(g.Record, c)
			} else if g.SameData(c) {
				score = sameData
			}
			all = append(all, match{score, i, j})
		}
	}
	slices.SortStableFunc(all, func(a, b match) int { return cmp.Compare(b.score, a.score) })
	var out []pair
	taken, placed := make([]bool, len(gone)), make([]bool, len(come))
	for _, m := range all {
		if !taken[m.old] && !placed[m.new] {
			taken[m.old], placed[m.new] = true, true
			out = append(out, pair{gone[m.old], come[m.new]})
		}
	}
	return out
}

const (
	sameData   = 1 << 30
	sameTarget = 1 << 29
)

// alike is how much two records of one RRset have in common.
func alike(a, b zone.Record) int {
	if a.SameData(b) {
		return sameData
	}
	if x, ok := a.Target(); ok {
		if y, _ := b.Target(); x == y {
			return sameTarget
		}
	}
	ta, tb := strings.ToLower(a.Text()), strings.ToLower(b.Text())
	n := 0
	for n < min(len(ta), len(tb)) && ta[n] == tb[n] {
		n++
	}
	return n
}

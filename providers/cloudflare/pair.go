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

// group is the records that may take each other's place: those of one RRset, and
// of text those of one kind.
type group struct {
	key  zone.Key
	kind string
}

func groupOf(r zone.Record) group {
	if r.Type == "TXT" {
		return group{r.Key(), kind(r.Text())}
	}
	return group{key: r.Key()}
}

// kind is what text says that it is: "v=spf1", "site-verification". Text that
// does not say it is of a kind with none but the same.
func kind(text string) string {
	text = strings.ToLower(text)
	end := strings.IndexAny(text, "=:")
	if strings.HasPrefix(text, "v=") {
		end = strings.IndexAny(text, " ;")
	}
	if end < 0 {
		return text
	}
	return text[:end]
}

// pairs finds for what comes the record whose place it takes: of its group that of
// the same data, then of the same target, or of data that begins the same. So an
// SPF record is changed where it stands, and keeps its comment.
func pairs(gone []stored, come []zone.Record) []pair {
	olds := map[group][]stored{}
	for _, g := range gone {
		if !g.Opaque {
			k := groupOf(g.Record)
			olds[k] = append(olds[k], g)
		}
	}
	var order []group
	news := map[group][]zone.Record{}
	for _, c := range come {
		k := groupOf(c)
		if news[k] == nil {
			order = append(order, k)
		}
		news[k] = append(news[k], c)
	}
	var out []pair
	for _, k := range order {
		out = append(out, match(olds[k], news[k])...)
	}
	return out
}

// maxMatches bounds how many pairs of a group are compared. In a larger one,
// where nobody could tell, what is not of the same data is paired as it comes.
const maxMatches = 100_000

// match pairs the records of one group.
func match(olds []stored, news []zone.Record) (out []pair) {
	at := map[string][]int{} // of olds, by what they say
	for i, o := range olds {
		at[o.Text()] = append(at[o.Text()], i)
	}
	taken, placed := make([]bool, len(olds)), make([]bool, len(news))
	take := func(i, j int) {
		if !taken[i] && !placed[j] {
			taken[i], placed[j] = true, true
			out = append(out, pair{olds[i], news[j]})
		}
	}
	for j, n := range news {
		for _, i := range at[n.Text()] {
			take(i, j)
		}
	}
	if len(olds)*len(news) > maxMatches {
		i := 0
		for j := range news {
			for i < len(olds) && taken[i] {
				i++
			}
			if i < len(olds) {
				take(i, j)
			}
		}
		return out
	}
	type likeness struct{ score, old, new int }
	var all []likeness
	for i, o := range olds {
		for j, n := range news {
			if !taken[i] && !placed[j] {
				all = append(all, likeness{alike(o.Record, n), i, j})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b likeness) int { return cmp.Compare(b.score, a.score) })
	for _, l := range all {
		take(l.old, l.new)
	}
	return out
}

// sameTarget is more than data can have in common otherwise.
const sameTarget = 1 << 29

// alike is how much two records of one group have in common.
func alike(a, b zone.Record) int {
	if x, ok := a.Target(); ok {
		if y, _ := b.Target(); x == y {
			return sameTarget
		}
	}
	n := 0
	for n < min(len(a.Data), len(b.Data)) && a.Data[n] == b.Data[n] {
		n++
	}
	return n
}

package zone

import (
	"cmp"
	"slices"
	"strings"
)

// SortByName is items in the order of their names, as [Compare] has it, and of
// tie where they have one; what is equal stays in its order. Items that are in
// order already are returned as they are. Every name must be canonical, so that no octet of a
// label is below the separator. It compares keys made once, which takes a
// quarter of the time that sorting by Compare does.
func SortByName[T any](items []T, name func(T) Name, tie func(a, b T) int) []T {
	type key struct {
		name  string // labels from the right
		index int
	}
	size := 0
	for _, item := range items {
		size += len(name(item))
	}
	var arena strings.Builder
	arena.Grow(size)
	keys, ends := make([]key, len(items)), make([]int, len(items))
	for i, item := range items {
		n := name(item)
		start, rest := arena.Len(), string(n)
		for rest != "" && n != Root {
			label := rest
			if j := strings.LastIndexByte(rest, '.'); j >= 0 {
				label, rest = rest[j+1:], rest[:j]
			} else {
				rest = ""
			}
			if arena.Len() > start {
				arena.WriteByte(0)
			}
			arena.WriteString(label)
		}
		ends[i] = arena.Len()
	}
	all, start := arena.String(), 0
	for i, end := range ends {
		keys[i], start = key{all[start:end], i}, end
	}
	order := func(a, b key) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return cmp.Or(tie(items[a.index], items[b.index]), cmp.Compare(a.index, b.index))
	}
	if slices.IsSortedFunc(keys, order) {
		return items
	}
	slices.SortFunc(keys, order)
	out := make([]T, len(items))
	for i, k := range keys {
		out[i] = items[k.index]
	}
	return out
}

package spf

import "net/netip"

// cover finds among many terms the first that matches all that another one
// matches, as far as the terms themselves tell. Qualifiers do not count. Its
// cost does not grow with the number of terms: a record of 64 KB has thousands,
// and each is compared with each.
type cover struct {
	keys     map[string]int // the index under which a term was added last
	networks map[span]int
	lengths  [129]bool // prefix lengths in networks
}

// span is the addresses of an ip4 or ip6.
type span struct {
	kind   Kind
	prefix netip.Prefix
}

func (c *cover) add(i int, t *item) {
	if c.keys == nil {
		c.keys, c.networks = map[string]int{}, map[span]int{}
	}
	if !isNetwork(t.Term) {
		c.keys[t.key] = i
		return
	}
	c.networks[span{t.Kind, t.Prefix}] = i
	c.lengths[t.Prefix.Bits()] = true
}

// of returns the lowest index of a term that covers t.
func (c *cover) of(t *item) (i int, ok bool) {
	if !isNetwork(t.Term) {
		i, ok = c.keys[t.key]
		return i, ok
	}
	for bits := range t.Prefix.Bits() + 1 {
		if !c.lengths[bits] {
			continue
		}
		wide := netip.PrefixFrom(t.Prefix.Addr(), bits).Masked()
		if j, found := c.networks[span{t.Kind, wide}]; found && (!ok || j < i) {
			i, ok = j, true
		}
	}
	return i, ok
}

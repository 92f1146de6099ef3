package verifytest

import (
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// cache is what one resolver remembers.
type cache struct {
	kept    map[key]entry
	denials []denial
}

// key is what an entry is about. Type "" is a name that does not exist, for
// all types.
type key struct {
	name      zone.Name
	typ       string
	unchecked bool // heard for a question with CD, from a zone whose signatures do not hold
}

// entry is one answer as it was heard.
type entry struct {
	rcode   int
	records []zone.Record
	beside  []dns.RR // the SOA record of a denial
	proof   []dns.RR // its NSEC record
	expires time.Time
	secure  bool
	reason  []uint16
}

func (e entry) failed() bool { return e.rcode == dns.RcodeServerFailure }

// ttl is how long the entry still holds, in whole seconds rounded down.
func (e entry) ttl(now time.Time) uint32 {
	return uint32(max(e.expires.Sub(now), 0) / time.Second)
}

// find is what the cache says of a name and type; live says that it still
// holds.
func (c *cache) find(name zone.Name, typ string, unchecked bool, now time.Time) (e entry, live, ok bool) {
	for _, cd := range []bool{true, false} {
		if cd && !unchecked {
			continue
		}
		for _, t := range []string{typ, "CNAME", ""} {
			got, has := c.kept[key{name, t, cd}]
			if !has || unchecked && got.failed() {
				continue
			}
			if now.Before(got.expires) {
				return got, true, true
			}
			if !ok && !got.failed() {
				e, ok = got, true
			}
		}
	}
	return e, false, ok
}

func (c *cache) keep(name zone.Name, typ string, unchecked bool, e entry) {
	switch {
	case e.rcode == dns.RcodeNameError:
		typ = ""
	case len(e.records) > 0:
		typ = e.records[0].Type
	}
	for _, t := range []string{typ, "CNAME", ""} { // what is news ends what was known
		delete(c.kept, key{name, t, unchecked})
	}
	c.kept[key{name, typ, unchecked}] = e
}

// deny is what a kept NSEC record says of a name that was never asked for
// (RFC 8198 section 5.1).
func (c *cache) deny(name zone.Name, typ string, now time.Time) (entry, bool) {
	for _, d := range c.denials {
		if now.Before(d.entry.expires) && d.covers(name, typ) {
			return d.entry, true
		}
	}
	return entry{}, false
}

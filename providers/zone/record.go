package zone

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Record is one record as its host stores it. a == b means nothing to do.
//
// Build one with [New] or through [NewSnapshot], which write Data in the one
// canonical form; a Record written by hand may differ from an equal one.
type Record struct {
	Name   Name   `json:"name"`             // absolute owner name
	Type   string `json:"type"`             // "TXT", "TYPE65400", or a host's own occupant of an owner: "ALIAS", "REDIRECT"
	TTL    uint32 `json:"ttl"`              // seconds
	Data   string `json:"data"`             // canonical presentation rdata, ASCII with \DDD; TXT as quoted strings with their own borders
	Opaque bool   `json:"opaque,omitempty"` // the host's own text: never edited or compared as rdata, written back as it is
	Meta   string `json:"meta,omitempty"`   // sorted key=value pairs the host wants back ("proxied=true"); part of ==, not of SameData
}

// Key names an RRset: an owner and a type.
type Key struct {
	Name Name   `json:"name"`
	Type string `json:"type"`
}

// New makes a record with canonical type and data. Names inside data are
// absolute with or without a final dot. The error names owner, type and what
// is wrong with data.
func New(name Name, typ string, ttl uint32, data string) (Record, error) {
	typ = CanonicalType(typ)
	canon, err := Canonical(typ, data)
	if err != nil {
		return Record{}, fmt.Errorf("zone: %s %s: %w", name.FQDN(), typ, err)
	}
	return Record{Name: name, Type: typ, TTL: ttl, Data: canon}, nil
}

// NewTXT makes a TXT record of value, split into strings of at most 255
// octets.
func NewTXT(name Name, ttl uint32, value string) Record {
	return Record{Name: name, Type: "TXT", TTL: ttl, Data: QuoteText(value)}
}

// NewAddress makes an A or AAAA record, as addr is.
func NewAddress(name Name, ttl uint32, addr netip.Addr) Record {
	typ := "A"
	if addr.Is6() {
		typ = "AAAA"
	}
	return Record{Name: name, Type: typ, TTL: ttl, Data: addr.WithZone("").String()}
}

// Key is the RRset the record belongs to.
func (r Record) Key() Key { return Key{r.Name, r.Type} }

// Proxied reports whether Meta says proxied=true: the host answers with
// addresses of its own in place of Data, so that DNS does not show it.
func (r Record) Proxied() bool {
	return r.Meta != "" && slices.Contains(strings.Fields(r.Meta), "proxied=true")
}

// SameData reports whether both records say the same at the same owner. TTL
// and Meta do not count, and TXT is compared by its joined octets. Opaque data
// is the same as opaque data only.
func (r Record) SameData(o Record) bool {
	if r.Name != o.Name || r.Type != o.Type || r.Opaque != o.Opaque {
		return false
	}
	if r.Data == o.Data {
		return true
	}
	if !r.isText() || plainString(r.Data) && plainString(o.Data) {
		return false
	}
	return r.Text() == o.Text()
}

func (r Record) isText() bool { return (r.Type == "TXT" || r.Type == "SPF") && !r.Opaque }

// Text is the joined octets of a TXT record, and Data of any other.
func (r Record) Text() string {
	if !r.isText() {
		return r.Data
	}
	if plainString(r.Data) {
		return r.Data[1 : len(r.Data)-1]
	}
	strs, err := ParseStrings(r.Data)
	if err != nil {
		return r.Data
	}
	return strings.Join(strs, "")
}

// Target is the name a CNAME, NS, PTR, DNAME, ALIAS, MX or SRV record points
// at; ok is false for every other type and for opaque data.
func (r Record) Target() (n Name, ok bool) {
	if r.Opaque {
		return "", false
	}
	fields, target := 0, ""
	for target = range strings.FieldsSeq(r.Data) {
		fields++
	}
	switch r.Type {
	case "CNAME", "NS", "PTR", "DNAME", "ALIAS":
		ok = fields == 1
	case "MX":
		ok = fields == 2
	case "SRV":
		ok = fields == 4
	}
	if !ok {
		return "", false
	}
	n, err := ParseName(target)
	return n, err == nil
}

// Addr is the address of an A or AAAA record.
func (r Record) Addr() (netip.Addr, bool) {
	if r.Opaque || (r.Type != "A" && r.Type != "AAAA") {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(r.Data)
	return a, err == nil
}

// String is the record as a line of zone text. An opaque record prints its
// data as the host gave it.
func (r Record) String() string {
	return r.Name.FQDN() + " " + strconv.FormatUint(uint64(r.TTL), 10) + " " + r.Type + " " + r.Data
}

// compareRecords is the order of a Snapshot.
func compareRecords(a, b Record) int {
	if c := Compare(a.Name, b.Name); c != 0 {
		return c
	}
	return cmp.Or(
		strings.Compare(a.Type, b.Type),
		strings.Compare(a.Data, b.Data),
		cmp.Compare(a.TTL, b.TTL),
		strings.Compare(a.Meta, b.Meta),
		cmp.Compare(opacity(a), opacity(b)),
	)
}

func opacity(r Record) int {
	if r.Opaque {
		return 1
	}
	return 0
}

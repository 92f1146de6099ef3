//go:build unix

package verify_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// labRow is one fault that real servers show.
type labRow struct {
	name   string // the code, and which of its kinds
	zone   labZone
	view   func(l *lab) netip.AddrPort // the resolver that is asked; nil: none
	first  string                      // the value that stood there before; "": none
	plant  func(t *testing.T, l *lab, z labZone, token zone.Record)
	expect func(token zone.Record) verify.Expect // nil: the token
	want   verify.Verdict
	codes  []verify.Code // found, and nothing else that warns
	also   []verify.Code // may be found too
	// within is how soon after plant the look must be over to show what the
	// resolver keeps; a slower machine tries again with another name.
	within time.Duration
	after  func(t *testing.T, l *lab, token zone.Record, took time.Duration, r verify.Report)
}

func theUnbound(l *lab) netip.AddrPort { return l.unbound.at }
func theStale(l *lab) netip.AddrPort   { return l.stale.at }

// hear makes a resolver learn what DNS says now.
func hear(t *testing.T, at netip.AddrPort, token zone.Record) *dns.Msg {
	t.Helper()
	m, err := labAsk(at, token.Name.FQDN(), dns.StringToType[token.Type])
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// write puts the token and waits for both servers.
func write(t *testing.T, l *lab, z labZone, token zone.Record) {
	t.Helper()
	l.put(t, z, token)
	if slices.Contains(z.servers(), "ns2") && z.second == "" {
		l.follow(t, token)
	}
}

// hearFirst lets the resolver keep what there was before the token.
func hearFirst(view func(*lab) netip.AddrPort) func(*testing.T, *lab, labZone, zone.Record) {
	return func(t *testing.T, l *lab, z labZone, token zone.Record) {
		t.Helper()
		hear(t, view(l), token)
		write(t, l, z, token)
	}
}

// alias expects a CNAME in place of the token.
func alias(target string) func(zone.Record) verify.Expect {
	return func(token zone.Record) verify.Expect {
		apex := token.Name.Parent()
		return verify.Expect{Record: zone.Record{Name: "alias." + apex, Type: "CNAME", TTL: 60, Data: target + "." + apex.FQDN()}}
	}
}

func textAt(host, value string) func(zone.Record) verify.Expect {
	return func(token zone.Record) verify.Expect {
		return verify.Expect{Record: zone.NewTXT(zone.Name(host)+"."+token.Name.Parent(), 60, value)}
	}
}

var primaryOnly = []string{"ns1"}

// labRows are the rows that Knot, NSD and Unbound can produce.
func labRows() []labRow {
	big := ""
	for i := range 30 {
		big += fmt.Sprintf("big TXT %q\n", strings.Repeat("x", 60)+fmt.Sprint(i))
	}
	return []labRow{
		{name: "healthy", zone: labZone{name: "healthy"}, view: theUnbound, plant: write, want: verify.Propagated},
		{name: "healthy signed", zone: labZone{name: "signed", signed: true, anchored: "good"}, view: theUnbound, plant: write, want: verify.Propagated},
		{
			name: "NS_STALE", zone: labZone{name: "missing", second: labUntold}, view: theUnbound, plant: write,
			want: verify.Partial, codes: []verify.Code{verify.CodeStale},
		},
		{
			name: "NS_STALE old value", zone: labZone{name: "stale", second: labUntold, text: "_t TXT old\n"}, view: theUnbound, plant: write,
			want: verify.Partial, codes: []verify.Code{verify.CodeStale}, also: []verify.Code{verify.CodeValueWrong},
		},
		{
			name: "NS_DEAD", zone: labZone{name: "hangs", hosts: []string{"ns1", "dead"}}, plant: write,
			want: verify.Propagated, codes: []verify.Code{verify.CodeDead},
		},
		{
			name: "NS_LAME_REFUSED", zone: labZone{name: "lame", second: labNothing}, view: theUnbound, plant: write,
			want: verify.Propagated, codes: []verify.Code{verify.CodeLameRefused},
		},
		{
			name: "NS_LAME_SERVFAIL", zone: labZone{name: "nocopy", second: labNoCopy}, view: theUnbound, plant: write,
			want: verify.Propagated, codes: []verify.Code{verify.CodeLameServfail},
		},
		{
			name: "CNAME_LOOP", zone: labZone{name: "loop", text: "alias CNAME beta\nbeta CNAME alias\n"}, expect: alias("beta"),
			want: verify.Propagated, codes: []verify.Code{verify.CodeCNAMELoop},
		},
		{
			name: "CNAME_DANGLING", zone: labZone{name: "dangling", text: "alias CNAME nowhere\n"}, expect: alias("nowhere"),
			want: verify.Propagated, codes: []verify.Code{verify.CodeCNAMEDangling},
		},
		{
			name: "WILDCARD", zone: labZone{name: "wild", text: "* TXT everywhere\n"}, expect: textAt("_t1", "everywhere"),
			want: verify.Propagated, codes: []verify.Code{verify.CodeWildcard},
		},
		{
			name: "TC_OK", zone: labZone{name: "big", text: big}, view: theUnbound, expect: textAt("big", strings.Repeat("x", 60)+"7"),
			want: verify.Propagated, codes: []verify.Code{verify.CodeTCPNeeded}, also: []verify.Code{verify.CodeValueExtra},
		},
		{name: "NXDOMAIN", zone: labZone{name: "absent"}, want: verify.Absent, codes: []verify.Code{verify.CodeNXDomain}},
		{name: "NODATA", zone: labZone{name: "nodata", text: "_t1 A 192.0.2.1\n"}, want: verify.Absent, codes: []verify.Code{verify.CodeNoData}},
		{name: "EMPTY_NON_TERMINAL", zone: labZone{name: "ent", text: "below._t1 A 192.0.2.1\n"}, want: verify.Absent, codes: []verify.Code{verify.CodeEmpty}},
		{
			name: "NEG_CACHED", zone: labZone{name: "neg", hosts: primaryOnly, ttl: 2}, view: theUnbound,
			plant: hearFirst(theUnbound), within: 2 * time.Second,
			want: verify.Published, codes: []verify.Code{verify.CodeNegCached}, after: runsOut,
		},
		{
			name: "POS_CACHED_OLD", zone: labZone{name: "pos", hosts: primaryOnly, ttl: 60}, view: theUnbound, first: "old",
			plant: hearFirst(theUnbound), within: 4 * time.Second,
			want: verify.Published, codes: []verify.Code{verify.CodePosCached}, after: runsOut,
		},
		{
			name: "NSEC_SYNTH", zone: labZone{name: "synth", hosts: primaryOnly, signed: true, anchored: "good"}, view: theUnbound,
			plant: func(t *testing.T, l *lab, z labZone, token zone.Record) {
				t.Helper()
				// The denial of this name is one of the token's, too.
				hear(t, l.unbound.at, zone.NewTXT("_a"+token.Name, 60, ""))
				write(t, l, z, token)
			},
			within: time.Minute, want: verify.Published, codes: []verify.Code{verify.CodeNSECSynth},
		},
		{
			name: "DNSSEC_BOGUS", zone: labZone{name: "bogus", signed: true, anchored: "bad"}, view: theUnbound, plant: write,
			want: verify.DNSSECBroken, codes: []verify.Code{verify.CodeDNSSECBogus},
		},
		{
			name: "FAIL_CACHED", zone: labZone{name: "fails", relayed: true}, view: theUnbound,
			plant: func(t *testing.T, l *lab, z labZone, token zone.Record) {
				t.Helper()
				l.relays[z.name].setBroken(true)
				hear(t, l.unbound.at, token)
				write(t, l, z, token)
			},
			want: verify.Published, codes: []verify.Code{verify.CodeFailCached},
		},
		{
			name: "SERVE_STALE", zone: labZone{name: "expired", relayed: true}, view: theStale, first: "old",
			plant: func(t *testing.T, l *lab, z labZone, token zone.Record) {
				t.Helper()
				hear(t, l.stale.at, token)
				l.relays[z.name].setBroken(true)
				write(t, l, z, token)
				err := l.stale.until(token.Name.FQDN(), dns.TypeTXT, func(m *dns.Msg) bool { return explained(m, dns.ExtendedErrorCodeStaleAnswer) })
				if err != nil {
					t.Fatal(err)
				}
			},
			want: verify.Published, codes: []verify.Code{verify.CodeServeStale},
		},
		{
			name: "SPLIT_HORIZON", zone: labZone{name: "split", local: `"_t1.split.lab. 86400 IN TXT inside"`}, view: theUnbound, plant: write,
			want: verify.Published, codes: []verify.Code{verify.CodeSplitHorizon},
		},
		{
			name: "VIEW_TIMEOUT", zone: labZone{name: "mute"}, view: func(l *lab) netip.AddrPort { return l.silent }, plant: write,
			want: verify.Published, codes: []verify.Code{verify.CodeViewTimeout},
		},
	}
}

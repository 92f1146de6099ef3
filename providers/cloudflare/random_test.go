package cloudflare_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers/zone"
)

// kinds is the types that a random zone holds beside CNAME, with data for a
// number. Those of the first line are drawn the most.
var kinds = []struct {
	typ  string
	data func(n int) string
}{
	{"A", func(n int) string { return fmt.Sprintf("192.0.2.%d", n) }},
	{"TXT", func(n int) string { return texts[n%len(texts)] }},
	{"MX", func(n int) string { return fmt.Sprintf("%d mx%d.example.", n*10, n) }},
	{"AAAA", func(n int) string { return fmt.Sprintf("2001:db8::%d", n+1) }},
	{"SRV", func(n int) string { return fmt.Sprintf("%d %d 443 s%d.example.", n, n*2, n) }},
	{"CAA", func(n int) string { return fmt.Sprintf(`%d issue "ca%d.example; account=%d"`, n%2*128, n, n) }},
	{"HTTPS", func(n int) string { return fmt.Sprintf(`%d h%d.example. alpn="h2,h3" port="%d"`, n+1, n, 8000+n) }},
	{"SVCB", func(n int) string { return fmt.Sprintf(`%d . port="%d"`, n+1, 9000+n) }},
	{"TLSA", func(n int) string { return fmt.Sprintf("3 1 1 %064x", n) }},
	{"SMIMEA", func(n int) string { return fmt.Sprintf("3 0 1 %064x", n) }},
	{"SSHFP", func(n int) string { return fmt.Sprintf("4 2 %064x", n) }},
	{"NAPTR", func(n int) string { return fmt.Sprintf(`%d 10 "u" "E2U+sip" "!^.*$!sip:%d@example!" .`, n, n) }},
	{"URI", func(n int) string { return fmt.Sprintf(`%d 1 "https://u%d.example/a b"`, n, n) }},
	{"PTR", func(n int) string { return fmt.Sprintf("p%d.example.", n) }},
	{"DS", func(n int) string { return fmt.Sprintf("%d 13 2 %064x", n, n) }},
}

// texts is TXT data with all that may go wrong in it.
var texts = []string{
	`"v=spf1 include:mail.example -all"`,
	`"first" "" "third"`,
	zone.QuoteText(strings.Repeat("0123456789abcdef", 40)),
	`"say \"hi\" \\ to; them"`,
	`"\195\188\000\255 \009"`,
	`"  spaces  "`,
}

var owners = []string{"@", "www", "*", "*.w", "_dmarc", "a.b.c", "mail", "s1._domainkey"}

// kept is what Email Routing has put into every random zone.
var kept = []zone.Record{
	with(rec("cf2024-1._domainkey", "TXT", `"v=DKIM1; h=sha256; k=rsa; p=MIIB"`), "email_routing=true read_only=true ttl=auto"),
	with(rec("routed", "MX", "86 route1.mx.cloudflare.net"), "email_routing=true read_only=true ttl=auto"),
}

// randomMeta is what the host keeps beside a record, and the record's TTL.
func randomMeta(rt *rapid.T, r zone.Record, most int) zone.Record {
	var pairs []string
	switch rapid.IntRange(0, most).Draw(rt, "meta") {
	case 1:
		pairs = append(pairs, "comment="+url.QueryEscape("theirs; a=b \"ü\""))
	case 2:
		pairs = append(pairs, "comment=x", "tags=a%253Ab+c%253Ad+e")
	case 3:
		pairs = append(pairs, "ttl=auto")
	case 4:
		if r.Type == "A" || r.Type == "AAAA" || r.Type == "CNAME" {
			pairs = append(pairs, "proxied=true", "ttl=auto")
		}
	case 5:
		if r.Type == "CNAME" {
			pairs = append(pairs, "flatten_cname=true")
		}
	}
	return with(r, strings.Join(pairs, " "))
}

// randomOwner is the records at one name.
func randomOwner(rt *rapid.T, rel string, meta int) []zone.Record {
	if rapid.IntRange(0, 3).Draw(rt, "cname") == 0 && rel != "@" {
		return []zone.Record{randomMeta(rt, rec(rel, "CNAME", fmt.Sprintf("t%d.example", rapid.IntRange(0, 3).Draw(rt, "target"))), meta)}
	}
	var out []zone.Record
	for range rapid.IntRange(0, 3).Draw(rt, "types") {
		k := kinds[min(rapid.IntRange(0, len(kinds)-1).Draw(rt, "type"), rapid.IntRange(0, len(kinds)-1).Draw(rt, "type again"))]
		if slices.ContainsFunc(out, func(r zone.Record) bool { return r.Type == k.typ }) {
			continue
		}
		ttl := rapid.SampledFrom([]uint32{60, 300, 3600, 86400}).Draw(rt, "ttl")
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 1, 4, rapid.ID[int]).Draw(rt, "values") {
			r := rec(rel, k.typ, k.data(n))
			r.TTL = ttl
			out = append(out, randomMeta(rt, r, meta))
		}
	}
	return out
}

// randomChange keeps some records of an owner, changes the TTL of some, and
// brings others.
func randomChange(rt *rapid.T, rel string, at []zone.Record) []zone.Record {
	come := randomOwner(rt, rel, 1)
	cname := func(r zone.Record) bool { return r.Type == "CNAME" }
	if slices.ContainsFunc(at, cname) || slices.ContainsFunc(come, cname) {
		return come
	}
	for _, r := range at {
		if zone.Contains(come, r) || !rapid.Bool().Draw(rt, "keep") {
			continue
		}
		if rapid.IntRange(0, 4).Draw(rt, "other ttl") == 0 && r.Meta == "" {
			r.TTL = 7200
		}
		come = append(come, r)
	}
	return come
}

// randomPlan is a zone and changes at some of its owners.
func randomPlan(rt *rapid.T) (zone.Snapshot, []zone.Change) {
	before := slices.Clone(kept)
	after := slices.Clone(kept)
	for _, rel := range owners {
		at := randomOwner(rt, rel, 5)
		before = append(before, at...)
		if rapid.Bool().Draw(rt, "change") {
			at = randomChange(rt, rel, at)
		}
		after = append(after, at...)
	}
	start := zone.NewSnapshot(apex, before)
	changes := zone.Diff(start, zone.NewSnapshot(apex, after))
	for i, c := range changes {
		if slices.ContainsFunc(slices.Concat(c.Add, c.Remove), func(r zone.Record) bool { return r.Type == "CNAME" }) {
			changes[i].Absent = []string{zone.AnyType}
		}
	}
	return start, rapid.Permutation(changes).Draw(rt, "order")
}

package spf_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"testing"

	"github.com/mooring-dns/mooring/spf"
)

// governmentRecords are the SPF records of the Ministry of Justice's zones,
// which lie with the package that reads the other mail records there.
func governmentRecords(t testing.TB) (records []string) {
	data, err := os.ReadFile("../dkim/testdata/moj-mail-records.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Records []struct{ Values []any }
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for _, r := range file.Records {
		for _, v := range r.Values {
			if txt, ok := v.(string); ok && spf.IsRecord(txt) {
				records = append(records, txt)
			}
		}
	}
	return records
}

// empty has a record that passes nobody at each name, and nothing else.
type empty struct{}

func (empty) Lookup(_ context.Context, q spf.Question) spf.Answer {
	if q.Type == "TXT" {
		return found("v=spf1 -all")
	}
	return spf.Answer{Status: spf.NoData}
}

// edges returns the addresses at which a network begins and ends, and those
// beside it.
func edges(n netip.Prefix) []netip.Addr {
	first := n.Addr()
	raw := first.AsSlice()
	for i := n.Bits(); i < 8*len(raw); i++ {
		raw[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(raw)
	out := []netip.Addr{first, last}
	for _, beside := range []netip.Addr{first.Prev(), last.Next()} {
		if beside.IsValid() {
			out = append(out, beside)
		}
	}
	return out
}

// Records that people published mean the same once they are tidied and their
// networks are joined, at the edges of every network in them.
func TestTidyPublishedRecords(t *testing.T) {
	government := governmentRecords(t)
	if len(government) != 382 {
		t.Errorf("%d records of the corpus, want 382", len(government))
	}
	records, changed, probes := map[string]bool{}, 0, 0
	for _, text := range append(publishedRecords(t), government...) {
		rec, err := spf.Parse(text)
		if err != nil || records[text] {
			continue
		}
		records[text] = true
		q := spf.ShrinkRequest{Domain: home, Record: rec, Choices: []spf.Choice{{Code: spf.RemedyTidy}, {Code: spf.RemedyCollapse}}, Known: spf.Answers{}}
		var s spf.Shrunk
		for range 200 {
			if s, err = spf.Shrink(q); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			for _, ask := range s.Questions {
				q.Known[ask] = empty{}.Lookup(t.Context(), ask)
			}
			if len(s.Questions) == 0 {
				break
			}
		}
		if !s.Changed {
			continue
		}
		changed++
		outcome := func(record string, ip netip.Addr) spf.Outcome {
			c := spf.Checker{Resolver: at{home, record}, MaxLookups: 100, MaxVoids: 100}
			return c.CheckHost(t.Context(), ip, home, "user@"+home, "mail."+home).Outcome
		}
		for _, term := range rec.Terms {
			if !term.Prefix.IsValid() {
				continue
			}
			for _, ip := range edges(term.Prefix) {
				probes++
				if before, after := outcome(text, ip), outcome(s.Record, ip); before != after {
					t.Fatalf("%v: %s before, %s after\nbefore %q\nafter  %q", ip, before, after, text, s.Record)
				}
			}
		}
	}
	t.Logf("%d records, %d of them made smaller, %d addresses", len(records), changed, probes)
	if changed < 10 || probes < 100 {
		t.Errorf("%d records changed, %d addresses: too few to say much", changed, probes)
	}
}

// at is empty but for a record at one name.
type at struct{ name, record string }

func (a at) Lookup(ctx context.Context, q spf.Question) spf.Answer {
	if q == (spf.Question{Name: a.name, Type: "TXT"}) {
		return found(a.record)
	}
	return empty{}.Lookup(ctx, q)
}

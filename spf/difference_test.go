package spf_test

import (
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/spf/internal/lawtest"
)

// differ says how Parse and the grammar differ over txt, or "".
func (g grammar) differ(txt string) string {
	want, bad, ambiguous := g.read(txt)
	if ambiguous {
		return "the grammar reads the last term in two ways: " + want[len(want)-1].Text
	}
	r, err := spf.Parse(txt)
	var e *spf.Error
	switch {
	case err == nil && bad >= 0:
		return "accepted, the grammar refuses at " + strconv.Itoa(bad)
	case err == nil:
		return cmp.Diff(want, r.Terms, cmp.Comparer(func(a, b spf.Term) bool { return a == b }), cmpopts.EquateEmpty())
	case !errors.As(err, &e):
		return "an error that is no *spf.Error"
	case bad < 0:
		return "refused, the grammar accepts: " + err.Error()
	case e.Code != spf.ErrSyntax || e.Offset != bad || e.Record != txt:
		return "the grammar refuses at " + strconv.Itoa(bad) + ": " + err.Error()
	}
	return ""
}

// Parse and the grammar of the RFC agree on records that real ones and those
// of the suites are turned into by mistakes.
func TestParseIsTheGrammar(t *testing.T) {
	seed, tries := lawtest.Seed(t), lawtest.Times(300_000, 3000)
	m := mistakes{Rand: rand.New(rand.NewPCG(seed, 7208)), records: publishedRecords(t)}
	g := newGrammar()
	for _, txt := range m.records {
		if d := g.differ(txt); d != "" {
			t.Errorf("%q: %s", txt, d)
		}
	}
	var accepted, refused int
	for range tries {
		txt := m.record()
		if d := g.differ(txt); d != "" {
			t.Fatalf("%q: %s", txt, d)
		}
		if _, err := spf.Parse(txt); err == nil {
			accepted++
		} else {
			refused++
		}
	}
	if accepted < tries/10 || refused < tries/10 {
		t.Errorf("%d accepted and %d refused: the test says little about one of them", accepted, refused)
	}
}

// publishedRecords are all the strings of the test data that look like records.
func publishedRecords(t testing.TB) []string {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var records []string
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case string:
			if spf.IsRecord(v) {
				records = append(records, v)
			}
		case []any:
			for _, e := range v {
				collect(e)
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				collect(v[name])
			}
		}
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		collect(v)
	}
	return records
}

// mistakes makes records that are nearly right.
type mistakes struct {
	*rand.Rand
	records []string
}

func (m mistakes) pick(texts ...string) string { return texts[m.IntN(len(texts))] }

func (m mistakes) record() string {
	b := strings.Builder{}
	b.WriteString(m.pick("v=spf1", "V=SPF1", "v=SpF1"))
	for range m.IntN(5) {
		b.WriteString(strings.Repeat(" ", 1+m.IntN(8)/7))
		term := m.term()
		for m.IntN(3) == 0 {
			term = m.spoil(term)
		}
		b.WriteString(term)
	}
	b.WriteString(m.pick("", "", "", " ", "  "))
	return b.String()
}

func (m mistakes) term() string {
	if m.IntN(3) == 0 {
		words := strings.Fields(m.records[m.IntN(len(m.records))])
		return words[m.IntN(len(words))]
	}
	term := m.pick("", "", "", "+", "-", "~", "?") + m.name()
	switch m.IntN(5) {
	case 0:
		return term
	case 1:
		return term + m.lengths()
	}
	return term + m.pick(":", ":", ":", "=") + m.argument() + m.lengths()
}

func (m mistakes) name() string {
	name := m.pick("all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists", "redirect", "exp", "moo", "x-y_z.1")
	if m.IntN(8) == 0 {
		return strings.ToUpper(name)
	}
	return name
}

func (m mistakes) lengths() string {
	return m.pick("", "", "", "/"+m.number(40), "//"+m.number(140), "/"+m.number(40)+"//"+m.number(140))
}

func (m mistakes) number(below int) string { return strconv.Itoa(m.IntN(below)) }

func (m mistakes) argument() string {
	switch m.IntN(4) {
	case 0:
		return m.number(260) + "." + m.number(260) + "." + m.number(260) + "." + m.number(260)
	case 1:
		var b strings.Builder
		for range 1 + m.IntN(9) {
			b.WriteString(m.pick("0", "1", "2001", "dB8", "ffff", "") + m.pick(":", ":", ":", ":", "::"))
		}
		return b.String() + m.pick("", "1", "192.0.2.1")
	}
	var b strings.Builder
	for range 1 + m.IntN(4) {
		b.WriteString(m.pick("mail", "example", "Example", "com", "a-b", "1", "12", "x1", "_spf", "%{d}", "%{i}", "%{L1R.-}",
			"%{o02}", "%{v}", "%{c}", "%%", "%_", "%-", "x/y", "x:y", "-", "") + m.pick(".", ".", ".", "."))
	}
	return strings.TrimSuffix(b.String(), m.pick("", ".", ".", "."))
}

// spoil changes one octet of s, preferring those that mean something.
func (m mistakes) spoil(s string) string {
	const octets = ":/=.%{}-_+~?,rRdD0123459 \t\x00\x1a\x7f\xffaAzZ[@`"
	c := string(octets[m.IntN(len(octets))])
	i := m.IntN(len(s) + 1)
	switch j := min(i+1, len(s)); m.IntN(4) {
	case 0:
		return s[:i] + s[j:]
	case 1:
		return s[:i] + c + s[j:]
	case 2:
		return s[:j] + s[i:]
	}
	return s[:i] + c + s[i:]
}

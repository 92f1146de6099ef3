package spf

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// foe is a resolver that answers what it likes, and counts.
type foe struct {
	answer func(q Question) Answer
	asked  map[string]int // by type
	wrong  []string       // names that no resolver should be asked for
}

func (f *foe) Lookup(_ context.Context, q Question) Answer {
	if f.asked == nil {
		f.asked = map[string]int{}
	}
	f.asked[q.Type]++
	if name, ok := askable(q.Name); !ok || name != q.Name {
		f.wrong = append(f.wrong, q.String())
	}
	return f.answer(q)
}

// check holds the resolver to what CheckHost promises of its questions.
func (f *foe) check(t *testing.T) {
	t.Helper()
	if len(f.wrong) > 0 {
		t.Errorf("asked for %.300q", f.wrong)
	}
	addresses := f.asked["A"] + f.asked["AAAA"]
	if f.asked["TXT"] > 1+LookupLimit+1 || f.asked["MX"] > LookupLimit || f.asked["PTR"] > 1 || addresses > LookupLimit*maxMX+maxNames {
		t.Errorf("asked too much: %v", f.asked)
	}
}

func found(values ...string) Answer { return Answer{Status: Found, Values: values} }

// only answers TXT questions, and says that nothing else exists.
func only(txt func(name string) Answer) func(Question) Answer {
	return func(q Question) Answer {
		if q.Type == "TXT" {
			return txt(q.Name)
		}
		return Answer{Status: NXDomain}
	}
}

func TestHostileDNS(t *testing.T) {
	const most = 1<<16 - 1 // octets of a record
	fill := func(text, part string) string { return text + strings.Repeat(part, (most-len(text))/len(part)) }
	many := func(n int, value string) []string { return slices.Repeat([]string{value}, n) }
	everywhere := func(values ...string) func(Question) Answer {
		return only(func(string) Answer { return found(values...) })
	}
	huge := strings.Repeat("a.", 1<<15) + "example"
	for name, c := range map[string]struct {
		answer func(q Question) Answer
		want   Outcome
		code   Code
	}{
		"record of a megabyte":      {everywhere("v=spf1 " + strings.Repeat("a ", 1<<19) + "+all"), PermError, ErrSyntax},
		"text of a megabyte beside": {everywhere(strings.Repeat("v", 1<<20), "v=spf1 +all"), Pass, ""},
		"term of 64 KB":             {everywhere(fill("v=spf1 ", "x")), PermError, ErrSyntax},
		"macro of 64 KB":            {everywhere(fill("v=spf1 exists:%{d", "1")), PermError, ErrSyntax},
		"percent signs":             {everywhere(fill("v=spf1 exists:", "%{")), PermError, ErrSyntax},
		"spaces":                    {everywhere(fill("v=spf1", " ")), Neutral, ""},
		"networks":                  {everywhere(fill("v=spf1", " ip4:1.2.3.4")), Neutral, ""},
		"terms that find nothing":   {everywhere(fill("v=spf1", " a")), PermError, ErrTooManyVoids},
		"modifiers":                 {everywhere(fill("v=spf1", " a=b")), Neutral, ""},
		"ten thousand texts":        {everywhere(append(many(10_000, "text"), "v=spf1 +all")...), Pass, ""},
		"ten thousand records":      {everywhere(many(10_000, "v=spf1 +all")...), PermError, ErrMultipleRecords},
		"includes itself":           {everywhere("v=spf1 include:%{d} +all"), PermError, ErrTooManyLookups},
		"redirects to itself":       {everywhere("v=spf1 redirect=%{d}"), PermError, ErrTooManyLookups},
		"redirects for ever":        {everywhere("v=spf1 redirect=a.%{d}"), PermError, ErrTooManyLookups},
		"includes without end":      {everywhere(fill("v=spf1", " include:a.%{d} include:b.%{d}")), PermError, ErrTooManyLookups},
		"names without end":         {everywhere(fill("v=spf1 include:", "a.") + "example"), PermError, ErrSyntax},
		"long name":                 {everywhere("v=spf1 include:" + strings.Repeat("a.", 30_000) + "example"), PermError, ErrTooManyLookups},
		"long sender, many times":   {everywhere(fill("v=spf1 include:", "%{Sr-=}")), PermError, ErrTooManyLookups},
		"nothing of it, many times": {everywhere(fill("v=spf1 include:", "%{l1}")), PermError, ErrNoRecord},
		"names of the client, many": {everywhere(fill("v=spf1 include:", "%{P}")), PermError, ErrNoRecord},
		"long explanation":          {everywhere("v=spf1 -all exp=%{d}"), Fail, ""},
		"explanation that grows": {only(func(name string) Answer {
			return found(map[bool]string{true: fill("", "%{s}"), false: "v=spf1 -all exp=e.%{d}"}[name[0] == 'e'])
		}), Fail, ""},
		"status that nobody knows":       {func(Question) Answer { return Answer{Status: 99, Values: []string{"v=spf1 +all"}} }, TempError, ErrNoAnswer},
		"found, but nothing":             {func(Question) Answer { return Answer{Status: Found} }, None, ErrNoRecord},
		"values that were not found":     {func(Question) Answer { return Answer{Status: NXDomain, Values: []string{"v=spf1 +all"}} }, None, ErrNoRecord},
		"a hundred thousand exchangers":  {kinds("v=spf1 mx +all", map[string][]string{"MX": many(100_000, "m.example")}), PermError, ErrTooManyMX},
		"a hundred thousand addresses":   {kinds("v=spf1 mx a -all", map[string][]string{"MX": many(10, "m.example"), "A": many(100_000, "1.2.3.4")}), Fail, ""},
		"addresses that are none":        {kinds("v=spf1 a a/0 -all", map[string][]string{"A": {"", "x", "::", "1.2.3.4.5", "192.0.2.9%e", huge}}), Fail, ""},
		"a hundred thousand host names":  {kinds("v=spf1 ptr -all", map[string][]string{"PTR": many(100_000, "h.example"), "A": {"192.0.2.9"}}), Fail, ""},
		"exchangers with long names":     {kinds("v=spf1 mx -all", map[string][]string{"MX": {huge, strings.Repeat("a", 1<<16), ".", "", "\x00", "\xff.example"}}), Fail, ""},
		"host names with long names":     {kinds("v=spf1 exists:%{p}.x.example -all", map[string][]string{"PTR": {huge, ".", ""}, "A": {"192.0.2.9"}}), Pass, ""},
		"mail exchangers in every terms": {kinds(fill("v=spf1", " mx"), map[string][]string{"MX": many(10, "m.example"), "A": {"1.2.3.4"}}), PermError, ErrTooManyLookups},
	} {
		t.Run(name, func(t *testing.T) {
			f := &foe{answer: c.answer}
			sender := strings.Repeat("a-b=c.", 80) + "@sender.example"
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := Checker{Resolver: f}.CheckHost(t.Context(), netip.MustParseAddr("192.0.2.9"), "domain.example", sender, "helo.example")
			runtime.ReadMemStats(&after)
			if got.Outcome != c.want || c.code != "" && !errors.Is(got.Err, c.code) {
				t.Errorf("got %s (%.200v), want %s, %q", got.Outcome, got.Err, c.want, c.code)
			}
			f.check(t)
			if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
				t.Errorf("%d octets allocated", n)
			}
			if n := len(got.Explanation); n > maxExplanation {
				t.Errorf("explanation of %d octets", n)
			}
		})
	}
}

// kinds answers every question of a type alike, and those for a type that is
// not in values with no such name.
func kinds(record string, values map[string][]string) func(Question) Answer {
	return func(q Question) Answer {
		if q.Type == "TXT" {
			return found(record)
		}
		if v, ok := values[q.Type]; ok {
			return found(v...)
		}
		return Answer{Status: NXDomain}
	}
}

// patient answers when ctx ends.
type patient struct{ until Question }

func (p patient) Lookup(ctx context.Context, q Question) Answer {
	if q != p.until {
		return found("v=spf1 include:" + p.until.Name + " -all")
	}
	<-ctx.Done()
	return Answer{Status: NXDomain} // which nobody may believe
}

func TestSlowDNS(t *testing.T) {
	for _, name := range []string{"domain.example", "below.example"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				c := Checker{Resolver: patient{until: Question{Name: name, Type: "TXT"}}}
				began := time.Now()
				got := c.CheckHost(ctx, netip.MustParseAddr("192.0.2.9"), "domain.example", "", "")
				if got.Outcome != TempError || !errors.Is(got.Err, context.DeadlineExceeded) || time.Since(began) != 20*time.Second {
					t.Errorf("got %+v after %v", got, time.Since(began))
				}
			})
		})
	}
}

// The end of ctx while the names of a client are looked up is not taken for a
// client without names.
func TestSlowPTR(t *testing.T) {
	for _, kind := range []string{"PTR", "A"} {
		t.Run(kind, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			answers := kinds("v=spf1 ptr ip4:192.0.2.9 -all", map[string][]string{"PTR": {"h.example"}})
			f := &foe{answer: func(q Question) Answer {
				if q.Type == kind {
					cancel()
				}
				return answers(q)
			}}
			got := Checker{Resolver: f}.CheckHost(ctx, netip.MustParseAddr("192.0.2.9"), "domain.example", "", "")
			if got.Outcome != TempError || !errors.Is(got.Err, context.Canceled) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// drawn answers every question from a list of texts; which ones, the question
// itself decides.
func drawn(texts []string) func(Question) Answer {
	return func(q Question) Answer {
		h := fnv.New32a()
		fmt.Fprint(h, q.Type, q.Name)
		n := h.Sum32()
		switch n % 16 {
		case 0:
			return Answer{}
		case 1:
			return Answer{Status: NoData}
		case 2:
			return Answer{Status: NXDomain}
		case 3:
			return found(texts...)
		}
		return found(texts[int(n/16)%len(texts)])
	}
}

func FuzzCheckHost(f *testing.F) {
	for _, seed := range []string{
		"v=spf1 a mx ptr include:x.example exists:%{i}.y.example redirect=z.example\n192.0.2.9\nm.example",
		"v=spf1 -all exp=%{d2}.e.example\nsent by %{s} from %{c} at %{t} to %{r}\n%%%_%-",
		"v=spf1 include:%{ir}.%{v}._spf.%{d2} ?exists:%{l1r+-}.%{o}.q.example -all\nv=spf1 ~all",
		"v=spf1 ptr:%{p} a:%{p}.example//64 mx/24//0 +all\n2001:db8::9\nh.domain.example",
	} {
		f.Add(seed, []byte{192, 0, 2, 9}, "me@sender.example", "helo.example")
		f.Add(seed, netip.MustParseAddr("2001:db8::9").AsSlice(), "", "helo.example")
	}
	f.Fuzz(func(t *testing.T, zone string, address []byte, sender, helo string) {
		ip, ok := netip.AddrFromSlice(address)
		if !ok {
			ip = netip.MustParseAddr("192.0.2.9")
		}
		resolver := &foe{answer: drawn(strings.Split(zone, "\n"))}
		c := Checker{Resolver: resolver, Explanation: "no", Now: func() time.Time { return time.Unix(1, 0) }}
		got := c.CheckHost(t.Context(), ip, "domain.example", sender, helo)
		resolver.check(t)
		decided := slices.Contains([]Outcome{Neutral, Pass, Fail, SoftFail}, got.Outcome)
		if !decided && !slices.Contains([]Outcome{None, TempError, PermError}, got.Outcome) {
			t.Errorf("outcome %q", got.Outcome)
		}
		if decided != (got.Err == nil) {
			t.Errorf("%s with error %v", got.Outcome, got.Err)
		}
		if got.Outcome != PermError && (got.Lookups > LookupLimit || got.Voids > VoidLimit) {
			t.Errorf("%s beyond the limits: %+v", got.Outcome, got)
		}
		if got.Outcome != Fail && got.Explanation != "" || !visible(got.Explanation) {
			t.Errorf("%s with explanation %q", got.Outcome, got.Explanation)
		}
		again := c.CheckHost(t.Context(), ip, "domain.example", sender, helo)
		if fmt.Sprint(again) != fmt.Sprint(got) {
			t.Errorf("first %v, then %v", got, again)
		}
	})
}

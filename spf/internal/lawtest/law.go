package lawtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/spf"
)

// Trial is a case of which it is known what each of its records does alone.
type Trial struct {
	Case
	judge    Judge
	messages []Message
	owners   [][]string // outcomes by owner and message
	required [][]string
	silent   []bool // by message: some record evaluates with an error, and the laws say nothing
}

// Try evaluates the records of the case.
func (c Case) Try(judge Judge) *Trial {
	t := &Trial{Case: c, judge: judge, messages: Messages()}
	t.silent = make([]bool, len(t.messages))
	for _, text := range c.Owners {
		t.owners = append(t.owners, t.outcomes(text, nil))
	}
	for _, text := range c.Required {
		t.required = append(t.required, t.outcomes(text, nil))
	}
	for i := range t.messages {
		for _, outcomes := range append(t.owners, t.required...) {
			t.silent[i] = t.silent[i] || rank(outcomes[i]) < 0
		}
	}
	return t
}

// outcomes evaluates text at Domain, with extra published.
func (t *Trial) outcomes(text string, extra []spf.NamedTXT) []string {
	zone := t.Zone
	if len(extra) > 0 {
		zone = maps.Clone(zone)
	}
	for _, x := range append(slices.Clip(extra), spf.NamedTXT{Name: Domain, Text: text}) {
		q := spf.Question{Name: x.Name, Type: "TXT"}
		zone[q] = spf.Answer{Status: spf.Found, Values: append(slices.Clip(zone[q].Values), x.Text)}
	}
	defer delete(t.Zone, spf.Question{Name: Domain, Type: "TXT"})
	var all []string
	for _, m := range t.messages {
		all = append(all, t.judge(zone, Domain, m))
	}
	return all
}

// Score holds a merge to U and N. U: what passes is what passes some record of
// the case. N: nobody fares worse than with the owner's record, unless the
// request is for an all of its own.
func (t *Trial) Score(m spf.Merged) Score {
	s := Score{Messages: len(t.messages)}
	merged := t.outcomes(m.Record, m.Extra)
	n := len(t.owners) == 1 && (t.Request.All == spf.Weaker || t.Request.All == spf.Keep)
	for i, message := range t.messages {
		if t.silent[i] || merged[i] == Limit {
			continue
		}
		s.Judged++
		want, outcomes := false, ""
		for _, by := range append(t.owners, t.required...) {
			want = want || by[i] == "pass"
			outcomes += by[i] + " "
		}
		what := &s.Broken
		switch pass := merged[i] == "pass"; {
		case rank(merged[i]) < 0:
			if want {
				what = &s.Lost
			}
		case want && !pass:
			what = &s.Lost
		case pass && !want:
			what = &s.Gained
		case n && rank(merged[i]) < rank(t.owners[0][i]):
			what = &s.Harsher
		default:
			continue
		}
		s.breach(what, "%v %s: alone %smerged %s\n%s\nmerged   %q\nextra    %q",
			message.IP, message.Sender, outcomes, merged[i], t, m.Record, m.Extra)
	}
	return s
}

// Laws merges and holds the merge to all of the laws. The score is that of U
// and N; the error is of the others, and of a merge that is refused.
func (t *Trial) Laws() (Score, error) {
	m, err := spf.Merge(t.Request)
	if err != nil {
		return Score{}, fmt.Errorf("%s\nrefused: %w", t, err)
	}
	for _, law := range []func(spf.Merged) error{t.twice, t.satisfied, t.back, t.order} {
		if err := law(m); err != nil {
			return Score{}, fmt.Errorf("%s\nmerged   %q\n%w", t, m.Record, err)
		}
	}
	return t.Score(m), nil
}

// twice is law I: what is there is not added again.
func (t *Trial) twice(m spf.Merged) error {
	q := t.Request
	q.Existing = []string{m.Record}
	again, err := spf.Merge(q)
	if err != nil || again.Record != m.Record || again.Changed {
		return fmt.Errorf("again    %q, changed %v, %w", again.Record, again.Changed, err)
	}
	return nil
}

func (t *Trial) satisfied(m spf.Merged) error {
	for _, text := range t.Request.Required {
		if !spf.Satisfies(Domain, m.Record, text) {
			return fmt.Errorf("does not satisfy %q", text)
		}
	}
	return nil
}

// back is the law of the way back: to the byte, except that spellings of what
// Compact takes out are not kept, so that there only the meaning is.
func (t *Trial) back(m spf.Merged) error {
	u, err := spf.Unmerge(Domain, m.Record, m.Provenance)
	switch {
	case err != nil:
		return fmt.Errorf("back: %w", err)
	case len(t.Owners) == 0 && !u.Remove:
		return fmt.Errorf("back     %q, and not gone whole", u.Record)
	case len(t.Owners) != 1:
		return nil
	case !t.Request.Compact && u.Record != t.Owners[0]:
		return fmt.Errorf("back     %q, provenance %+v", u.Record, m.Provenance)
	}
	for i, outcome := range t.outcomes(u.Record, m.Extra) {
		if outcome != t.owners[0][i] && outcome != Limit && rank(t.owners[0][i]) >= 0 {
			return fmt.Errorf("back     %q: %v was %s and is %s", u.Record, t.messages[i], t.owners[0][i], outcome)
		}
	}
	return nil
}

// order is the law that the order of requirements does not matter for who
// passes, whether they come at once or one after the other.
func (t *Trial) order(spf.Merged) error {
	if len(t.required) < 2 {
		return nil
	}
	first, second := t.Request.Required[0], t.Request.Required[1]
	var passes [4][]bool
	var records [4]string
	for i, steps := range [][][]string{{{first, second}}, {{second, first}}, {{first}, {second}}, {{second}, {first}}} {
		record, extra, err := t.steps(steps)
		if err != nil {
			return err
		}
		records[i] = record
		for j, outcome := range t.outcomes(record, extra) {
			passes[i] = append(passes[i], outcome == "pass")
			if outcome == Limit {
				return nil
			}
			if !t.silent[j] && passes[i][j] != passes[0][j] {
				return fmt.Errorf("order matters to %v: %q passes %v, %q %v", t.messages[j], records[0], passes[0][j], record, passes[i][j])
			}
		}
	}
	return nil
}

// steps makes one merge after the other.
func (t *Trial) steps(steps [][]string) (record string, extra []spf.NamedTXT, err error) {
	q := t.Request
	seen := map[string]bool{}
	for _, q.Required = range steps {
		m, err := spf.Merge(q)
		if err != nil {
			return "", nil, fmt.Errorf("one after the other: %w", err)
		}
		for _, x := range m.Extra {
			if !seen[x.Name] {
				seen[x.Name] = true
				extra = append(extra, x)
			}
		}
		record, q.Existing = m.Record, []string{m.Record}
	}
	return record, extra, nil
}

// String shows the case as a person needs it to see the fault.
func (t *Trial) String() string {
	var b strings.Builder
	for _, text := range t.Owners {
		fmt.Fprintf(&b, "owner    %q\n", text)
	}
	for _, text := range t.Request.Required {
		fmt.Fprintf(&b, "required %q\n", text)
	}
	fmt.Fprintf(&b, "all %d %s, compact %v", t.Request.All, t.Request.Explicit, t.Request.Compact)
	return b.String()
}

package providertest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Status is what became of one case.
type Status string

// The four statuses.
const (
	Passed      Status = "passed"
	Failed      Status = "failed"      // or it held, though Harness.Fails lists it
	Unsupported Status = "unsupported" // Caps rule it out, or the driver or the harness lacks what it needs
	Expected    Status = "expected-failure"
)

// Result is one case.
type Result struct {
	Case   string `json:"case"`
	Rule   string `json:"rule"`
	Status Status `json:"status"`
	// Reason says why it is not passed: what went wrong, what is missing, or
	// for an expected failure the known defect. It holds no secret.
	Reason string `json:"reason,omitempty"`
	// Found is what went wrong in an expected failure, this time.
	Found string `json:"found,omitempty"`
}

// Report is one run of the suite: the cases that ran, in the order of Cases.
type Report struct {
	Name   string   `json:"name"`
	Driver string   `json:"driver"` // its ID
	Cases  []Result `json:"cases"`
}

// Of is the results of one status.
func (r Report) Of(s Status) []Result {
	var out []Result
	for _, c := range r.Cases {
		if c.Status == s {
			out = append(out, c)
		}
	}
	return out
}

// Conforms reports whether some case ran, and each of them passed or is unsupported.
func (r Report) Conforms() bool {
	return len(r.Cases) > 0 && len(r.Of(Passed))+len(r.Of(Unsupported)) == len(r.Cases)
}

// Summary is the one line of a run:
//
//	conformance rfc2136-knot: 98/120 (unsupported 22)
//
// Passed stands before the total, which is all cases that ran: the passed, the
// unsupported, the failed and those that failed as expected. Passed and
// unsupported together are the total where the driver conforms.
func (r Report) Summary() string {
	return fmt.Sprintf("conformance %s: %d/%d (unsupported %d)", cmp.Or(r.Name, "without a name"), len(r.Of(Passed)), len(r.Cases), len(r.Of(Unsupported)))
}

// Text is the report for a person: the summary, then every case that did not
// pass with its rule and its reason, then the names of those that did.
func (r Report) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nDriver: %s\n", r.Summary(), cmp.Or(r.Driver, "not known, for no case ran"))
	for _, part := range []struct {
		status Status
		title  string
	}{
		{Failed, "Failed"},
		{Expected, "Failed, as is known"},
		{Unsupported, "Unsupported"},
	} {
		cases := r.Of(part.status)
		if len(cases) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s (%d)\n", part.title, len(cases))
		for _, c := range cases {
			fmt.Fprintf(&b, "  %s: %s\n", c.Case, c.Rule)
			for _, text := range []string{c.Reason, c.Found} {
				if text != "" {
					fmt.Fprintf(&b, "      %s\n", strings.ReplaceAll(text, "\n", "\n      "))
				}
			}
		}
	}
	if passed := r.Of(Passed); len(passed) > 0 {
		fmt.Fprintf(&b, "\nPassed (%d)\n", len(passed))
		for _, c := range passed {
			fmt.Fprintf(&b, "  %s\n", c.Case)
		}
	}
	return b.String()
}

// reportVariable names the folder where Run leaves its reports.
const reportVariable = "MOORING_REPORT"

// save writes NAME.json and NAME.txt where the environment asks for them.
func (r Report) save() error {
	dir := os.Getenv(reportVariable)
	if dir == "" {
		return nil
	}
	js, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, fileName(cmp.Or(r.Name, "unnamed")))
	if err := os.WriteFile(path+".json", append(js, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(path+".txt", []byte(r.Text()), 0o644)
}

// fileName is a report's name as a file may have it.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_' {
			return r
		}
		return '-'
	}, name)
}

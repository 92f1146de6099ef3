package spf

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// suiteFile is the JSON form of the public suites.
type suiteFile struct {
	Source    string
	Scenarios []struct {
		Description string
		Tests       []suiteCase
		Zone        map[string][]zoneRecord
	}
}

type suiteCase struct {
	Name, HELO, Host, MailFrom string
	Result                     []Outcome // any of these is right
	Explanation                *string
}

type zoneRecord struct {
	Type, Value string
	Strings     []string
}

// suiteZone answers as an honest server and its resolver would: it follows
// CNAMEs and knows that a name above another one exists.
type suiteZone map[string][]zoneRecord

func newSuiteZone(records map[string][]zoneRecord) suiteZone {
	z := suiteZone{}
	for name, rs := range records {
		name = foldName(name)
		z[name] = append(z[name], rs...)
	}
	return z
}

func (z suiteZone) Lookup(_ context.Context, q Question) Answer {
	for range 8 {
		records, exists := z[q.Name]
		if !exists {
			for name := range z {
				if strings.HasSuffix(name, "."+q.Name) {
					return Answer{Status: NoData}
				}
			}
			return Answer{Status: NXDomain}
		}
		a, alias := z.at(records, q.Type)
		if alias == "" {
			return a
		}
		q.Name = foldName(alias)
	}
	return Answer{} // CNAMEs in a circle
}

func (z suiteZone) at(records []zoneRecord, kind string) (a Answer, alias string) {
	late := false
	for _, r := range records {
		switch r.Type {
		case kind:
			value := strings.TrimSuffix(r.Value, ".")
			if kind == "TXT" {
				value = strings.Join(r.Strings, "")
			}
			a.Values = append(a.Values, value)
		case "CNAME":
			alias = r.Value
		case "TIMEOUT":
			late = true
		}
	}
	switch {
	case len(a.Values) > 0:
		a.Status = Found
		return a, ""
	case late:
		return Answer{}, ""
	}
	return Answer{Status: NoData}, alias
}

// readSuite reads a suite that is byte for byte the one the figures are about.
func readSuite(t testing.TB, name, sum string) suiteFile {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if got := sha256.Sum256(data); hex.EncodeToString(got[:]) != sum {
		t.Fatalf("%s has SHA-256 %x, want %s", name, got, sum)
	}
	var f suiteFile
	readJSON(t, name, &f)
	return f
}

func (f suiteFile) each(t *testing.T, do func(name string, c suiteCase, r Result)) {
	for _, s := range f.Scenarios {
		z := newSuiteZone(s.Zone)
		for _, c := range s.Tests {
			checker := Checker{Resolver: z, Explanation: "DEFAULT", Receiver: "receiver.example.com"}
			_, domain, _ := strings.Cut(c.MailFrom, "@")
			r := checker.CheckHost(t.Context(), netip.MustParseAddr(c.Host), domain, c.MailFrom, c.HELO)
			do(s.Description+"/"+c.Name, c, r)
		}
	}
}

// report prints the one line that a suite comes to.
func report(t *testing.T, name string, passed, total, want int) {
	fmt.Printf("suite %s: %d/%d\n", name, passed, total)
	if passed != want {
		t.Errorf("%s: %d of %d pass, want %d", name, passed, total, want)
	}
}

func TestSuite(t *testing.T) {
	for _, s := range []struct {
		name, file, sum string
		want            int
		exceptions      map[string]string // tests whose wish is not what RFC 7208 says, and why
	}{
		{
			name: "rfc7208", file: "rfc7208-tests.json", want: 203,
			sum: "3ff56861baa22ccaec0b8c1f87da6a2016e77180ab89e4ba00a011f39a39363b",
		},
		{
			name: "limits", file: "limits-tests.json", want: 28,
			sum: "55f5e663194724a022fc4a24a17790e49ad37197b28569eeea78b28f93a6ca42",
		},
		{
			name: "multilabel", file: "blitirispf-multilabel.json", want: 83,
			sum: "6536b670164d09b38376e2bc9461c61764126eae6d813045b12385454d6416b8",
		},
		{
			name: "pyspf", file: "pyspf-tests.json", want: 14,
			sum: "a2f9719bff1479488f245886ff3c997540795b682d135eadc104710b52ba9be3",
			exceptions: map[string]string{
				"default-modifier":       "default= was dropped before RFC 4408; today it is an unknown modifier",
				"default-modifier-harsh": "the same record, and ambiguous is no outcome of RFC 7208",
			},
		},
	} {
		t.Run(s.name, func(t *testing.T) {
			passed, total := 0, 0
			readSuite(t, s.file, s.sum).each(t, func(name string, c suiteCase, r Result) {
				total++
				why, exception := s.exceptions[c.Name]
				right := slices.Contains(c.Result, r.Outcome)
				if right {
					passed++
				}
				switch {
				case exception && right:
					t.Errorf("%s: %s, as it should not: %s", name, r.Outcome, why)
				case exception:
					fmt.Printf("exception in %s: %s: %s\n", s.name, c.Name, why)
				case !right:
					t.Errorf("%s: %s from %s (HELO %s): got %s (%v), want %v", name, c.MailFrom, c.Host, c.HELO, r.Outcome, r.Err, c.Result)
				}
			})
			report(t, s.name, passed, total, s.want)
		})
	}
}

func TestSuiteExplanations(t *testing.T) {
	passed, total := 0, 0
	f := readSuite(t, "rfc7208-tests.json", "3ff56861baa22ccaec0b8c1f87da6a2016e77180ab89e4ba00a011f39a39363b")
	f.each(t, func(name string, c suiteCase, r Result) {
		if c.Explanation == nil {
			return
		}
		total++
		if r.Explanation == *c.Explanation {
			passed++
		} else {
			t.Errorf("%s: got %q (%s, %v), want %q", name, r.Explanation, r.Outcome, r.Err, *c.Explanation)
		}
	})
	report(t, "rfc7208-explanations", passed, total, 22)
}

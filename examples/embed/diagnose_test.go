package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// mailWorld is a domain with mail, the services that it names, and what stands
// above both.
func mailWorld(t *testing.T, record string) verify.Options {
	t.Helper()
	at := func(origin, text string) string {
		return "$ORIGIN " + origin + ".\n$TTL 300\n@ SOA ns1.customer.example. host 1 3600 600 86400 300\n@ NS ns1.customer.example.\n" + text
	}
	w := verifytest.New(t, verifytest.Options{Text: []string{
		at("customer.example", "ns1 A 127.0.0.1\n@ MX 1 smtp.google.com.\n@ TXT \""+record+"\"\n_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@customer.example\"\n"),
		at("google.com", "_spf TXT \"v=spf1 ip4:192.0.2.0/25 ~all\"\nsmtp A 192.0.2.1\n"),
		at("service.example", "_spf TXT \"v=spf1 include:_a.service.example a:out.service.example -all\"\n_a TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\nout A 198.51.100.1\n"),
		at("example", ""),
	}})
	return verify.Options{Start: w.Start(), Map: w.Map, Timeout: 20 * time.Second}
}

func diagnosing(t *testing.T, dns verify.Options, args ...string) (code int, out, progress string) {
	t.Helper()
	var o, p bytes.Buffer
	code = run(t.Context(), args, dns, os.Stdin, &o, &p)
	return code, o.String(), p.String()
}

// TestDiagnose: what the records say, what each included service costs, and
// what is wrong, as text and as one JSON object; and nothing is left behind.
func TestDiagnose(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, record, domain string
		exit                 int
		want                 []string
		finding              string // code of the first one
	}{
		{
			"sound", "v=spf1 include:_spf.google.com include:_spf.service.example ~all", "customer.example", exitConnected,
			[]string{
				"Mailboxes Google Workspace, confidence high",
				"4 of 10 lookups, 0 of 2 void",
				"1  include:_spf.google.com",
				"3  include:_spf.service.example",
				"1    include:_a.service.example",
				"1    a:out.service.example",
				"Nothing is broken.",
			},
			"no-key",
		},
		{
			"a service that is gone", "v=spf1 include:_spf.google.com include:gone.service.example ~all", "customer.example", exitNot,
			[]string{"include:gone.service.example   broken:", "broken   spf", "(no-record)", "drop the term"},
			"no-record",
		},
		{
			"a service that nobody answers for", "v=spf1 include:_spf.nowhere.test ~all", "customer.example", exitNot,
			[]string{"at least 1 of 10 lookups", "include:_spf.nowhere.test   could not be asked for", "unknown  spf"},
			"unknown",
		},
		{"no such name", "v=spf1 ~all", "gone.customer.example", exitNot, []string{"gone.customer.example. does not exist in DNS"}, "no-such-name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dns := mailWorld(t, tt.record)
			code, out, progress := diagnosing(t, dns, "-diagnose", tt.domain, "-timeout", "60s")
			if code != tt.exit {
				t.Errorf("status %d, want %d:\n%s%s", code, tt.exit, out, progress)
			}
			for _, w := range tt.want {
				if !strings.Contains(out, w) {
					t.Errorf("it does not say %q:\n%s", w, out)
				}
			}
			code, out, progress = diagnosing(t, dns, "-diagnose", tt.domain, "-json", "-timeout", "60s")
			var res diagnosis
			if err := json.Unmarshal([]byte(out), &res); err != nil {
				t.Fatalf("standard output is not one JSON object: %v\n%s", err, out)
			}
			if code != tt.exit || res.Exit != tt.exit || res.Sound != (tt.exit == exitConnected) || res.Diagnosis == nil || progress != "diagnosing the mail of "+tt.domain+"\n" {
				t.Errorf("status %d, want %d; %+v\n%s", code, tt.exit, res, progress)
			}
			if len(res.Diagnosis.Findings) == 0 || res.Diagnosis.Findings[0].Code != tt.finding {
				t.Errorf("the first finding is %+v, want %s", res.Diagnosis.Findings, tt.finding)
			}
		})
	}
}

// TestDiagnoseNobodyAnswers: a server that is not there is trouble and no
// statement about the domain.
func TestDiagnoseNobodyAnswers(t *testing.T) {
	t.Parallel()
	w := verifytest.New(t, verifytest.Options{Text: []string{customerZone}})
	for _, s := range w.Servers() {
		s.SetFault(verifytest.Fault{Rcode: "SERVFAIL"})
	}
	code, out, _ := diagnosing(t, verify.Options{Start: w.Start(), Map: w.Map}, "-diagnose", "customer.example")
	if code != exitNot || !strings.Contains(out, "unknown  domain") || strings.Contains(out, "none") {
		t.Errorf("status %d:\n%s", code, out)
	}
}

// TestDiagnoseFlags: what means nothing for a look at DNS is refused, before
// anything is asked.
func TestDiagnoseFlags(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"another mode", []string{"-diagnose", "customer.example", "-plan-only"}, "-plan-only"},
		{"a configuration", []string{"-diagnose", "customer.example", "-domain", "other.example"}, "-domain"},
		{"a demo", []string{"-diagnose", "customer.example", "-demo", "rfc2136"}, "-demo"},
		{"a journal", []string{"-diagnose", "customer.example", "-journal", "x"}, "-journal"},
		{"no domain", []string{"-diagnose", ""}, "-diagnose"},
		{"no name", []string{"-diagnose", "co.uk"}, "co.uk"},
		{"a word", []string{"-diagnose", "com"}, "no mail of its own to diagnose"},
		{"a flag that is none", []string{"-diagnose", "customer.example", "-nothing"}, "-nothing"},
		{"a flag that is none, before it", []string{"-nothing", "--diagnose=customer.example"}, "-nothing"},
		{"no resolver", []string{"-diagnose", "customer.example", "-resolver", "nowhere"}, "nowhere"},
		{"no time", []string{"-diagnose", "customer.example", "-timeout", "-1s"}, "-timeout"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, out, progress := diagnosing(t, verify.Options{}, tt.args...)
			if code != exitInput || !strings.Contains(progress, tt.want) || out != "" {
				t.Errorf("status %d, want %d and %q:\n%s%s", code, exitInput, tt.want, out, progress)
			}
			// With -json it is said in the object that -diagnose prints.
			code, out, _ = diagnosing(t, verify.Options{}, append(tt.args, "-json")...)
			var res map[string]any
			if err := json.Unmarshal([]byte(out), &res); err != nil {
				t.Fatalf("standard output is not one JSON object: %v\n%s", err, out)
			}
			_, connected := res["connected"]
			said, _ := res["error"].(map[string]any)
			if code != exitInput || res["sound"] != false || res["exit"] != float64(exitInput) || connected || said["code"] != "Input" || !strings.Contains(fmt.Sprint(said["message"]), tt.want) {
				t.Errorf("status %d:\n%s", code, out)
			}
		})
	}
}

// TestDiagnoseTime: a diagnosis has a shorter time than a walk, unless another is
// given; when it is over, that is what is said.
func TestDiagnoseTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want time.Duration
	}{
		{[]string{"-diagnose", "customer.example"}, time.Minute},
		{[]string{"-diagnose", "customer.example", "-timeout", "3m"}, 3 * time.Minute},
		{[]string{"-demo", "rfc2136"}, 10 * time.Minute},
	} {
		if o, err := parse(tt.args, verify.Options{}); err != nil || o.timeout != tt.want {
			t.Errorf("%q: %s %v, want %s", tt.args, o.timeout, err, tt.want)
		}
	}
	w := verifytest.New(t, verifytest.Options{Text: []string{customerZone}})
	for _, s := range w.Servers() {
		s.SetFault(verifytest.Fault{Drop: true})
	}
	code, out, _ := diagnosing(t, verify.Options{Start: w.Start(), Map: w.Map, Timeout: time.Minute}, "-diagnose", "customer.example", "-timeout", "200ms")
	if code != exitNot || !strings.Contains(out, "the diagnosis ended before DNS had answered") || !strings.Contains(out, "is not all") {
		t.Errorf("status %d:\n%s", code, out)
	}
}

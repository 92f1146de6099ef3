package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// configure writes a configuration with more than records.
func (s stage) configure(members string) {
	s.write("config.json", `{"applicationId":"a","prefilledDomain":"customer.example",`+members+`}`)
}

// TestOptional connects without an optional record that cannot stand, or that
// the host refuses, and says so.
func TestOptional(t *testing.T) {
	t.Parallel()
	t.Run("gives way", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.records(`[{"type":"CNAME","host":"@","value":"edge.app.example","ttl":300,"optional":true},{"type":"TXT","host":"@","value":"app=1","ttl":300}]`)
		code, out, progress := s.embed("-yes", "-json")
		s.without(code, out, entri.FailedRecord{Type: "CNAME", Host: "@", Value: "edge.app.example", TTL: 300, Optional: true})
		if !strings.Contains(progress, "without the optional CNAME @: ") {
			t.Errorf("progress:\n%s", progress)
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.world.Servers()[0].SetFault(verifytest.Fault{UpdateRcode: "NOTIMP"})
		s.records(`[{"type":"TXT","host":"@","value":"app=1","ttl":300,"optional":true}]`)
		before := s.zone()
		code, out, _ := s.embed("-yes", "-json")
		s.without(code, out, entri.FailedRecord{Type: "TXT", Host: "@", Value: "app=1", TTL: 300, Optional: true})
		s.records(`[{"type":"TXT","host":"@","value":"app=1","ttl":300}]`)
		code, out, progress := s.embed("-yes", "-json")
		s.refused(code, exitNot, out+progress, []string{"Unsupported"}, before)
		if strings.Contains(out, "failedOptionalRecords") {
			t.Errorf("a required record failed, and is called optional:\n%s", out)
		}
	})
	t.Run("written", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.records(`[{"type":"TXT","host":"@","value":"app=1","ttl":300,"optional":true}]`)
		if code, out, _ := s.embed("-yes", "-json"); code != exitConnected || strings.Contains(out, "failedOptionalRecords") {
			t.Errorf("status %d:\n%s", code, out)
		}
	})
}

// without checks that the program connected without one record.
func (s stage) without(code int, out string, want entri.FailedRecord) {
	s.t.Helper()
	var res result
	if err := json.Unmarshal([]byte(out), &res); err != nil || code != exitConnected || !res.Connected {
		s.t.Fatalf("status %d, %v:\n%s", code, err, out)
	}
	if d := cmp.Diff(res.FailedOptional, []entri.FailedRecord{want}); d != "" {
		s.t.Errorf("failedOptionalRecords (-got +want):\n%s", d)
	}
}

func TestCheckConflicts(t *testing.T) {
	t.Parallel()
	const (
		inTheWay = `[{"type":"CNAME","host":"www","value":"edge.app.example","ttl":300},{"type":"MX","host":"@","value":"mx.app.example","priority":5,"ttl":300}]`
		list     = `[{"host":"@","type":"MX","value":"mail.customer.example","priority":10},{"host":"@","type":"MX","value":"mail2.customer.example","priority":20},{"host":"www","type":"A","value":"192.0.2.10"}]`
	)
	for _, tt := range []struct {
		name, records string
		flags         []string
		want          string
	}{
		{"some", inTheWay, nil, list},
		{"by hand", inTheWay, []string{"-manual"}, list},
		{"in JSON", inTheWay, []string{"-json"}, list},
		{"none", `[{"type":"TXT","host":"@","value":"app=1","ttl":300}]`, nil, "null"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.records(tt.records)
			before := s.zone()
			code, out, progress := s.embed(append(tt.flags, "-check-conflicts")...)
			var got map[string]json.RawMessage
			if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitConnected {
				t.Fatalf("status %d, %v:\n%s%s", code, err, out, progress)
			}
			var have, want any
			if json.Unmarshal(got["recordConflicts"], &have) != nil || json.Unmarshal([]byte(tt.want), &want) != nil {
				t.Fatalf("recordConflicts: %s", got["recordConflicts"])
			}
			if d := cmp.Diff(have, want); d != "" {
				t.Errorf("recordConflicts (-got +want):\n%s", d)
			}
			s.unchanged(before)
			if _, err := os.Stat(filepath.Join(s.dir, "journal")); !os.IsNotExist(err) {
				t.Errorf("a journal was made: %v", err)
			}
		})
	}
	s := newStage(t)
	code, out, progress := s.embed("-check-conflicts", "-disconnect")
	s.refused(code, exitInput, out+progress, []string{"-check-conflicts"}, s.zone())
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, policy string
		code         int
		want         string
	}{
		{"keep", "address=keep", exitConnected, "keep     leave the name as it is: A 192.0.2.10 [taken]"},
		{"replace", "address=replace", exitConnected, "- A"},
		{"fail", "address=fail", exitDecision, "a decision is missing"},
		{"a class that is none", "adress=keep", exitInput, `no conflict that a policy may decide has the class "adress"`},
		{"a policy that is none", "address=burn", exitInput, "want ask, fail, replace or keep"},
		{"no policy", "address", exitInput, "want ask, fail, replace or keep"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.records(`[{"type":"CNAME","host":"www","value":"edge.app.example","ttl":300}]`)
			code, out, progress := s.embed("-yes", "-policy", tt.policy)
			if code != tt.code || !strings.Contains(out+progress, tt.want) {
				t.Errorf("status %d, want %d and %q:\n%s%s", code, tt.code, tt.want, out, progress)
			}
		})
	}
}

// TestWWWRedirect has a host that serves no redirects: servers do it, where
// they are known, or else a person.
func TestWWWRedirect(t *testing.T) {
	t.Parallel()
	const config = `"wwwRedirect":true,"dnsRecords":[{"type":"CNAME","host":"www","value":"edge.app.example","ttl":300}]`
	t.Run("by hand", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.configure(config)
		code, out, _ := s.embed("-yes")
		if code != exitConnected || !strings.Contains(out, "by hand: ") || !strings.Contains(out, "forwarding from customer.example to https://www.customer.example/") {
			t.Errorf("status %d:\n%s", code, out)
		}
	})
	t.Run("by servers", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.configure(config)
		servers := []string{"-yes", "-servers", "198.51.100.1,198.51.100.2"}
		before := s.zone()
		code, out, _ := s.embed(servers...)
		s.refused(code, exitDecision, out, []string{"address-group@customer.example"}, before)
		code, out, _ = s.embed(append(servers, "-decide", "address-group@customer.example=replace", "-decide", "safety-gate=proceed")...)
		if n := len(s.zone().Set(apex, "A")); code != exitConnected || n != 2 || strings.Contains(out, "by hand: ") {
			t.Errorf("status %d, %d addresses:\n%s", code, n, out)
		}
	})
}

// TestRootNS moves the domain to other name servers where a person decides it,
// and asks for the other records where nobody does.
func TestRootNS(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(`"dnsRecords":{"rootNS":[{"type":"NS","host":"@","value":"ns1.app.example","ttl":300}],"domain":[{"type":"TXT","host":"@","value":"app=1","ttl":300}]}`)
	for want, flags := range map[string][]string{
		"+ NS       300  ns1.app.example.": {"-decide", "ns-apex=replace", "-decide", "safety-gate=proceed"},
		`+ TXT     3600  "app=1"`:          nil,
	} {
		if code, out, progress := s.embed(append(flags, "-yes", "-plan-only")...); code != exitConnected || !strings.Contains(out, want) {
			t.Errorf("%v: status %d, want %q:\n%s%s", flags, code, want, out, progress)
		}
	}
}

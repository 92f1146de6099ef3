package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

const (
	apex   = zone.Name("customer.example")
	secret = "bW9vcmluZy10ZXN0LWtleS0wMTIzNDU2Nzg5YWJjZGU="
)

// stage is a DNS world and a folder with the files that flags name.
type stage struct {
	t     *testing.T
	world *verifytest.World
	dns   verify.Options
	dir   string
}

func newStage(t *testing.T) stage {
	t.Helper()
	w := verifytest.New(t, verifytest.Options{
		Text: []string{customerZone, appZone},
		Keys: []verifytest.Key{{Name: "test.key", Secret: secret}},
	})
	s := stage{t: t, world: w, dir: t.TempDir(), dns: verify.Options{Start: w.Start(), Map: w.Map, MinDelay: 10 * time.Millisecond, Timeout: 20 * time.Second}}
	s.credentials(w.Servers()[0].Addr().String(), secret)
	s.write("config.json", string(config))
	return s
}

func (s stage) write(name, content string) string {
	s.t.Helper()
	file := filepath.Join(s.dir, name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return file
}

func (s stage) credentials(server, key string) {
	data, err := json.Marshal(map[string]string{"server": server, "key_name": "test.key", "key": key})
	if err != nil {
		s.t.Fatal(err)
	}
	s.write("creds.json", string(data))
}

// records writes a configuration with these records.
func (s stage) records(list string) {
	s.write("config.json", `{"applicationId":"a","token":"t","prefilledDomain":"customer.example","dnsRecords":`+list+`}`)
}

// embed runs the program with the usual files and more flags.
func (s stage) embed(flags ...string) (code int, out, progress string) {
	s.t.Helper()
	args := append([]string{
		"-in-process", "-config", filepath.Join(s.dir, "config.json"), "-provider", "rfc2136",
		"-credentials", filepath.Join(s.dir, "creds.json"), "-journal", filepath.Join(s.dir, "journal"), "-timeout", "30s",
	}, flags...)
	return s.bare(args...)
}

func (s stage) bare(args ...string) (code int, out, progress string) {
	s.t.Helper()
	var o, p bytes.Buffer
	code = run(s.t.Context(), args, s.dns, os.Stdin, &o, &p)
	if strings.Contains(o.String()+p.String(), secret) {
		s.t.Errorf("the key is printed:\n%s%s", o.String(), p.String())
	}
	return code, o.String(), p.String()
}

func (s stage) zone() zone.Snapshot { return s.world.Zone(apex) }

// unchanged fails the test when the zone differs from before.
func (s stage) unchanged(before zone.Snapshot) {
	s.t.Helper()
	if d := cmp.Diff(s.zone(), before); d != "" {
		s.t.Errorf("the zone changed (-got +want):\n%s", d)
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	var out, progress bytes.Buffer
	if code := run(t.Context(), nil, verify.Options{}, os.Stdin, &out, &progress); code != exitConnected {
		t.Fatalf("exit status %d:\n%s%s", code, out.String(), progress.String())
	}
	for _, want := range []string{"+ CNAME", "- A", "address-group@www.customer.example", "3 of 10 lookups", "Done: every record is proven in DNS."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the demo does not show %q:\n%s", want, out.String())
		}
	}
}

func TestDemoJSON(t *testing.T) {
	t.Parallel()
	var out, progress bytes.Buffer
	code := run(t.Context(), []string{"-json"}, verify.Options{}, os.Stdin, &out, &progress)
	var res result
	if err := json.Unmarshal(out.Bytes(), &res); err != nil {
		t.Fatalf("standard output is not one JSON object: %v\n%s", err, out.String())
	}
	if code != exitConnected || !res.Connected || res.Run == "" || res.Journal == "" || res.Report.Verdict != verify.Propagated || !strings.Contains(progress.String(), "DNS shows") {
		t.Errorf("status %d, result %+v, progress:\n%s", code, res, progress.String())
	}
}

func TestConnectAndUndo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	before := s.zone()
	code, out, _ := s.embed("-yes", "-json")
	var res result
	if err := json.Unmarshal([]byte(out), &res); err != nil || code != exitConnected {
		t.Fatalf("status %d, %v:\n%s", code, err, out)
	}
	if code, out, _ := s.embed("-yes"); code != exitConnected || !strings.Contains(out, "nothing to change") {
		t.Errorf("second run: status %d:\n%s", code, out)
	}
	creds, journal := filepath.Join(s.dir, "creds.json"), filepath.Join(s.dir, "journal")
	if code, out, _ := s.bare("-undo", res.Run, "-credentials", creds, "-journal", journal, "-yes"); code != exitConnected {
		t.Fatalf("undo: status %d:\n%s", code, out)
	}
	after := s.zone()
	for _, z := range []*zone.Snapshot{&before, &after} {
		*z = z.With(zone.Change{Owner: apex, Remove: z.Set(apex, "SOA")})
	}
	if d := cmp.Diff(after.Records, before.Records); d != "" {
		t.Errorf("after undo (-got +want):\n%s", d)
	}
	if code, out, _ := s.bare("-undo", "no-such-run", "-credentials", creds, "-journal", journal, "-yes"); code != exitInput || !strings.Contains(out, "no-such-run") {
		t.Errorf("undo of a run that is none: status %d:\n%s", code, out)
	}
}

// TestInput is what is refused before the zone is read, with a sentence that
// names the place.
func TestInput(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		records string
		flags   []string
		want    []string
	}{
		{"unknown variable", `[{"type":"TXT","host":"@","value":"{NO_SUCH}","ttl":300}]`, nil, []string{"dnsRecords[0].value", "NO_SUCH"}},
		{"bad address", `[{"type":"A","host":"app","value":"198.51.100.777","ttl":300}]`, nil, []string{"dnsRecords[0].value", "198.51.100.777"}},
		{"owner in another zone", `[{"type":"A","host":"www.app.example.","value":"198.51.100.7","ttl":300}]`, nil, []string{"dnsRecords[0].host", "www.app.example.", "customer.example."}},
		{"a decision that is none", `[{"type":"A","host":"app","value":"198.51.100.7","ttl":300}]`, []string{"-decide", "no-such=thing"}, []string{"no-such"}},
		{"an option that is none", `[{"type":"A","host":"www","value":"198.51.100.7","ttl":300}]`, []string{"-decide", "address-group=burn"}, []string{"burn", "replace, keep"}},
		{"a decision for an owner that is none", `[{"type":"A","host":"www","value":"198.51.100.7","ttl":300}]`, []string{"-decide", "address-group@wwww=keep"}, []string{"wwww", "address-group@www.customer.example"}},
		{"a provider that is none", `[{"type":"A","host":"app","value":"198.51.100.7","ttl":300}]`, []string{"-provider", "acme"}, []string{"acme", "rfc2136"}},
		{"a resolver that is none", `[{"type":"A","host":"app","value":"198.51.100.7","ttl":300}]`, []string{"-resolver", "nowhere"}, []string{"-resolver", "nowhere"}},
		{"a domain that is none", `[{"type":"A","host":"app","value":"198.51.100.7","ttl":300}]`, []string{"-domain", "co.uk"}, []string{"-domain", "co.uk"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.records(tt.records)
			before := s.zone()
			code, out, progress := s.embed(append(tt.flags, "-yes")...)
			s.refused(code, exitInput, out+progress, tt.want, before)
		})
	}
	t.Run("unreadable JSON", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.write("config.json", `{"applicationId": "a", "dnsRecords": [}`)
		code, out, progress := s.embed("-yes")
		s.refused(code, exitInput, out+progress, []string{"byte 39", "config.json"}, s.zone())
		s.write("config.json", string(config))
		s.write("creds.json", `{"server": `)
		code, out, progress = s.embed("-yes")
		s.refused(code, exitInput, out+progress, []string{"byte 11", "creds.json"}, s.zone())
	})
	t.Run("no flags but one", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		code, out, progress := s.bare("-yes")
		s.refused(code, exitInput, out+progress, []string{"-domain is missing"}, s.zone())
	})
}

func (s stage) refused(code, wantCode int, text string, want []string, before zone.Snapshot) {
	s.t.Helper()
	if code != wantCode {
		s.t.Errorf("exit status %d, want %d", code, wantCode)
	}
	for _, w := range want {
		if !strings.Contains(text, w) {
			s.t.Errorf("the message does not name %q:\n%s", w, text)
		}
	}
	s.unchanged(before)
}

// TestDecisionMissing is what a person must decide.
func TestDecisionMissing(t *testing.T) {
	t.Parallel()
	t.Run("CNAME at the apex", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.records(`[{"type":"CNAME","host":"@","value":"edge.app.example","ttl":300}]`)
		before := s.zone()
		code, out, _ := s.embed("-yes")
		s.refused(code, exitDecision, out, []string{"apex-cname@customer.example", "-decide"}, before)
	})
	t.Run("two SPF records", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.world.Change(apex, zone.Change{Owner: apex, Add: []zone.Record{zone.NewTXT(apex, 3600, "v=spf1 a ~all")}})
		before := s.zone()
		code, out, _ := s.embed("-yes")
		s.refused(code, exitDecision, out, []string{"spf-multiple@customer.example", "-decide"}, before)
		if code, out, _ := s.embed("-yes", "-decide", "spf-multiple=merge"); code != exitConnected {
			t.Errorf("decided: status %d:\n%s", code, out)
		}
	})
	t.Run("nobody to ask", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		before := s.zone()
		code, out, _ := s.embed()
		s.refused(code, exitDecision, out, []string{"address-group@www.customer.example", "-decide"}, before)
		code, out, _ = s.embed("-decide", "address-group@www=keep")
		s.refused(code, exitDecision, out, []string{"give -yes"}, before)
		if code, out, _ = s.embed("-decide", "address-group@www=keep", "-yes"); code != exitConnected || len(s.zone().Set("www."+apex, "A")) != 1 {
			t.Errorf("decided to keep: status %d:\n%s", code, out)
		}
	})
}

// TestProviderFaults is what the customer's host answers, or does not.
func TestProviderFaults(t *testing.T) {
	t.Parallel()
	t.Run("wrong key", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.credentials(s.world.Servers()[0].Addr().String(), "d3Jvbmcga2V5IHdyb25nIGtleSB3cm9uZyBrZXk=")
		before := s.zone()
		code, out, _ := s.embed("-yes")
		s.refused(code, exitNot, out, []string{"InvalidCredentials", "test.key"}, before)
	})
	t.Run("unreachable server", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		closed := l.Addr().String()
		_ = l.Close()
		s.credentials(closed, secret)
		before := s.zone()
		code, out, _ := s.embed("-yes")
		s.refused(code, exitNot, out, []string{"Unavailable", closed}, before)
	})
	t.Run("one server stale for longer than the timeout", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.world.Server("ns2").Freeze()
		const lagging = "not yet right: ns2.customer.example (127.0.0.2)"
		var code int
		var out string
		for _, patience := range []string{"3s", "30s"} { // a busy machine may not have looked once within the first
			if code, out, _ = s.embed("-yes", "-timeout", patience); strings.Contains(out, lagging) {
				break
			}
		}
		if code != exitNot || !strings.Contains(out, lagging) {
			t.Errorf("status %d:\n%s", code, out)
		}
	})
}

func TestPlanOnly(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	before := s.zone()
	if code, out, _ := s.embed("-yes", "-plan-only"); code != exitConnected || !strings.Contains(out, "+ CNAME") {
		t.Errorf("status %d:\n%s", code, out)
	}
	s.unchanged(before)
	if _, err := os.Stat(filepath.Join(s.dir, "journal")); !os.IsNotExist(err) {
		t.Errorf("a journal was made: %v", err)
	}
}

// person sets the record of a set-up by hand once the instruction is shown.
type person struct {
	bytes.Buffer
	instruction string
	act         func()
}

func (p *person) Write(b []byte) (int, error) {
	before := strings.Contains(p.String(), p.instruction)
	n, err := p.Buffer.Write(b)
	if !before && strings.Contains(p.String(), p.instruction) {
		p.act()
	}
	return n, err
}

// TestManual shows what to do, and sees a person do it.
func TestManual(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.records(`[{"type":"TXT","host":"@","value":"by-hand=1","ttl":300}]`)
	out := &person{instruction: "Add the record: Type TXT, Name @", act: func() {
		s.world.Change(apex, zone.Change{Owner: apex, Add: []zone.Record{zone.NewTXT(apex, 300, "by-hand=1")}})
	}}
	code := run(t.Context(), []string{"-config", filepath.Join(s.dir, "config.json"), "-journal", filepath.Join(s.dir, "journal"), "-manual", "-yes", "-timeout", "1m"}, s.dns, os.Stdin, out, out)
	if code != exitConnected || len(s.zone().Set(apex, "TXT")) != 5 {
		t.Errorf("status %d, TXT %v:\n%s", code, s.zone().Set(apex, "TXT"), out)
	}
}

// TestFlagsOnKnot uses nothing but the flags, on a real server.
func TestFlagsOnKnot(t *testing.T) {
	t.Parallel()
	k := rfc2136test.Knot{Second: true}.Start(t, customerZone, appZone)
	s := stage{t: t, dir: t.TempDir(), dns: verify.Options{Timeout: 20 * time.Second}} // patience with a busy machine
	c := k.Credentials()
	data, err := json.Marshal(map[string]string{"server": c["server"], "key_name": c["key_name"], "key_alg": c["key_alg"], "key": c["key"]})
	if err != nil {
		t.Fatal(err)
	}
	s.write("creds.json", string(data))
	s.write("config.json", string(config))
	code, out, progress := s.embed("-in-process=false", "-resolver", k.Addr().String(), "-yes")
	if code != exitConnected {
		t.Fatalf("status %d:\n%s%s", code, out, progress)
	}
	runs, err := providers.JournalDir(filepath.Join(s.dir, "journal")).List(t.Context())
	if err != nil || len(runs) != 1 {
		t.Fatalf("journal: %v, %v", runs, err)
	}
	creds, journal := filepath.Join(s.dir, "creds.json"), filepath.Join(s.dir, "journal")
	if code, out, _ = s.bare("-recover", runs[0].ID, "-credentials", creds, "-journal", journal, "-resolver", k.Addr().String()); code != exitConnected {
		t.Errorf("recover of a run that was done: status %d:\n%s", code, out)
	}
	if code, out, _ = s.bare("-disconnect", "-domain", "customer.example", "-provider", "rfc2136", "-credentials", creds, "-journal", journal, "-resolver", k.Addr().String(), "-yes"); code != exitConnected {
		t.Errorf("disconnect: status %d:\n%s", code, out)
	}
}

// TestInputJSON wants one JSON object on standard output for bad input too.
func TestInputJSON(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	code, out, progress := s.embed("-json", "-timeout", "-1s")
	var res result
	if err := json.Unmarshal([]byte(out), &res); err != nil || code != exitInput || res.Exit != exitInput || res.Error == nil || res.Error.Code != "Input" {
		t.Errorf("status %d, %v:\n%s%s", code, err, out, progress)
	}
}

// TestInterruptedQuestion ends at a question when the program is interrupted.
func TestInterruptedQuestion(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer func() { _ = w.Close() }() // which ends the reader
	s := &screen{in: bufio.NewReader(r), progress: io.Discard}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := s.ask(ctx, "apply this plan? "); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the interrupt", err)
	}
}

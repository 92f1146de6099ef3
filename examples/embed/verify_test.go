package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// listWorld is a registry and shops in it, each with a text and an alias.
func listWorld(t *testing.T, shops int) (*verifytest.World, verify.Options) {
	t.Helper()
	soa := "@ SOA ns1.customer.example. host 1 3600 600 86400 300\n@ NS ns1.customer.example.\n@ NS ns2.customer.example.\n"
	registry := "$ORIGIN example.\n$TTL 300\n" + soa + "ns1.customer A 127.0.0.1\nns2.customer A 127.0.0.2\ncustomer NS ns1.customer\ncustomer NS ns2.customer\n"
	zones := []string{"$ORIGIN customer.example.\n$TTL 300\n" + soa + "ns1 A 127.0.0.1\nns2 A 127.0.0.2\n" +
		"@ TXT \"v=spf1 include:_spf.other.example include:app.example -all\"\nwww CNAME edge.app.example.\ntoken.customer.example TXT \"app=1\"\n"}
	for i := range shops {
		registry += fmt.Sprintf("shop%d NS ns1.customer\nshop%d NS ns2.customer\n", i, i)
		zones = append(zones, fmt.Sprintf("$ORIGIN shop%d.example.\n$TTL 300\n%s_app TXT \"app=%d\"\n", i, soa, i))
	}
	w := verifytest.New(t, verifytest.Options{Text: append(zones, registry)})
	return w, verify.Options{Start: w.Start(), Map: w.Map, Timeout: 20 * time.Second}
}

func verifyFile(t *testing.T, dns verify.Options, in string, args ...string) (code int, out, progress string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(file, []byte(in), 0o600); err != nil {
		t.Fatal(err)
	}
	stdin, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	for i, a := range args {
		if a == "LIST" {
			args[i] = file
		}
	}
	var o, p bytes.Buffer
	code = run(t.Context(), args, dns, stdin, &o, &p)
	return code, o.String(), p.String()
}

const sound = `# what every customer has

customer.example TXT v=spf1 include:app.example ~all
www.customer.example. cname Edge.App.Example
{"domain": "www.customer.example", "records": [{"type": "CNAME", "host": "www", "value": "edge.app.example"}]}
`

func TestVerify(t *testing.T) {
	t.Parallel()
	_, dns := listWorld(t, 0)
	for _, tt := range []struct {
		name, list string
		exit       int
		want, not  []string
	}{
		{"all there", sound, exitConnected, []string{"3  propagated", "3 of 3 lines looked at"}, []string{"→"}},
		{
			"one is not", sound + "token.customer.example TXT app=1\nnew.customer.example A 192.0.2.1\n", exitNot,
			[]string{"absent        token.customer.example TXT", "NAME_DOUBLED", "→ ", "absent        new.customer.example A", "3  propagated", "2  absent", "5 of 5 lines looked at"},
			nil,
		},
		{"no such domain", "nowhere.example TXT app=1\n", exitNot, []string{"undelegated   nowhere.example TXT", "1  undelegated"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, args := range [][]string{{"-verify", "LIST"}, {"-verify", "-"}} {
				code, out, progress := verifyFile(t, dns, tt.list, args...)
				if code != tt.exit {
					t.Errorf("%v: exit %d, want %d\n%s%s", args, code, tt.exit, out, progress)
				}
				for _, want := range tt.want {
					if !strings.Contains(out, want) {
						t.Errorf("%v: %q is not in:\n%s", args, want, out)
					}
				}
				for _, not := range tt.not {
					if strings.Contains(out, not) {
						t.Errorf("%v: %q is in:\n%s", args, not, out)
					}
				}
			}
		})
	}
}

// TestVerifyJSON: one report in each line, and nothing else on standard output.
func TestVerifyJSON(t *testing.T) {
	t.Parallel()
	const shops = 30
	w, dns := listWorld(t, shops)
	w.Server("ns2").SetFault(verifytest.Fault{Only: "_app.shop7.example", Rcode: "SERVFAIL"})
	var list strings.Builder
	for i := range shops {
		fmt.Fprintf(&list, "_app.shop%d.example TXT app=%d\n", i, i)
	}
	code, out, progress := verifyFile(t, dns, list.String(), "-verify", "LIST", "-json", "-rate", "0")
	if code != exitNot || !strings.Contains(progress, "29  propagated\n 1  partial\n30 of 30 lines looked at") {
		t.Errorf("exit %d, want %d\n%s", code, exitNot, progress)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(out) {
		var r verify.Report
		if err := json.Unmarshal([]byte(line), &r); err != nil || len(r.Records) != 1 {
			t.Fatalf("%v in %q, want a report of one record", err, line)
		}
		seen[string(r.Records[0].Expect.Record.Name)] = r.Verdict == verify.Propagated
	}
	for i := range shops {
		if name := fmt.Sprintf("_app.shop%d.example", i); seen[name] != (i != 7) {
			t.Errorf("%s propagated: %v, want every shop but shop7", name, seen[name])
		}
	}
}

// TestVerifyWarned: with one server that does not have the zone, a record is
// there all the same, and the list says that something is to be mended; of one
// that is not there, why comes before what is wrong with the server.
func TestVerifyWarned(t *testing.T) {
	t.Parallel()
	w, dns := listWorld(t, 0)
	w.Server("ns2").SetFault(verifytest.Fault{Rcode: "REFUSED"})
	code, out, _ := verifyFile(t, dns, sound, "-verify", "LIST")
	if code != exitConnected || !strings.HasPrefix(out, "3  propagated, 3 of them with a warning that -json shows\n") {
		t.Errorf("exit %d, want %d and how many have a warning:\n%s", code, exitConnected, out)
	}
	if _, _, progress := verifyFile(t, dns, sound, "-verify", "LIST", "-json"); !strings.HasPrefix(progress, "3  propagated, 3 of them with a warning\n") {
		t.Errorf("want how many have a warning:\n%s", progress)
	}
	code, out, _ = verifyFile(t, dns, "new.customer.example A 192.0.2.1\n", "-verify", "LIST")
	why, server := strings.Index(out, "NXDOMAIN: "), strings.Index(out, "NS_LAME_REFUSED ns2")
	if code != exitNot || why < 0 || server < why {
		t.Errorf("exit %d, want %d, NXDOMAIN and then NS_LAME_REFUSED:\n%s", code, exitNot, out)
	}
}

// TestVerifyWithoutDNS: what every record of a list has in common is told once.
func TestVerifyWithoutDNS(t *testing.T) {
	t.Parallel()
	w, dns := listWorld(t, 0)
	for _, s := range w.Servers() {
		s.SetFault(verifytest.Fault{Drop: true})
	}
	dns.Timeout = 50 * time.Millisecond
	code, out, _ := verifyFile(t, dns, sound, "-verify", "LIST")
	if told := strings.Count(out, "NO_START"); code != exitNot || told != 1 || strings.Count(out, "unreachable   ") != 3 {
		t.Errorf("exit %d, want %d, three records and NO_START once:\n%s", code, exitNot, out)
	}
}

// TestVerifyTicks: a list that brings no report for long says that it goes on.
func TestVerifyTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			bar  bool
			want int
		}{{false, 2}, {true, 110}} {
			var progress bytes.Buffer
			v := &verifying{total: 3, progress: &progress, bar: tt.bar, began: time.Now()}
			quiet := v.ticking()
			time.Sleep(11*time.Second + time.Millisecond)
			quiet()
			if n := strings.Count(progress.String(), "0 of 3"); n != tt.want {
				t.Errorf("bar %v: shown %d times in 11 s, want %d", tt.bar, n, tt.want)
			}
		}
	})
}

// TestEscapes: a terminal that says of itself that it is dumb gets no escape
// sequences.
func TestEscapes(t *testing.T) {
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no terminal can be had: ", err)
	}
	defer func() { _ = f.Close() }()
	for term, want := range map[string]bool{"xterm": true, "dumb": false, "": false} {
		t.Setenv("TERM", term)
		if got := escapes(f); got != want {
			t.Errorf("TERM=%q: %v, want %v", term, got, want)
		}
	}
}

// TestVerifyRefuses: whatever is wrong with a list is told before anything is
// asked, with its line.
func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	w, dns := listWorld(t, 0)
	for _, tt := range []struct {
		name, list string
		args       []string
		want       []string
	}{
		{"nothing in it", "# nothing\n\n", nil, []string{"holds no record"}},
		{"no value", sound + "www.customer.example CNAME\n", nil, []string{"list:6: want NAME TYPE VALUE"}},
		{"no name", "www..example A 192.0.2.1\nb.example A 192.0.2.1\nc.example A 1.2.3\n", nil, []string{"list:1: ", "list:3: "}},
		{"no type", "www.example ALIAS b.example\n", nil, []string{"list:1: ", "ALIAS"}},
		{"a line of a zone", "www.example 300 IN A 192.0.2.1\nb.example in TXT b\n", nil, []string{`list:1: "300" stands where the type should; leave out TTL and class`, `list:2: "in" stands`}},
		{"an object over lines", "{\n\"domain\": \"customer.example\"\n}\n", nil, []string{"list:1: want {", "in one line", "list:2: want NAME TYPE VALUE", "or a JSON object in one line"}},
		{"an unknown key", `{"domain": "customer.example", "record": []}`, nil, []string{"list:1: ", `"record"`}},
		{"two objects", `{"domain": "customer.example", "records": [{"type":"A","host":"@","value":"192.0.2.1"}]} {}`, nil, []string{"list:1: something follows"}},
		{"a variable", `{"domain": "customer.example", "records": [{"type":"CNAME","host":"www","value":"{CNAME_TARGET}"}]}`, nil, []string{"list:1: records[0]: variables"}},
		{"an MX without priority", `{"domain": "customer.example", "records": [{"type":"MX","host":"@","value":"mx.app.example"}]}`, nil, []string{"priority"}},
		{"an endless line", "www.example A " + strings.Repeat("1", maxLine) + "\n", nil, []string{"list:1: longer than"}},
		{"many faults", strings.Repeat("x\n", 30), nil, []string{"list:10: ", "and 20 more lines"}},
		{"a flag that means nothing", sound, []string{"-yes"}, []string{"-yes means nothing with -verify"}},
		{"no rate", sound, []string{"-rate", "much"}, []string{"-rate", "questions a second"}},
		{"no time", sound, []string{"-timeout", "0s"}, []string{"-timeout"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, out, progress := verifyFile(t, dns, tt.list, append([]string{"-verify", "LIST"}, tt.args...)...)
			if code != exitInput || out != "" {
				t.Errorf("exit %d, want %d\n%s", code, exitInput, out)
			}
			for _, want := range tt.want {
				if !strings.Contains(progress, want) {
					t.Errorf("%q is not in:\n%s", want, progress)
				}
			}
		})
	}
	for _, s := range w.Servers() {
		if n := s.Queries(); n > 0 {
			t.Errorf("%s was asked %d times, want never", s.Name(), n)
		}
	}
}

// TestVerifyInterrupted: what was done is told, and the list counts as not done.
func TestVerifyInterrupted(t *testing.T) {
	t.Parallel()
	w, dns := listWorld(t, 0)
	ctx, cancel := context.WithCancel(t.Context())
	for _, s := range w.Servers() {
		s.SetFault(verifytest.Fault{Drop: true})
	}
	file := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(file, []byte(sound), 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		for w.Server("ns1").Queries() == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	var out, progress bytes.Buffer
	if code := run(ctx, []string{"-verify", file}, dns, os.Stdin, &out, &progress); code != exitNot {
		t.Errorf("exit %d, want %d", code, exitNot)
	}
	if !strings.Contains(out.String(), "0 of 3 lines looked at") || !strings.Contains(progress.String(), "interrupted") {
		t.Errorf("got %q and %q, want what was done and why it ended", out.String(), progress.String())
	}
}

// TestRateAlone: a bound that would bound nothing is refused.
func TestRateAlone(t *testing.T) {
	t.Parallel()
	_, dns := listWorld(t, 0)
	code, out, progress := verifyFile(t, dns, "", "-rate", "5")
	if code != exitInput || out != "" || !strings.Contains(progress, "-rate means nothing without -verify") {
		t.Errorf("exit %d, %q, %q, want a refusal", code, out, progress)
	}
}

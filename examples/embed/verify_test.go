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
		{"all there", sound, exitConnected, []string{"3  propagated", "3 of 3 looked at"}, []string{"→"}},
		{
			"one is not", sound + "token.customer.example TXT app=1\nnew.customer.example A 192.0.2.1\n", exitNot,
			[]string{"absent        token.customer.example TXT", "NAME_DOUBLED", "→ ", "absent        new.customer.example A", "3  propagated", "2  absent", "5 of 5 looked at"},
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
	if code != exitConnected || !strings.Contains(progress, "30 of 30 looked at") {
		t.Errorf("exit %d, want %d\n%s", code, exitConnected, progress)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(out) {
		var r verify.Report
		if err := json.Unmarshal([]byte(line), &r); err != nil || len(r.Records) != 1 {
			t.Fatalf("%v in %q, want a report of one record", err, line)
		}
		seen[string(r.Records[0].Expect.Record.Name)] = r.Verdict == verify.Propagated
	}
	if len(seen) != shops || !seen["_app.shop7.example"] {
		t.Errorf("got %v, want every shop propagated", seen)
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
	if !strings.Contains(out.String(), "0 of 3 looked at") || !strings.Contains(progress.String(), "interrupted") {
		t.Errorf("got %q and %q, want what was done and why it ended", out.String(), progress.String())
	}
}

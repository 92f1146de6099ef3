package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/verify"
)

// demo runs a demo and is its exit status and all that it prints.
func demo(t *testing.T, flags ...string) (code int, printed string) {
	t.Helper()
	var b bytes.Buffer
	code = run(t.Context(), append(flags, "-timeout", "1m"), verify.Options{}, os.Stdin, &b, &b)
	return code, b.String()
}

// TestDemos: each host has a demo, which says what it runs on and does not say
// what is not so.
func TestDemos(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		id   string
		says []string
		not  []string
	}{
		{"cloudflare", []string{"A fake of Cloudflare's API", "2 of 2 name servers are Cloudflare's"}, []string{"so the customer of this demo has none"}},
		{
			"godaddy",
			[]string{
				"GoDaddy's API writes no CAA record, so the customer of this demo has none: customer.example. CAA 0 iss",
				`GoDaddy's API stores no text that holds '"', so the customer`, "7 of 7 records",
			},
			[]string{"caa-unknown"},
		},
		{"namecheap", []string{"Namecheap's API writes no SRV record", "8 of 8 records"}, nil},
		{"rfc2136", []string{"Two name servers in this process", "RFC 2136 dynamic update was chosen, and not recognised"}, nil},
	} {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			code, out := demo(t, "-demo", tt.id, "-in-process") // TestDemoProcesses has the other way
			if code != exitConnected {
				t.Fatalf("exit status %d:\n%s", code, out)
			}
			for _, want := range append(tt.says, "Done: every record is proven in DNS.", "a journal that goes with this demo") {
				if !strings.Contains(out, want) {
					t.Errorf("the demo does not say %q:\n%s", want, out)
				}
			}
			if tt.id != demoDefault {
				tt.not = append(tt.not, "not recognised")
			}
			for _, no := range append(tt.not, "mooring-demo-journal", "-undo ", " \n") {
				if strings.Contains(out, no) {
					t.Errorf("the demo says %q:\n%s", no, out)
				}
			}
		})
	}
}

// TestDemoFlags: what is said beside -demo is heeded or refused, and never
// passed over.
func TestDemoFlags(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		flags []string
		code  int
		want  string
	}{
		{"a decision", []string{"-demo", "cloudflare", "-decide", "address-group=keep"}, exitConnected, "keep     leave the name as it is: A 192.0.2.10 [taken]"},
		{"a decision and -yes", []string{"-demo", "cloudflare", "-decide", "address-group=keep", "-yes"}, exitConnected, "A 192.0.2.10 [taken]"},
		{"a decision that the host cannot do", []string{"-demo", "godaddy", "-decide", "caa-first=write"}, exitDecision, "CAA cannot be written"},
		{"an option that is none", []string{"-demo", "namecheap", "-decide", "address-group=burn"}, exitInput, "burn"},
		{"a policy", []string{"-demo", "rfc2136", "-policy", "address=keep"}, exitConnected, "A 192.0.2.10 [taken]"},
		{"a policy of no class", []string{"-demo", "rfc2136", "-policy", "adress=keep"}, exitInput, "the classes are address, alias, mail"},
		{"a host that has none", []string{"-demo", "clodflare"}, exitInput, `embed: -demo "clodflare": there are demos of cloudflare, godaddy, namecheap, rfc2136`},
		{"by hand", []string{"-demo", "cloudflare", "-manual"}, exitInput, "-manual waits for a person"},
		{"variables", []string{"-demo", "cloudflare", "-servers", "198.51.100.1"}, exitInput, "-servers"},
		{"another domain", []string{"-demo", "cloudflare", "-domain", "other.example"}, exitInput, "its own domain"},
		{"a run", []string{"-demo", "cloudflare", "-undo", "x"}, exitInput, "nothing to take back"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if code, out := demo(t, append(tt.flags, "-in-process")...); code != tt.code || !strings.Contains(out, tt.want) {
				t.Errorf("status %d, want %d and %q:\n%s", code, tt.code, tt.want, out)
			}
		})
	}
	t.Run("a journal", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "journal")
		for n := 1; n <= 2; n++ {
			code, out := demo(t, "-demo", "namecheap", "-journal", dir, "-in-process")
			runs, err := providers.JournalDir(dir).List(t.Context())
			if code != exitConnected || err != nil || len(runs) != n || !strings.Contains(out, "written down in "+dir) {
				t.Errorf("status %d, %d runs in the journal, want %d, %v:\n%s", code, len(runs), n, err, out)
			}
		}
	})
}

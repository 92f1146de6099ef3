package connect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

const (
	longName = "s4096._domainkey." + customer
	longHead = head + "@ NS ns2\nns2 A 127.0.0.2\n@ TXT \"MS=ms12345678\"\n"
)

// TestLongTextsOnKnot: an SPF record of 300 octets and a key of 4096 bits go
// through a real server as several strings, and everybody reads them as they
// were meant: the driver, the proof, and a DNS client that is not ours.
func TestLongTextsOnKnot(t *testing.T) {
	kdig := client(t)
	before, after := longSPF()
	k := rfc2136test.Knot{Second: true}.Start(t, longHead+"@ TXT "+zone.QuoteText(before)+"\n")
	h := serverHost(t, k, rfc2136.Driver{}, k.Credentials())
	longTexts(t, h, after)
	for name, want := range map[zone.Name]string{customer: after, longName: longKey(t)} {
		for _, server := range []string{"127.0.0.1", "127.0.0.2"} {
			var got []string
			for _, parts := range kdig(t, server, k.Port, name) {
				if strings.Join(parts, "") == want {
					got = parts
				}
			}
			stored(t, fmt.Sprintf("%s of %s to kdig", name, server), got, want)
		}
	}
}

// TestLongTextsOnServer is the same in this process, where Knot is not
// installed.
func TestLongTextsOnServer(t *testing.T) {
	before, after := longSPF()
	h, w := dnsHost(t, rfc2136.Driver{})
	w.Set(zoneOf(t, longHead+"@ TXT "+zone.QuoteText(before)+"\n"))
	longTexts(t, h, after)
}

func longTexts(t *testing.T, h host, record string) {
	t.Helper()
	key := longKey(t)
	if len(record) != 300 || len(key) < 740 {
		t.Fatalf("the record has %d octets and the key %d, want 300 and about 750", len(record), len(key))
	}
	p := h.prepare(t, []plan.Intent{
		plan.SPF("@", "v=spf1 "+strings.Join(senders(9, 17), " ")+" ~all"),
		plan.DKIM(string(longName)+".", key, ""),
	})
	if p.Status != plan.Ready || len(p.Open()) > 0 {
		t.Fatalf("the plan is %s:\n%s", p.Status, p.Text())
	}
	run := h.apply(t, p)
	report := h.wait(t, run)
	if report.Verdict != verify.Propagated || len(report.Records) == 0 {
		t.Errorf("the proof says %s of %d records", report.Verdict, len(report.Records))
	}
	for _, r := range report.Records {
		if r.Verdict != verify.Propagated {
			t.Errorf("the proof says %s of %v", r.Verdict, r.Expect.Record)
		}
	}
	snap := h.zone()
	for name, want := range map[zone.Name]string{customer: record, longName: key} {
		i := slices.IndexFunc(snap.Set(name, "TXT"), func(r zone.Record) bool { return r.Text() == want })
		if i < 0 {
			t.Errorf("the driver reads no such record at %s: %v", name, snap.Set(name, "TXT"))
			continue
		}
		parts, err := zone.ParseStrings(snap.Set(name, "TXT")[i].Data)
		if err != nil {
			t.Fatal(err)
		}
		stored(t, string(name)+" to the driver", parts, want)
	}
	if n := len(snap.Set(customer, "TXT")); n != 2 {
		t.Errorf("%d TXT records at the apex, want the SPF record and the one that is not ours: %v", n, snap.Set(customer, "TXT"))
	}
	if again := h.prepare(t, p.Request.Intents); again.Status != plan.NoChange {
		t.Errorf("planned again it is %s:\n%s", again.Status, again.Text())
	}
}

// stored checks that the strings of a record are what they may be (RFC 1035
// section 3.3.14) and say what is meant.
func stored(t *testing.T, what string, parts []string, want string) {
	t.Helper()
	if d := cmp.Diff(strings.Join(parts, ""), want); d != "" {
		t.Errorf("%s (-got +want):\n%s", what, d)
	}
	if len(parts) != (len(want)+254)/255 {
		t.Errorf("%s is %d strings, want %d for %d octets", what, len(parts), (len(want)+254)/255, len(want))
	}
	for i, s := range parts {
		if len(s) == 0 || len(s) > 255 {
			t.Errorf("%s: string %d has %d octets", what, i, len(s))
		}
	}
}

// longSPF is a record before and after a merge that makes it 300 octets long.
func longSPF() (before, after string) {
	after = "v=spf1 " + strings.Join(senders(0, 17), " ") + " ~all" // 300 octets
	return "v=spf1 " + strings.Join(senders(0, 9), " ") + " ~all", after
}

// senders is terms of 16 octets.
func senders(from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, "ip4:203.0.113."+strconv.Itoa(10+2*i))
	}
	return out
}

// longKey is the key of 4096 bits among the vectors of package dkim.
func longKey(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../dkim/testdata/dkim-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			Name, TXT string
			Bits      int
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for _, v := range file.Vectors {
		if v.Bits != 4096 || v.Name != "rsa4096-spki" {
			continue
		}
		if key, err := dkim.ParseKey(v.TXT); err != nil || key.Bits != v.Bits {
			t.Fatalf("%s: %d bits, %v", v.Name, key.Bits, err)
		}
		return v.TXT
	}
	t.Fatal("the vectors hold no key of 4096 bits")
	return ""
}

// client is a DNS client that shares no code with us: it gives the strings of
// each TXT record of a name.
func client(t *testing.T) func(t *testing.T, server string, port uint16, name zone.Name) [][]string {
	t.Helper()
	binary, err := exec.LookPath("kdig")
	if err != nil {
		if os.Getenv("MOORING_REQUIRE") == "all" {
			t.Fatal("kdig is not installed, and MOORING_REQUIRE=all wants it")
		}
		t.Skip("kdig is not installed")
	}
	return func(t *testing.T, server string, port uint16, name zone.Name) [][]string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		// Over TCP nothing is cut short, and the machine may be busy.
		out, err := exec.CommandContext(ctx, binary, "@"+server, "-p", strconv.Itoa(int(port)), "+tcp", "+timeout=20", "+short", name.FQDN(), "TXT").Output()
		if err != nil {
			t.Fatalf("kdig: %v: %s", err, out)
		}
		var recs [][]string
		for line := range strings.Lines(string(out)) {
			parts, err := zone.ParseStrings(strings.TrimSpace(line))
			if err != nil {
				t.Fatalf("kdig says %q: %v", line, err)
			}
			recs = append(recs, parts)
		}
		return recs
	}
}

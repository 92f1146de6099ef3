package connect_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// shortKey has 1024 bits, which is a hint and no more.
const shortKey = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDKB8WnpYZDTBf8XahttvWkYOmKMX6DxIiggs+kRf9BQiTse2M8TfXHP9CjFkYVv7Ql8DVjBK+aylbfEuazg8OZMd+K93G6BjZAb74mAa6btwHpavtwQUel0xF+LxAVtRwzkjji8342RukGP+NghPCj2xvjATkAU3ysEH+aEyEnBwIDAQAB"

// outsideZones are the services that the domains of these tests use.
func outsideZones() []string {
	at := func(origin, text string) string {
		return "$ORIGIN " + origin + ".\n$TTL 300\n@ SOA ns1.customer.example. host 1 3600 600 86400 300\n@ NS ns1.customer.example.\n" + text
	}
	return []string{
		at("google.com", "_spf TXT \"v=spf1 include:_netblocks include:_netblocks2.google.com ~all\"\n_netblocks2 TXT \"v=spf1 ip4:192.0.2.128/25 ~all\"\nsmtp A 192.0.2.1\n"),
		at("service.example", "_spf TXT \"v=spf1 a:out.service.example ip4:198.51.100.0/24 -all\"\nout A 198.51.100.1\n_dmarc TXT \"v=DMARC1; p=reject\"\n"),
		at("example", "dead NS ns1.dead\nns1.dead A 192.0.2.66\n"), // where the walk for a DMARC record ends; nobody serves dead
		at("app.example", ""),
		at("reports.example", "customer.example._report._dmarc TXT \"v=DMARC1\"\n"),
		at("outlook.com", "c.mail.protection A 192.0.2.1\nspf.protection TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"),
		at("onmicrosoft.com", "selector1-c._domainkey.c TXT \""+shortKey+"\"\n"),
	}
}

// healthy is a domain whose mail is in order.
const healthy = head + `@ NS ns2
ns2 A 127.0.0.2
@ A 192.0.2.80
@ MX 5 smtp.google.com.
@ TXT "v=spf1 include:_spf.service.example mx ~all"
@ TXT "MS=ms12345678"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@reports.example"
google._domainkey TXT "` + shortKey + `"
_mta-sts TXT "v=STSv1; id=20261122"
mta-sts A 192.0.2.80
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@customer.example"
`

// microsoft is a domain at Microsoft 365, which fills the second selector when
// it first changes keys.
const microsoft = head + `@ MX 0 c.mail.protection.outlook.com.
@ TXT "v=spf1 include:spf.protection.outlook.com -all"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@customer.example"
selector1._domainkey CNAME selector1-c._domainkey.c.onmicrosoft.com.
selector2._domainkey CNAME selector2-c._domainkey.c.onmicrosoft.com.
`

func diagnoser(t testing.TB, w *verifytest.World) *connect.Engine {
	t.Helper()
	e, err := connect.New(connect.Options{Verify: verify.Options{Start: w.Start(), Map: w.Map, Timeout: patience}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func diagnosed(t testing.TB, text, name string, faults ...verifytest.Fault) connect.Diagnosis {
	t.Helper()
	w := verifytest.New(t, verifytest.Options{Text: append(outsideZones(), text)})
	for _, f := range faults {
		for _, s := range w.Servers() {
			s.SetFault(f)
		}
	}
	d, err := diagnoser(t, w).Diagnose(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// codes is the findings in short.
func codes(d connect.Diagnosis) []string {
	out := []string{}
	for _, f := range d.Findings {
		out = append(out, fmt.Sprintf("%s %s %s %s", f.Severity, f.Area, f.Code, f.Owner))
	}
	return out
}

// TestDiagnose: each fault of a domain's mail is found, with its severity, and
// a sound domain has none.
func TestDiagnose(t *testing.T) {
	t.Parallel()
	unsigned := changed("google._domainkey TXT \""+shortKey+"\"\n", "")
	wild := []string{
		"hint dkim no-key _domainkey.customer.example",
		"hint dkim wildcard-answer *._domainkey.customer.example",
	}
	var eleven strings.Builder
	for i := range 11 {
		fmt.Fprintf(&eleven, "@ MX %d h%d\n", i+10, i+1)
		if i < 10 {
			fmt.Fprintf(&eleven, "h%d A 192.0.2.1\n", i+1)
		}
	}
	probeFails := verifytest.Fault{Rcode: "SERVFAIL", Only: "mooring-no-such-selector._domainkey.customer.example"}
	tests := []struct {
		name, text, domain string
		fault              verifytest.Fault
		want               []string
		sound              bool
	}{
		{name: "sound", text: healthy, domain: "Customer.Example", sound: true, want: []string{
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "no such name", text: healthy, domain: "gone.customer.example", want: []string{
			"broken domain no-such-name gone.customer.example",
		}},
		{name: "DNS fails", text: healthy, domain: "customer.example", fault: verifytest.Fault{Rcode: "SERVFAIL"}, want: []string{
			"unknown domain no-answer customer.example",
		}},
		{name: "nothing", text: head + "@ A 192.0.2.80\n", domain: "customer.example", sound: true, want: []string{
			"warning spf no-record customer.example",
			"warning dmarc missing _dmarc.customer.example",
			"hint mx no-mx customer.example",
			"hint dkim no-key _domainkey.customer.example",
		}},
		{name: "two SPF records", text: changed("~all\"", "~all\"\n@ TXT \"v=spf1 ip4:192.0.2.1 -all\""), domain: "customer.example", want: []string{
			"broken spf multiple-records customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "eleven lookups", text: changed("include:_spf.service.example mx ~all", "mx "+strings.Repeat("include:_spf.service.example ", 5)+"~all"), domain: "customer.example", want: []string{
			"broken spf SpfRecordsLimitError customer.example",
			"hint spf redundant customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "an include that nobody answers for", text: changed("mx ~all", "include:spf.nowhere.test ~all"), domain: "customer.example", want: []string{
			"unknown spf unknown customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "an include of nothing", text: changed("mx ~all", "include:gone.service.example ~all"), domain: "customer.example", want: []string{
			"broken spf no-record customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "reports that nobody gets", text: changed("d@reports.example", "d@app.example"), domain: "customer.example", sound: true, want: []string{
			"warning dmarc unauthorised _dmarc.customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "a policy without effect", text: changed("v=DMARC1; p=reject; rua=mailto:d@reports.example", "v=DMARC1; p=bogus"), domain: "customer.example", want: []string{
			"broken dmarc invalid _dmarc.customer.example",
			"broken dmarc no-effect _dmarc.customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "a policy for a name below", text: healthy + "shop A 192.0.2.80\nshop MX 5 smtp.google.com.\nshop TXT \"v=spf1 -all\"\n", domain: "shop.customer.example", sound: true, want: []string{
			"hint spf null-sender shop.customer.example",
			"hint dkim no-key _domainkey.shop.customer.example",
		}},
		{name: "a key cut off", text: changed(shortKey, shortKey[:200]), domain: "customer.example", want: []string{
			"broken dkim truncated google._domainkey.customer.example",
		}},
		{name: "a wildcard that revokes", text: healthy + "*._domainkey TXT \"v=DKIM1; p=\"\n", domain: "customer.example", sound: true, want: []string{
			"hint dkim revoked-key *._domainkey.customer.example",
			"hint dkim wildcard-answer *._domainkey.customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{
			name: "a key that is no wildcard's, as other names do not exist", text: healthy, domain: "customer.example", sound: true,
			fault: verifytest.Fault{Rcode: "SERVFAIL", Only: "mooring-no-such-selector._domainkey.customer.example"},
			want:  []string{"hint dkim short-key google._domainkey.customer.example"},
		},
		{
			name: "keys that may all be a wildcard's", text: healthy + "*._domainkey TXT \"v=DKIM1; p=\"\n", domain: "customer.example",
			fault: verifytest.Fault{Rcode: "SERVFAIL", Only: "mooring-no-such-selector._domainkey.customer.example"},
			want:  []string{"unknown dkim no-answer _domainkey.customer.example"},
		},
		{name: "an Ed25519 key beside one for everybody", text: healthy + "s1._domainkey TXT \"" + goodKey + "\"\n", domain: "customer.example", sound: true, want: []string{
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "an Ed25519 key alone", text: changed(shortKey, goodKey), domain: "customer.example", sound: true, want: []string{
			"hint dkim ed25519-alone google._domainkey.customer.example",
		}},
		{name: "an alias to nothing", text: healthy + "selector1._domainkey CNAME gone.service.example.\n", domain: "customer.example", want: []string{
			"broken dkim target-empty selector1._domainkey.customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "an alias to what nobody answers for", text: healthy + "s1._domainkey CNAME s1.dead.example.\n", domain: "customer.example", want: []string{
			"unknown dkim no-answer _domainkey.customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "an alias in a circle", text: healthy + "s1._domainkey CNAME l\nl CNAME l2\nl2 CNAME l\n", domain: "customer.example", want: []string{
			"unknown dkim no-answer _domainkey.customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "a wildcard alias", text: unsigned + "* CNAME smtp.google.com.\n", domain: "customer.example", sound: true, want: wild},
		{name: "a wildcard alias to what nobody answers for", text: unsigned + "* CNAME x.dead.example.\n", domain: "customer.example", want: []string{
			"unknown dkim no-answer _domainkey.customer.example",
			"unknown bimi no-answer default._bimi.customer.example",
		}},
		{name: "a wildcard alias to what nobody answers for, and a key", text: healthy + "*._domainkey CNAME x.dead.example.\n", domain: "customer.example", want: []string{
			"unknown dkim no-answer _domainkey.customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "a wildcard policy", text: unsigned + "* TXT \"v=spf1 -all\"\n", domain: "customer.example", sound: true, want: wild},
		{name: "wildcard texts", text: unsigned + "* TXT \"verify=1\"\n* TXT \"verify=2\"\n", domain: "customer.example", sound: true, want: wild},
		{name: "a wildcard key that works", text: unsigned + "*._domainkey TXT \"" + shortKey + "\"\n", domain: "customer.example", sound: true, want: []string{
			"hint dkim no-key _domainkey.customer.example",
			"hint dkim short-key *._domainkey.customer.example",
			"hint dkim wildcard-answer *._domainkey.customer.example",
		}},
		{name: "a wildcard key cut off", text: unsigned + "*._domainkey TXT \"" + shortKey[:200] + "\"\n", domain: "customer.example", want: []string{
			"broken dkim truncated *._domainkey.customer.example",
			"hint dkim no-key _domainkey.customer.example",
			"hint dkim wildcard-answer *._domainkey.customer.example",
		}},
		{name: "a wildcard, and the probe for it fails", text: unsigned + "*._domainkey TXT \"v=DKIM1; p=\"\n", domain: "customer.example", sound: true, fault: probeFails, want: []string{
			"hint dkim no-key _domainkey.customer.example",
			"hint dkim revoked-key *._domainkey.customer.example",
			"hint dkim wildcard-answer *._domainkey.customer.example",
		}},
		{name: "a wildcard beside a key, and the probe for it fails", text: healthy + "*._domainkey TXT \"v=DKIM1; p=\"\n", domain: "customer.example", fault: probeFails, want: []string{
			"unknown dkim no-answer _domainkey.customer.example",
		}},
		{name: "no wildcard, and the probe for it fails", text: healthy, domain: "customer.example", sound: true, fault: probeFails, want: []string{
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "Microsoft 365 before its first change of keys", text: microsoft, domain: "customer.example", sound: true, want: []string{
			"hint dkim short-key selector1._domainkey.customer.example",
			"hint dkim target-empty selector2._domainkey.customer.example",
		}},
		{name: "Microsoft 365 without a key", text: strings.Replace(microsoft, "selector1-c.", "selector1-d.", 1), domain: "customer.example", want: []string{
			"broken dkim target-empty selector1._domainkey.customer.example",
			"broken dkim target-empty selector2._domainkey.customer.example",
		}},
		{name: "an alias of a name that is gone", text: healthy + "www CNAME gone.service.example.\n", domain: "www.customer.example", want: []string{
			"broken domain target-gone www.customer.example",
		}},
		{name: "an alias of a name that nobody answers for", text: healthy + "www CNAME x.dead.example.\n", domain: "www.customer.example", want: []string{
			"unknown domain no-answer www.customer.example",
		}},
		{name: "a mail server that is an address", text: changed("@ MX 5 smtp.google.com.", "@ MX 5 192.0.2.7."), domain: "customer.example", want: []string{
			"broken mx not-a-host customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "two policies", text: healthy + "_dmarc TXT \"v=DMARC1; p=none\"\n", domain: "customer.example", want: []string{
			"broken dmarc multiple-records _dmarc.customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "a policy that a vendor took away, below one that stands", text: healthy + "_dmarc.low CNAME gone.service.example.\nlow A 192.0.2.1\nlow TXT \"v=spf1 -all\"\n", domain: "low.customer.example", sound: true, want: []string{
			"warning dmarc target-gone _dmarc.low.customer.example",
			"hint mx no-mx low.customer.example",
			"hint spf null-sender low.customer.example",
			"hint dkim no-key _domainkey.low.customer.example",
		}},
		{name: "no logo is wanted", text: changed("p=reject", "p=none") + "default._bimi TXT \"v=BIMI1; l=; a=;\"\n", domain: "customer.example", sound: true, want: []string{
			"hint dkim short-key google._domainkey.customer.example",
			"hint dmarc policy-none _dmarc.customer.example",
		}},
		{name: "transport security without a host", text: changed("mta-sts A 192.0.2.80\n", ""), domain: "customer.example", want: []string{
			"broken mta-sts no-policy-host mta-sts.customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "transport security with a fault", text: changed("id=20261122", "id=2026-11-22"), domain: "customer.example", want: []string{
			"broken mta-sts invalid _mta-sts.customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "a logo that nobody shows", text: changed("p=reject", "p=none") + "default._bimi TXT \"v=BIMI1; l=https://customer.example/logo.svg\"\n", domain: "customer.example", sound: true, want: []string{
			"warning bimi not-enforced default._bimi.customer.example",
			"hint dkim short-key google._domainkey.customer.example",
			"hint dmarc policy-none _dmarc.customer.example",
		}},
		{name: "a null MX beside others", text: healthy + "@ MX 0 .\n", domain: "customer.example", want: []string{
			"broken mx null-mx-beside customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{
			name: "mail servers", domain: "customer.example",
			text: changed("@ MX 5 smtp.google.com.\n", "@ MX 5 smtp.google.com.\n@ MX 7 alias\n@ MX 8 gone\n@ MX 9 mx.nowhere.test.\nalias CNAME smtp.google.com.\n"),
			want: []string{
				"broken mx no-address gone.customer.example",
				"unknown mx no-answer mx.nowhere.test",
				"warning mx alias alias.customer.example",
				"hint dkim short-key google._domainkey.customer.example",
			},
		},
		{name: "eleven mail servers, the last of which is gone", text: healthy + eleven.String(), domain: "customer.example", want: []string{
			"broken mx no-address h11.customer.example",
			"broken spf too-many-mx customer.example",
			"hint dkim short-key google._domainkey.customer.example",
		}},
		{name: "no mail", text: head + "@ MX 0 .\n@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n", domain: "customer.example", sound: true, want: []string{
			"hint mx null-mx customer.example",
			"hint spf null-sender customer.example",
			"hint dmarc no-reports _dmarc.customer.example",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := diagnosed(t, tt.text, tt.domain, tt.fault)
			if diff := cmp.Diff(codes(d), tt.want); diff != "" {
				t.Errorf("findings (-got +want):\n%s", diff)
				for _, f := range d.Findings {
					t.Logf("%s", f.Text)
				}
			}
			if d.Sound() != tt.sound {
				t.Errorf("sound: got %v, want %v", d.Sound(), tt.sound)
			}
		})
	}
}

// changed is the sound domain with one thing in place of another.
func changed(old, now string) string {
	before, after, ok := strings.Cut(healthy, old)
	if !ok {
		panic("the sound domain does not hold " + old)
	}
	return before + now + after
}

// TestDiagnoseSays: what people read is true: it names what stands there, and
// why DNS could not be asked.
func TestDiagnoseSays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, domain string
		code               string // of the finding that is read
		want, not          []string
	}{
		{
			"a policy that a vendor took away", changed("_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@reports.example\"", "_dmarc CNAME gone.service.example."), "customer.example",
			"missing",
			[]string{"a CNAME answers at _dmarc.customer.example and leads to gone.service.example", "in the place of the CNAME"},
			[]string{"as TXT at"},
		},
		{
			"a policy host that nobody answers for", changed("mta-sts A 192.0.2.80", "mta-sts CNAME x.dead.example."), "customer.example",
			"no-answer",
			[]string{"the address of the policy's host at mta-sts.customer.example. could not be asked for: no address of a server is known / ask again later"},
			[]string{"put the mail off", "knownno"},
		},
		{
			"a mail server that nobody answers for", changed("@ MX 5 smtp.google.com.", "@ MX 5 mx.dead.example."), "customer.example",
			"no-answer",
			[]string{"senders that get no answer either may put the mail off"},
			nil,
		},
		{
			"an alias of a name that is gone", healthy + "www CNAME gone.service.example.\n", "www.customer.example",
			"target-gone",
			[]string{"www.customer.example. is an alias of gone.service.example."},
			[]string{"spelling"},
		},
		{
			"an alias of a name that nobody answers for", healthy + "www CNAME x.dead.example.\n", "www.customer.example",
			"no-answer",
			[]string{"www.customer.example. is an alias of x.dead.example., and", "no address of a server is known"},
			nil,
		},
		{
			"a service that nobody answers for", changed("mx ~all", "include:spf.dead.example ~all"), "customer.example",
			"unknown",
			[]string{`include "spf.dead.example": no answer (no address of a server is known)`},
			nil,
		},
		{
			"a redirect to nothing", changed("v=spf1 include:_spf.service.example mx ~all", "v=spf1 redirect=gone.service.example"), "customer.example",
			"no-record",
			[]string{"name the right domain"},
			[]string{"drop the term"},
		},
		{
			"an include of nothing", changed("mx ~all", "include:gone.service.example ~all"), "customer.example",
			"no-record",
			[]string{"drop the term"},
			nil,
		},
		{
			"a spare key", microsoft, "customer.example",
			"target-empty",
			[]string{"leaves this one empty"},
			[]string{"remove"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := diagnosed(t, tt.text, tt.domain)
			i := slices.IndexFunc(d.Findings, func(f connect.MailFinding) bool { return f.Code == tt.code })
			if i < 0 {
				t.Fatalf("no finding %s among %q", tt.code, codes(d))
			}
			says := d.Findings[i].Text + " / " + d.Findings[i].Advice
			for _, w := range tt.want {
				if !strings.Contains(says, w) {
					t.Errorf("it does not say %q: %s", w, says)
				}
			}
			for _, n := range tt.not {
				if strings.Contains(says, n) {
					t.Errorf("it says %q: %s", n, says)
				}
			}
		})
	}
}

// TestDiagnoseVoid: several records of one kind stand there, though none of
// them counts.
func TestDiagnoseVoid(t *testing.T) {
	t.Parallel()
	d := diagnosed(t, healthy+"@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=none\"\n", "customer.example")
	if d.SPF.Status != plan.Found || d.SPF.Record != "" {
		t.Errorf("SPF: %+v", d.SPF)
	}
	if d.DMARC.Status != plan.Found || d.DMARC.Record != "" || d.DMARC.Owner != "" {
		t.Errorf("DMARC: %+v", d.DMARC)
	}
}

// TestDiagnoseUnknownKey: a key that nobody answers for is neither there nor
// missing.
func TestDiagnoseUnknownKey(t *testing.T) {
	t.Parallel()
	unsigned := changed("google._domainkey TXT \""+shortKey+"\"\n", "s1._domainkey CNAME s1.dead.example.\n")
	d := diagnosed(t, unsigned, "customer.example")
	want := []connect.KeyReport{{Selector: "s1", State: string(dkim.StateUnknown), Target: "s1.dead.example"}}
	if diff := cmp.Diff(d.DKIM.Keys, want); diff != "" {
		t.Errorf("keys (-got +want):\n%s", diff)
	}
	if d.DKIM.Status != plan.Failed || !slices.Equal(d.DKIM.Failed, []string{"s1"}) {
		t.Errorf("status %s, failed %q", d.DKIM.Status, d.DKIM.Failed)
	}
}

// TestDiagnoseLostTexts: where no TXT answer arrives whole, neither the policy
// nor the mailbox host is known.
func TestDiagnoseLostTexts(t *testing.T) {
	t.Parallel()
	text := changed("@ MX 5 smtp.google.com.", "@ MX 5 mx.service.example.")
	for i := range 400 { // more than a message of 65,535 octets can hold
		text += fmt.Sprintf("@ TXT \"%03d%s\"\n", i, strings.Repeat("y", 200))
	}
	d := diagnosed(t, text, "customer.example")
	if d.SPF.Status != plan.Failed || !d.MX.Mailbox.Failed {
		t.Errorf("SPF %s, mailbox %+v", d.SPF.Status, d.MX.Mailbox)
	}
}

// TestDiagnoseTree: what each term of an SPF record costs stands where the
// record puts it, with everything below it.
func TestDiagnoseTree(t *testing.T) {
	t.Parallel()
	d := diagnosed(t, changed("mx ~all", "mx a:none.service.example ptr ~all mx:late.example"), "customer.example")
	want := connect.SPFReport{
		Status: plan.Found, Lookups: 5, Voids: 1, Terms: []connect.SPFTerm{
			{Term: "include:_spf.service.example", Target: "_spf.service.example", Lookups: 2, Below: []connect.SPFTerm{
				{Term: "a:out.service.example", Target: "out.service.example", Lookups: 1},
				{Term: "ip4:198.51.100.0/24"},
				{Term: "-all"},
			}},
			{Term: "mx", Target: "customer.example", Lookups: 1},
			{Term: "a:none.service.example", Target: "none.service.example", Lookups: 1, Voids: 1},
			{Term: "ptr", Target: "customer.example", Lookups: 1},
			{Term: "~all"},
			{Term: "mx:late.example", Dead: true},
		},
	}
	want.Record = "v=spf1 include:_spf.service.example mx a:none.service.example ptr ~all mx:late.example"
	want.Octets = len(want.Record)
	if diff := cmp.Diff(d.SPF, want); diff != "" {
		t.Errorf("SPF (-got +want):\n%s", diff)
	}
}

// TestDiagnoseReport: the rest of what the records say.
func TestDiagnoseReport(t *testing.T) {
	t.Parallel()
	d := diagnosed(t, healthy, "customer.example")
	if m := d.MX.Mailbox; m.Mailbox != "google-workspace" || m.Confidence != dkim.High || len(m.Evidence) == 0 {
		t.Errorf("mailbox host: %+v", m)
	}
	if diff := cmp.Diff(d.DMARC, connect.DMARCReport{
		Status: plan.Found, Owner: "_dmarc.customer.example", Organization: "customer.example",
		Record: "v=DMARC1; p=reject; rua=mailto:d@reports.example", Policy: "reject", Subdomains: "reject",
		Reports: []connect.ReportAddress{{Owner: "customer.example._report._dmarc.reports.example", Status: plan.Found}},
	}); diff != "" {
		t.Errorf("DMARC (-got +want):\n%s", diff)
	}
	if len(d.DKIM.Keys) != 1 || d.DKIM.Keys[0].Selector != "google" || d.DKIM.Keys[0].Bits != 1024 || len(d.DKIM.Keys[0].Fingerprint) != 64 {
		t.Errorf("keys: %+v", d.DKIM.Keys)
	}
	var areas []connect.Area
	for _, n := range d.Neighbours {
		areas = append(areas, n.Area)
	}
	if diff := cmp.Diff(areas, []connect.Area{connect.AreaMTASTS, connect.AreaTLSRPT}); diff != "" {
		t.Errorf("neighbours (-got +want):\n%s", diff)
	}
	// It is plain data: what comes back from JSON is what was sent.
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back connect.Diagnosis
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(back, d); diff != "" {
		t.Errorf("after JSON (-got +want):\n%s", diff)
	}
}

// TestDiagnoseBounded: a record that leads everywhere costs a bounded number of
// questions, and the same diagnosis is made of the same DNS.
func TestDiagnoseBounded(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(healthy)
	for i := range 30 {
		fmt.Fprintf(&text, "n%d TXT \"v=spf1", i)
		for j := range 30 {
			fmt.Fprintf(&text, " include:n%d.customer.example a:h%d-%d.customer.example", (i+j)%30, i, j)
		}
		text.WriteString(" -all\"\n")
	}
	bomb := strings.Replace(text.String(), "mx ~all", "include:n0.customer.example ~all", 1)
	d := diagnosed(t, bomb, "customer.example")
	if d.Questions > 400 || d.Questions < 50 {
		t.Errorf("%d questions", d.Questions)
	}
	if d.Sound() || d.SPF.Lookups <= 10 {
		t.Errorf("%d lookups, sound: %v", d.SPF.Lookups, d.Sound())
	}
}

// TestDiagnoseInput: a name that is none is refused, and an end of the time
// gives what was learnt until then.
func TestDiagnoseInput(t *testing.T) {
	t.Parallel()
	w := verifytest.New(t, verifytest.Options{Text: append(outsideZones(), healthy)})
	e := diagnoser(t, w)
	for _, tt := range []struct{ name, want string }{
		{"", "enter a domain"}, {"co.uk", "give a domain below it"}, {"com", "give a domain below it"}, {"post@customer.example", "after the @"}, {"192.0.2.1", "IP address"},
	} {
		_, err := e.Diagnose(t.Context(), tt.name)
		if _, ok := errors.AsType[*entri.Error](err); !ok || !strings.Contains(fmt.Sprint(err), tt.want) || strings.Contains(fmt.Sprint(err), "com.com") {
			t.Errorf("%q: %T %v, want %q", tt.name, err, err, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d, err := e.Diagnose(ctx, "customer.example")
	if !errors.Is(err, context.Canceled) || d.Status != plan.Failed || d.Sound() {
		t.Errorf("after the end: %v, %+v", err, d)
	}
	if len(d.Findings) != 1 || !strings.Contains(d.Findings[0].Text, "the diagnosis ended before") {
		t.Errorf("after the end: %+v, and no server had the time to answer", d.Findings)
	}
}

// What the mail records of a domain say, and what each service costs.
func ExampleEngine_Diagnose() {
	world, _ := exampleWorld() // in place of the Internet
	defer world.Close()
	eng, err := connect.New(connect.Options{Verify: verify.Options{Start: world.Start(), Map: world.Map}})
	if err != nil {
		log.Fatal(err)
	}
	d, err := eng.Diagnose(context.Background(), "customer.example")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.SPF.Record)
	for _, term := range d.SPF.Terms {
		fmt.Println(term.Lookups, term.Term)
	}
	fmt.Println(d.DKIM.Status, d.DMARC.Status)
	// Output:
	// v=spf1 mx -all
	// 1 mx
	// 0 -all
	// nodata failed
}

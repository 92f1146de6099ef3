package dkim_test

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/dkim"
)

const (
	printLong    = "0285436dc0630e26a884c6c58d9bfe915fe61232aab1733efe9907d91642222a"
	printEd25519 = "03ad45c21491dd07d506841a1205e61171e8fc974391257b05c0e224539a781c"
	printShort   = "40ac1074a67189319f879182fd2b25dcb5e586fedc2bb8cf622104d83f52e4cf"
	vendor       = "s1.dkim.vendor.example"
)

func codes(found []dkim.Finding) []dkim.Code {
	var out []dkim.Code
	for _, f := range found {
		out = append(out, f.Code)
	}
	return out
}

// rsaRecord is the record of a key with a modulus of so many bits, and its fingerprint. No signature can be made with it.
func rsaRecord(t testing.TB, bits uint) (txt, fingerprint string) {
	t.Helper()
	n := new(big.Int).SetBit(big.NewInt(1), int(bits-1), 1)
	spki, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n, E: 65537})
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(spki), fmt.Sprintf("%x", sha256.Sum256(spki))
}

func TestDiagnose(t *testing.T) {
	var (
		spaced                = long[:255] + " " + long[255:]
		quoted                = `"` + long[:255] + `" "` + long[255:] + `"`
		escaped               = strings.ReplaceAll(long, ";", `\;`)
		weak                  = record(t, "rsa768-spki")
		turned                = long[255:] + long[:255]
		wanted                = dkim.Want{Value: long, FallbackValue: short}
		cname                 = dkim.Want{Target: vendor}
		copied                = dkim.Want{Target: vendor, Value: long, MayCopy: true}
		private               = cutPrivate
		tooLong, printTooLong = rsaRecord(t, 4104)
		texts                 = func(txt ...string) dkim.Seen { return dkim.Seen{Texts: txt} }
	)
	tests := []struct {
		name     string
		seen     dkim.Seen
		want     dkim.Want
		state    dkim.State
		works    bool
		print    string
		status   string
		findings []dkim.Code
	}{
		// A TXT is wanted.
		{"the wanted text", texts(long), wanted, dkim.StateMatch, true, printLong, "success", nil},
		{"another spelling", texts("p=" + long[18:]), wanted, dkim.StateMatch, true, printLong, "success", nil},
		{"the fallback", texts(short), wanted, dkim.StateMatchFallback, true, printShort, "success", []dkim.Code{dkim.CodeShortKey}},
		{"the key in testing", texts(long + "; t=y"), wanted, dkim.StateMatch, true, printLong, "success", []dkim.Code{dkim.CodeTagsDiffer, dkim.CodeTesting}},
		{"the key for SHA-1", texts(long + "; h=sha1"), wanted, dkim.StateMatch, false, printLong, "failure", []dkim.Code{dkim.CodeNoSHA256, dkim.CodeTagsDiffer}},
		{"nothing", texts(), wanted, dkim.StateMissing, false, "", "pending", []dkim.Code{dkim.CodeMissing}},
		{"another key", texts(short), dkim.Want{Value: long}, dkim.StateMismatch, false, printShort, "failure", []dkim.Code{dkim.CodeMismatch, dkim.CodeShortKey}},
		{"another text", texts("hello"), wanted, dkim.StateMismatch, false, "", "failure", []dkim.Code{dkim.CodeMismatch, dkim.CodeNotKey}},
		{"cut at 255", texts(long[:255]), wanted, dkim.StateTruncated, false, "", "failure", []dkim.Code{dkim.CodeTruncated}},
		{"cut at 254", texts(long[:254]), wanted, dkim.StateTruncated, false, "", "failure", []dkim.Code{dkim.CodeTruncated}},
		{"cut before the key", texts(long[:14]), wanted, dkim.StateTruncated, false, "", "failure", []dkim.Code{dkim.CodeTruncated}},
		{"the fallback cut", texts(short[:100]), wanted, dkim.StateTruncated, false, "", "failure", []dkim.Code{dkim.CodeTruncated}},
		{"quoted and cut", texts(quoted[:200]), wanted, dkim.StateTruncated, false, "", "failure", []dkim.Code{dkim.CodeTruncated, dkim.CodeQuotesStored}},
		{"spaces within the key", texts(spaced), wanted, dkim.StateSplitWithSpaces, true, printLong, "success", []dkim.Code{dkim.CodeSpaces}},
		{"spaces as wanted", texts(spaced), dkim.Want{Value: spaced}, dkim.StateMatch, true, printLong, "success", []dkim.Code{dkim.CodeSpaces}},
		{
			"spaces within a word", texts(strings.Replace(long, "DKIM1", "DK IM1", 1)), wanted, dkim.StateSplitWithSpaces, false, printLong, "failure",
			[]dkim.Code{dkim.CodeSpaces, dkim.CodeWantedKey},
		},
		{"quotes", texts(quoted), wanted, dkim.StateQuotesStored, false, printLong, "failure", []dkim.Code{dkim.CodeQuotesStored, dkim.CodeInnerQuotes, dkim.CodeWantedKey}},
		{
			"quotes around another key", texts(`"` + short + `"`),
			dkim.Want{Value: long},
			dkim.StateQuotesStored, false, printShort, "failure",
			[]dkim.Code{dkim.CodeMismatch, dkim.CodeQuotesStored, dkim.CodeShortKey},
		},
		{"backslashes", texts(escaped), wanted, dkim.StateEscapes, false, printLong, "failure", []dkim.Code{dkim.CodeEscapes, dkim.CodeWantedKey}},
		{"strings in the wrong order", texts(turned), wanted, dkim.StateInvalid, false, printLong, "failure", []dkim.Code{dkim.CodeDisordered, dkim.CodeWantedKey}},
		{"a target", texts("abc.dkim.amazonses.com"), wanted, dkim.StateTargetInTXT, false, "", "failure", []dkim.Code{dkim.CodeSESTarget}},
		{"revoked", texts("v=DKIM1; p="), wanted, dkim.StateRevoked, false, "", "failure", []dkim.Code{dkim.CodeRevokedKey}},
		{"revoked, and so is the fallback", texts("p="), dkim.Want{Value: long, FallbackValue: "p="}, dkim.StateRevoked, false, "", "failure", []dkim.Code{dkim.CodeRevokedKey}},
		{"revoked as wanted", texts("v=DKIM1; p="), dkim.Want{Value: "p="}, dkim.StateMatch, false, "", "failure", []dkim.Code{dkim.CodeRevokedKey}},
		{
			"weak as wanted", texts(weak),
			dkim.Want{Value: weak},
			dkim.StateWeak, false, "12b493df3463ba80986dd328ac80132f62485b3fb904b22fb752cfb91057bc1b",
			"failure",
			[]dkim.Code{dkim.CodeWeakKey},
		},
		{"another type of key", texts(record(t, "unknown-k")), wanted, dkim.StateMismatch, false, "", "failure", []dkim.Code{dkim.CodeMismatch, dkim.CodeUnsupportedKey}},
		{"a CNAME without a key", dkim.Seen{Target: vendor}, wanted, dkim.StateWrongType, false, "", "failure", []dkim.Code{dkim.CodeWrongType}},
		{
			"a CNAME to another key",
			dkim.Seen{Target: vendor, Texts: []string{short}},
			dkim.Want{Value: long},
			dkim.StateWrongType, false, printShort,
			"failure",
			[]dkim.Code{dkim.CodeWrongType, dkim.CodeShortKey},
		},
		{"a CNAME to the key", dkim.Seen{Target: vendor, Texts: []string{long}}, wanted, dkim.StateMatch, true, printLong, "success", []dkim.Code{dkim.CodeThroughCNAME}},
		{
			"two records", texts(short, long),
			dkim.Want{Value: long},
			dkim.StateMultiple, false, printLong, "failure",
			[]dkim.Code{dkim.CodeMultiple, dkim.CodeMismatch, dkim.CodeShortKey, dkim.CodeWantedKey},
		},
		{
			"a wildcard",
			dkim.Seen{Texts: []string{"v=DKIM1; p="}, Wildcard: true},
			wanted, dkim.StateWildcardAnswer, false, "", "pending",
			[]dkim.Code{dkim.CodeWildcardAnswer, dkim.CodeRevokedKey},
		},
		{"a wildcard with the key", dkim.Seen{Texts: []string{long}, Wildcard: true}, wanted, dkim.StateMatch, true, printLong, "success", []dkim.Code{dkim.CodeWildcardAnswer}},
		{
			"a wildcard with the key and spaces within it",
			dkim.Seen{Texts: []string{spaced}, Wildcard: true},
			wanted, dkim.StateSplitWithSpaces, true, printLong, "success",
			[]dkim.Code{dkim.CodeSpaces, dkim.CodeWildcardAnswer},
		},
		{
			"a wildcard with another key",
			dkim.Seen{Texts: []string{short}, Wildcard: true},
			dkim.Want{Value: long},
			dkim.StateWildcardAnswer, false, printShort, "pending",
			[]dkim.Code{dkim.CodeWildcardAnswer, dkim.CodeMismatch, dkim.CodeShortKey},
		},
		{"no answer", dkim.Seen{Failed: true}, wanted, dkim.StateUnknown, false, "", "pending", []dkim.Code{dkim.CodeNoAnswer}},
		{"a token as wanted", texts("token=1"), dkim.Want{Value: "token=1"}, dkim.StateMatch, false, "", "failure", []dkim.Code{dkim.CodeNotKey}},

		// A CNAME is wanted.
		{"the wanted CNAME", dkim.Seen{Target: "S1.dkim.vendor.example.", Texts: []string{long}}, cname, dkim.StateMatch, true, printLong, "success", nil},
		{"the wanted CNAME before its key", dkim.Seen{Target: vendor}, cname, dkim.StateMatch, false, "", "pending", []dkim.Code{dkim.CodeTargetEmpty}},
		{
			"the wanted CNAME, revoked by its vendor",
			dkim.Seen{Target: vendor, Texts: []string{"p="}},
			cname, dkim.StateMatch, false, "", "failure",
			[]dkim.Code{dkim.CodeRevokedKey},
		},
		{
			"the wanted CNAME, two keys",
			dkim.Seen{Target: vendor, Texts: []string{long, short}},
			cname, dkim.StateMatch, false, "", "failure",
			[]dkim.Code{dkim.CodeMultiple},
		},
		{
			"the wanted CNAME after a change of keys",
			dkim.Seen{Target: vendor, Texts: []string{short}},
			copied, dkim.StateMatch, true, printShort, "success",
			[]dkim.Code{dkim.CodeShortKey, dkim.CodeVendorKey},
		},
		{"another CNAME", dkim.Seen{Target: "s2.vendor.example", Texts: []string{long}}, cname, dkim.StateMismatch, false, "", "failure", []dkim.Code{dkim.CodeMismatch}},
		{"no CNAME", texts(), cname, dkim.StateMissing, false, "", "pending", []dkim.Code{dkim.CodeMissing}},
		{"another target as TXT", texts("other.elsewhere.example"), cname, dkim.StateWrongType, false, "", "failure", []dkim.Code{dkim.CodeWrongType}},
		{"another target with its type", texts("CNAME x.dkim.eu-west-1.amazonses.com"), cname, dkim.StateWrongType, false, "", "failure", []dkim.Code{dkim.CodeWrongType}},
		{
			"quotes and a space", texts(`"` + long[:100] + " " + long[100:] + `"`), wanted, dkim.StateQuotesStored, false, printLong, "failure",
			[]dkim.Code{dkim.CodeQuotesStored, dkim.CodeWantedKey, dkim.CodeSpaces},
		},
		{"the target as TXT", texts(vendor), cname, dkim.StateTargetInTXT, false, "", "failure", []dkim.Code{dkim.CodeTargetInTXT}},
		{"a key in place of the CNAME", texts(long), cname, dkim.StateWrongType, false, printLong, "failure", []dkim.Code{dkim.CodeWrongType}},
		{
			"two in place of the CNAME", texts("a", "b"), cname, dkim.StateWrongType, false, "", "failure",
			[]dkim.Code{dkim.CodeWrongType, dkim.CodeMultiple, dkim.CodeNotKey, dkim.CodeNotKey},
		},
		{"the allowed copy", texts(long), copied, dkim.StateMatchFallback, true, printLong, "success", []dkim.Code{dkim.CodeCopiedKey}},
		{"a copy of something else", texts(short), copied, dkim.StateWrongType, false, printShort, "failure", []dkim.Code{dkim.CodeWrongType, dkim.CodeShortKey}},

		// Nothing is wanted.
		{"a key", texts(long), dkim.Want{}, dkim.StateValid, true, printLong, "success", nil},
		{"a weak key", texts(weak), dkim.Want{}, dkim.StateWeak, false, "12b493df3463ba80986dd328ac80132f62485b3fb904b22fb752cfb91057bc1b", "failure", []dkim.Code{dkim.CodeWeakKey}},
		{"a revoked key", texts("p="), dkim.Want{}, dkim.StateRevoked, false, "", "failure", []dkim.Code{dkim.CodeRevokedKey}},
		{"an unsupported key", texts(record(t, "unknown-k")), dkim.Want{}, dkim.StateUnsupported, false, "", "failure", []dkim.Code{dkim.CodeUnsupportedKey}},
		{"a cut key", texts(long[:255]), dkim.Want{}, dkim.StateTruncated, false, "", "failure", []dkim.Code{dkim.CodeTruncated}},
		{"no record", texts(), dkim.Want{}, dkim.StateMissing, false, "", "exempt", []dkim.Code{dkim.CodeMissing}},
		{"a CNAME to nothing", dkim.Seen{Target: vendor}, dkim.Want{}, dkim.StateMissing, false, "", "exempt", []dkim.Code{dkim.CodeTargetEmpty}},
		{"a wildcard CNAME", dkim.Seen{Target: vendor, Wildcard: true}, dkim.Want{}, dkim.StateWildcardAnswer, false, "", "exempt", []dkim.Code{dkim.CodeWildcardAnswer}},
		{"a wildcard SPF record", dkim.Seen{Texts: []string{"v=spf1 -all"}, Wildcard: true}, dkim.Want{}, dkim.StateWildcardAnswer, false, "", "exempt", []dkim.Code{dkim.CodeWildcardAnswer}},
		{"wildcard texts", dkim.Seen{Texts: []string{"verify=1", "verify=2"}, Wildcard: true}, dkim.Want{}, dkim.StateWildcardAnswer, false, "", "exempt", []dkim.Code{dkim.CodeWildcardAnswer}},
		{
			"wildcard keys",
			dkim.Seen{Texts: []string{short, long}, Wildcard: true},
			dkim.Want{},
			dkim.StateWildcardAnswer, false, printShort, "exempt",
			[]dkim.Code{dkim.CodeMultiple, dkim.CodeWildcardAnswer, dkim.CodeShortKey},
		},
		{"a wildcard SPF record where a key is wanted", dkim.Seen{Texts: []string{"v=spf1 -all"}, Wildcard: true}, wanted, dkim.StateWildcardAnswer, false, "", "pending", []dkim.Code{dkim.CodeWildcardAnswer, dkim.CodeSPFRecord}},
		{"a wildcard key cut off", dkim.Seen{Texts: []string{long[:200]}, Wildcard: true}, dkim.Want{}, dkim.StateWildcardAnswer, false, "", "exempt", []dkim.Code{dkim.CodeTruncated, dkim.CodeWildcardAnswer}},
		{
			"a wildcard that revokes",
			dkim.Seen{Texts: []string{"v=DKIM1; p="}, Wildcard: true},
			dkim.Want{},
			dkim.StateWildcardAnswer, false, "", "exempt",
			[]dkim.Code{dkim.CodeWildcardAnswer, dkim.CodeRevokedKey},
		},
		{"a key without tags", texts(short[18:]), dkim.Want{}, dkim.StateInvalid, false, printShort, "failure", []dkim.Code{dkim.CodeBareKey}},
		{
			"strings in the wrong order, begun by a key without tags", texts(short[20:] + short[:20]),
			dkim.Want{},
			dkim.StateInvalid, false, printShort, "failure",
			[]dkim.Code{dkim.CodeDisordered},
		},
		{"a private key, cut off", texts("v=DKIM1; k=rsa; p=" + private), dkim.Want{}, dkim.StateInvalid, false, "", "failure", []dkim.Code{dkim.CodePrivateKey}},
		{"a private key without tags, cut off", texts(private), dkim.Want{}, dkim.StateInvalid, false, "", "failure", []dkim.Code{dkim.CodePrivateKey}},
		{"an RSA key that is too long for some", texts(tooLong), dkim.Want{}, dkim.StateValid, true, printTooLong, "success", []dkim.Code{dkim.CodeLongKey}},
		{
			"an Ed25519 key", texts(record(t, "ed25519")),
			dkim.Want{},
			dkim.StateValid, true, printEd25519,
			"success",
			[]dkim.Code{dkim.CodeEd25519},
		},
		{
			"the wanted Ed25519 key", texts(record(t, "ed25519")),
			dkim.Want{Value: record(t, "ed25519")},
			dkim.StateMatch, true, printEd25519,
			"success",
			[]dkim.Code{dkim.CodeEd25519},
		},
		{"a private key", texts("-----BEGIN PRIVATE KEY-----"), dkim.Want{}, dkim.StateInvalid, false, "", "failure", []dkim.Code{dkim.CodePrivateKey}},
		{"an empty text", texts(""), dkim.Want{}, dkim.StateNotKey, false, "", "failure", []dkim.Code{dkim.CodeNotKey}},
		{"DMARC", texts("v=DMARC1; p=none"), dkim.Want{}, dkim.StateDMARCRecord, false, "", "failure", []dkim.Code{dkim.CodeDMARCRecord}},
		{"SPF", texts("v=spf1 -all"), dkim.Want{}, dkim.StateSPFRecord, false, "", "failure", []dkim.Code{dkim.CodeSPFRecord}},
		{"ADSP", texts("dkim=discardable"), dkim.Want{}, dkim.StateADSP, false, "", "failure", []dkim.Code{dkim.CodeADSP}},
		{"a policy of DomainKeys", texts("o=-; r=postmaster@example.com"), dkim.Want{}, dkim.StateDomainKeysPolicy, false, "", "failure", []dkim.Code{dkim.CodeDomainKeysPolicy}},
		{
			"a policy of DomainKeys by its name",
			dkim.Seen{Name: "_domainkey.example.com", Texts: []string{"t=y"}},
			dkim.Want{},
			dkim.StateDomainKeysPolicy, false, "",
			"failure",
			[]dkim.Code{dkim.CodeDomainKeysPolicy},
		},
		{
			"a target of Microsoft", texts("selector1-a-example._domainkey.a.b-v1.dkim.mail.microsoft."),
			dkim.Want{},
			dkim.StateTargetInTXT, false, "", "failure",
			[]dkim.Code{dkim.CodeMicrosoftTarget},
		},
		{"a target with its type", texts("CNAME x.dkim.eu-west-1.amazonses.com"), dkim.Want{}, dkim.StateTargetInTXT, false, "", "failure", []dkim.Code{dkim.CodeSESTarget}},
		{"an address", texts("192.0.2.1"), dkim.Want{}, dkim.StateNotKey, false, "", "failure", []dkim.Code{dkim.CodeNotKey}},
		{"a revocation in the wrong order", texts("p=v=DKIM1;"), dkim.Want{}, dkim.StateNotKey, false, "", "failure", []dkim.Code{dkim.CodeNotKey}},
		{"a cut key with a tag of DomainKeys", texts("o=~; " + long[:255]), dkim.Want{}, dkim.StateInvalid, false, "", "failure", []dkim.Code{dkim.CodeVersion}},
		{"a name of one label", texts("selector1"), dkim.Want{}, dkim.StateNotKey, false, "", "failure", []dkim.Code{dkim.CodeNotKey}},
		{
			"misspelt tags", texts("kk=rsa; K=rsa; vv=DKIM1; x=email; " + long[18-2:]),
			dkim.Want{},
			dkim.StateValid, true, printLong, "success",
			[]dkim.Code{dkim.CodeTypo, dkim.CodeTypo, dkim.CodeTypo},
		},
		{"the key in a capital tag", texts("v=DKIM1; P=" + short[18:]), dkim.Want{}, dkim.StateInvalid, false, "", "failure", []dkim.Code{dkim.CodeMissingKey, dkim.CodeTypo}},
		{"a missing semicolon", texts("v=DKIM1 k=rsa; " + short[16:]), dkim.Want{}, dkim.StateInvalid, false, "", "failure", []dkim.Code{dkim.CodeSyntax}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.seen.Name == "" {
				tt.seen.Name = "s1._domainkey.example.com"
			}
			r := dkim.Diagnose(tt.seen, tt.want)
			if r.State != tt.state || r.Works != tt.works || r.Fingerprint != tt.print {
				t.Errorf("state %s, works %v, fingerprint %q; want %s, %v, %q", r.State, r.Works, r.Fingerprint, tt.state, tt.works, tt.print)
			}
			if got := r.Status(); got != tt.status {
				t.Errorf("status %s, want %s", got, tt.status)
			}
			if diff := cmp.Diff(codes(r.Findings), tt.findings); diff != "" {
				t.Errorf("findings, got before want:\n%s", diff)
			}
			for _, f := range r.Findings {
				t.Logf("%s %s: %s (%s)", f.Severity, f.Code, f.Text, f.Advice)
			}
		})
	}
}

// Both keys are named, and what was cut is measured.
func TestDiagnoseTexts(t *testing.T) {
	tests := []struct {
		name, txt string
		want      []dkim.Finding
	}{
		{"another key", long, []dkim.Finding{{
			Code: dkim.CodeMismatch, Severity: dkim.SeverityBroken,
			Text:   "another key is published: published " + printLong + ", wanted " + printShort,
			Advice: "publish the wanted record in its place, or sign with the key that is published",
		}}},
		{"cut", short[:120], []dkim.Finding{{
			Code: dkim.CodeTruncated, Severity: dkim.SeverityBroken,
			Text:   "the wanted record has 234 octets, and its first 120 are published: it is cut off",
			Advice: "store the whole record in several strings; where the host cannot, publish a shorter key",
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := dkim.Diagnose(dkim.Seen{Texts: []string{tt.txt}}, dkim.Want{Value: short})
			if diff := cmp.Diff(r.Findings, tt.want); diff != "" {
				t.Errorf("findings, got before want:\n%s", diff)
			}
			if r.Wanted != printShort {
				t.Errorf("wanted %s, want %s", r.Wanted, printShort)
			}
		})
	}
}

// Keys that the grammar allows and many verifiers refuse work with a warning: OpenDKIM 2.11 and Mail::DKIM 1.20230212 refuse a key
// without its SubjectPublicKeyInfo, Mail::DKIM, dkimpy 1.1.4 and go-msgauth 0.7.0 capitals, and OpenDKIM what is no ASCII.
func TestDiagnoseSpelling(t *testing.T) {
	p := longKey(t)
	tests := []struct {
		name, txt string
		want      []dkim.Code
	}{
		{"no SubjectPublicKeyInfo", record(t, "rsa2048-pkcs1"), []dkim.Code{dkim.CodeNoSPKI}},
		{"k=RSA", "v=DKIM1; k=RSA; p=" + p, []dkim.Code{dkim.CodeCapitals}},
		{"s=Email", "v=DKIM1; s=Email:other; p=" + p, []dkim.Code{dkim.CodeCapitals}},
		{"h=SHA256", "v=DKIM1; h=sha1:SHA256; p=" + p, []dkim.Code{dkim.CodeCapitals}},
		{"a note in UTF-8", "v=DKIM1; n=clé; p=" + p, []dkim.Code{dkim.CodeNonASCII}},
		{"a long unknown tag in UTF-8", "v=DKIM1; owner=the department of clés; p=" + p, []dkim.Code{dkim.CodeNonASCII}},
		{"small letters beside capitals", "v=DKIM1; h=SHA256 : sha256; s=EMAIL:email; p=" + p, nil},
		{"capitals of no account", "v=DKIM1; h=sha256:SHA1; s=email:Other; p=" + p, nil},
		{"small letters", "v=DKIM1; h=sha1:sha256; s=email:*; k=rsa; p=" + p, nil},
		{"p alone", "p=" + p, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := dkim.Diagnose(dkim.Seen{Texts: []string{tt.txt}}, dkim.Want{})
			if !r.Works || r.State != dkim.StateValid {
				t.Errorf("state %s, works %v; want a valid key", r.State, r.Works)
			}
			if diff := cmp.Diff(codes(r.Findings), tt.want); diff != "" {
				t.Errorf("findings, got before want:\n%s", diff)
			}
			for _, f := range r.Findings {
				if f.Severity != dkim.SeverityWarning || f.Advice == "" {
					t.Errorf("%+v, want a warning with advice", f)
				}
			}
		})
	}
}

// A host name in the place of a key is to go: a CNAME to it would lead to no key either.
func TestDiagnoseTargetAdvice(t *testing.T) {
	for _, tt := range []struct {
		name, txt string
		want      dkim.Want
		advice    string
	}{
		{"a key is wanted", "x.dkim.amazonses.com", dkim.Want{Value: long}, "publish the wanted record in its place"},
		{"another target is wanted", "x.dkim.amazonses.com", dkim.Want{Target: vendor}, "remove the TXT and publish the CNAME in its place"},
		{"the target is wanted", vendor, dkim.Want{Target: vendor}, "remove this TXT and publish a CNAME with the same value in its place"},
		{"nothing is wanted", "x.dkim.amazonses.com", dkim.Want{}, "remove this TXT and publish a CNAME with the same value in its place"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := dkim.Diagnose(dkim.Seen{Texts: []string{tt.txt}}, tt.want)
			if len(r.Findings) != 1 || r.Findings[0].Advice != tt.advice {
				t.Errorf("got %+v, want the advice %q alone", r.Findings, tt.advice)
			}
		})
	}
}

// Only what keeps verifiers from the key is broken.
func TestDiagnoseHarmlessSpace(t *testing.T) {
	r := dkim.Diagnose(dkim.Seen{Texts: []string{`"` + long[:100] + " " + long[100:] + `"`}}, dkim.Want{})
	severity := map[dkim.Code]dkim.Severity{}
	for _, f := range r.Findings {
		severity[f.Code] = f.Severity
	}
	want := map[dkim.Code]dkim.Severity{dkim.CodeQuotesStored: dkim.SeverityBroken, dkim.CodeSpaces: dkim.SeverityHint}
	if diff := cmp.Diff(severity, want); diff != "" {
		t.Errorf("severities, got before want:\n%s", diff)
	}
}

package dkim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/dkim"
)

// mojOdd are the records of the Ministry of Justice below _domainkey that are no key in order, and what each is.
var mojOdd = map[string]struct {
	state dkim.State
	code  dkim.Code
}{
	"adcourt._domainkey.administrativecourtoffice.justice.gov.uk":      {dkim.StateQuotesStored, dkim.CodeInnerQuotes},
	"courttran._domainkey.court-transcription.service.justice.gov.uk":  {dkim.StateQuotesStored, dkim.CodeInnerQuotes},
	"courttrans._domainkey.court-transcription.service.justice.gov.uk": {dkim.StateQuotesStored, dkim.CodeInnerQuotes},
	"crimcourt._domainkey.criminalappealoffice.justice.gov.uk":         {dkim.StateQuotesStored, dkim.CodeInnerQuotes},
	"dkim2048._domainkey.people-development.justice.gov.uk":            {dkim.StateQuotesStored, dkim.CodeInnerQuotes},
	"dkim2048._domainkey.recruitment.service.justice.gov.uk":           {dkim.StateQuotesStored, dkim.CodeInnerQuotes},
	"google._domainkey.courtstore.justice.gov.uk":                      {dkim.StateQuotesStored, dkim.CodeInnerQuotes},
	"google._domainkey.courtstore.staging.justice.gov.uk":              {dkim.StateQuotesStored, dkim.CodeInnerQuotes},
	"poppulo._domainkey.yjb.gov.uk":                                    {dkim.StateQuotesStored, dkim.CodeInnerQuotes},
	"s1._domainkey.cjsm.secure-email.ppud.justice.gov.uk":              {dkim.StateQuotesStored, dkim.CodeInnerQuotes},

	"fmk7xlvhjfqqruhiytlb6434lcykrduv._domainkey.justice.gov.uk": {dkim.StateTargetInTXT, dkim.CodeSESTarget},
	"u4wwsopiajlepnevuytnwa3ob34xisjv._domainkey.justice.gov.uk": {dkim.StateTargetInTXT, dkim.CodeSESTarget},
	"zer52fvryrnfdepqqw2xl2huersvzctv._domainkey.justice.gov.uk": {dkim.StateTargetInTXT, dkim.CodeSESTarget},
	"selector1._domainkey.yjbservicespp.yjb.gov.uk":              {dkim.StateTargetInTXT, dkim.CodeMicrosoftTarget},

	"_adsp._domainkey.communications.yjb.gov.uk":            {dkim.StateADSP, dkim.CodeADSP},
	"_adsp._domainkey.newsletter.ima-citizensrights.org.uk": {dkim.StateADSP, dkim.CodeADSP},
	"_adsp._domainkey.people-development.justice.gov.uk":    {dkim.StateADSP, dkim.CodeADSP},
	"_adsp._domainkey.recruitment.service.justice.gov.uk":   {dkim.StateADSP, dkim.CodeADSP},

	"_domainkey.hmppsinsights.co.uk":                {dkim.StateDomainKeysPolicy, dkim.CodeDomainKeysPolicy},
	"_domainkey.people-development.justice.gov.uk":  {dkim.StateDomainKeysPolicy, dkim.CodeDomainKeysPolicy},
	"_domainkey.recruitment.service.justice.gov.uk": {dkim.StateDomainKeysPolicy, dkim.CodeDomainKeysPolicy},
}

type mojText struct{ name, txt string }

// mojKeys returns the TXT values below _domainkey that are no revocation.
func mojKeys(t *testing.T) []mojText {
	t.Helper()
	var file struct {
		Records []struct {
			Name, Type string
			Values     []json.RawMessage
		}
	}
	if err := json.Unmarshal(suiteFile(t, "moj-mail-records.json", mojSHA256), &file); err != nil {
		t.Fatal(err)
	}
	var out []mojText
	for _, r := range file.Records {
		if r.Type != "TXT" || !strings.Contains("."+r.Name, "._domainkey.") {
			continue
		}
		for _, v := range r.Values {
			var txt string
			if err := json.Unmarshal(v, &txt); err != nil {
				t.Fatalf("%s: %v", r.Name, err)
			}
			if k, err := dkim.ParseKey(txt); err != nil || !k.Revoked {
				out = append(out, mojText{r.Name, txt})
			}
		}
	}
	return out
}

// TestSuiteMoJKeys diagnoses what a large organisation really publishes: every odd record gets its own finding, and no sound key is
// called broken. Two of the sound ones begin with nk=rsa, which is worth a hint.
func TestSuiteMoJKeys(t *testing.T) {
	var odd, oddPassed, sound, soundPassed int
	var hinted []string
	for _, m := range mojKeys(t) {
		r := dkim.Diagnose(dkim.Seen{Name: m.name, Texts: []string{m.txt}}, dkim.Want{})
		isBroken := slices.ContainsFunc(r.Findings, func(f dkim.Finding) bool { return f.Severity == dkim.SeverityBroken })
		has := func(c dkim.Code) bool {
			return slices.ContainsFunc(r.Findings, func(f dkim.Finding) bool { return f.Code == c })
		}
		want, isOdd := mojOdd[m.name]
		switch {
		case isOdd:
			odd++
			if r.State == want.state && has(want.code) && !r.Works {
				oddPassed++
			} else {
				t.Errorf("%s: %+v, want state %s and finding %s", m.name, r, want.state, want.code)
			}
			if meant := want.state == dkim.StateQuotesStored; meant != (r.Fingerprint != "") {
				t.Errorf("%s: fingerprint %q of the key as meant", m.name, r.Fingerprint)
			}
		default:
			sound++
			if r.State == dkim.StateValid && r.Works && !isBroken && r.Fingerprint != "" {
				soundPassed++
			} else {
				t.Errorf("%s: %+v, want a key in order", m.name, r)
			}
			if has(dkim.CodeTypo) {
				hinted = append(hinted, m.name)
			}
		}
	}
	fmt.Printf("suite moj-keys: %d/%d odd, %d/%d sound\n", oddPassed, odd, soundPassed, sound)
	if oddPassed != 21 || odd != 21 || soundPassed != 40 || sound != 40 || len(mojOdd) != 21 {
		t.Errorf("%d of %d odd and %d of %d sound, %d odd names; want all of 21 and 40", oddPassed, odd, soundPassed, sound, len(mojOdd))
	}
	want := []string{"smtpapi._domainkey.prisonvisits.service.gov.uk", "smtpapi._domainkey.email.prisonvisits.service.gov.uk"}
	if diff := cmp.Diff(hinted, want); diff != "" {
		t.Errorf("keys with a misspelt tag, got before want:\n%s", diff)
	}
}

// Cleaning mends exactly the odd records that hold a key, and leaves every sound one as it is.
func TestCleanMoJKeys(t *testing.T) {
	mended := map[string]bool{}
	for _, m := range mojKeys(t) {
		out, found := dkim.Clean(m.txt)
		if _, err := dkim.ParseKey(out); err == nil && out != m.txt {
			mended[m.name] = true
		}
		if (out != m.txt) != (len(found) > 0) {
			t.Errorf("%s: changed %v, findings %v", m.name, out != m.txt, found)
		}
	}
	want := map[string]bool{}
	for name, o := range mojOdd {
		if o.state == dkim.StateQuotesStored {
			want[name] = true
		}
	}
	if !maps.Equal(mended, want) {
		t.Errorf("mended %v, want %v", mended, want)
	}
}

package dkim_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/dkim"
)

const (
	long = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxoVVBObMkWuFuJnA7uoBpNSKJUK5pC22KdVXhgYX/PdbveXnZDFwpLTo+phE0l2I" +
		"Q+ciElcw/M6IPEzmzA1VqWEPSv9xCdEE6KwPOP7wA9/6hSDjhVy8RlY/juPOWxpXgMCYWDEZIoZm8pudIRUNhWJCKtSiDeSbrFK8aic6Lt9Gqm5zBvqME6trWH/AWdj+" +
		"jF+QKfTIXcT0TZtbXPiULFTIGMsVlhj39CJBRgI2pi0Lf24DbWzBeV+QCFSnshLYau4Oxq06Q28IRqmmjPE3+sooz4HyzxyHjR01Jebq+mWx2dakgyryB7Zh2jmqbb/a" +
		"RQNnj2D5W1MTWch8jvL+TwIDAQAB"
	short = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC5NR+vDcn1rF+vCBL1meaSO6oUulQP+RGMaX7Zebrz4R21uOBS0ZOKeUdPMgcWMRKmyrpI" +
		"9dwL2RqkuEu4N2uDOBvYkz4LrAu554ckK3zSw/NEPW5BHo+Jlkmqewvbrk/w7fq21RMUKDMtWCH2cAtIN5dXrRCqGcYxtLukY/2iJQIDAQAB"
)

func ExampleParseKey() {
	k, err := dkim.ParseKey("v=DKIM1; k=ed25519; t=s; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(k.Type, k.Bits, k.Flags, k.Status())
	// Output: ed25519 256 [s] valid
}

func ExampleParseKey_broken() {
	_, err := dkim.ParseKey(long[:255])
	fmt.Println(err)
	// Output: dkim: tag p holds 177 of 294 octets: the record, 255 octets long, is cut off
}

func ExampleKey_Status() {
	k, err := dkim.ParseKey("v=DKIM1; p=")
	fmt.Println(k.Status(), err)
	// Output: revoked <nil>
}

func ExampleKey_Fingerprint() {
	k, err := dkim.ParseKey(short)
	fmt.Println(k.Fingerprint(), err)
	// Output: 40ac1074a67189319f879182fd2b25dcb5e586fedc2bb8cf622104d83f52e4cf <nil>
}

func ExampleKey_Record() {
	k, err := dkim.ParseKey("p = 11qYAYKx CrfVS/7TyWQHOg7hcvPa piMlrwIaaPcHURo ;k=Ed25519; s=*:email; x=1")
	fmt.Println(k.Record(), err)
	// Output: k=ed25519; s=*:email; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= <nil>
}

func ExampleKey_Warnings() {
	k, err := dkim.ParseKey(short + "; t=y")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range k.Warnings() {
		fmt.Println(w.Code+":", w.Text)
	}
	// Output:
	// short-key: the key has 1024 bits; it is accepted, but 2048 are advised
	// testing: the key says it is being tested (t=y): verifiers may treat mail whose signature fails as if it were not signed
}

func ExampleIsKey() {
	fmt.Println(dkim.IsKey(short), dkim.IsKey(long[:200]), dkim.IsKey("v=DMARC1; p=none"))
	// Output: true true false
}

func ExampleSameKey() {
	spaced := strings.ReplaceAll(short, "Q", "Q ")
	fmt.Println(dkim.SameKey(short, spaced), dkim.SameKey(short, short+"; t=y"))
	// Output: true false
}

func ExampleSplit() {
	for _, s := range dkim.Split(long) {
		fmt.Println(len(s))
	}
	// Output:
	// 255
	// 155
}

func ExampleChoose() {
	want := dkim.Want{Name: "s1._domainkey.example.com", Value: long, FallbackValue: short}
	c, err := dkim.Choose(want, dkim.Limits{MaxTXT: 255})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Value == short, c.UsedFallback)
	fmt.Println(c.Reason)
	fmt.Println(c.Fingerprint)
	// Output:
	// true true
	// the host stores at most 255 octets in a TXT; the value has 410
	// 40ac1074a67189319f879182fd2b25dcb5e586fedc2bb8cf622104d83f52e4cf
}

func ExampleError() {
	want := dkim.Want{Name: "s1._domainkey.example.com", Value: long}
	_, err := dkim.Choose(want, dkim.Limits{MaxTXT: 255})
	if e, ok := errors.AsType[*dkim.Error](err); ok {
		fmt.Println(e.Code)
	}
	fmt.Println(err)
	// Output:
	// value-too-long
	// dkim: s1._domainkey.example.com: the host stores at most 255 octets in a TXT; the value has 410, and there is no fallback
}

func ExampleDiagnose() {
	// A panel stored the two strings of a zone file as one text.
	seen := dkim.Seen{Name: "s1._domainkey.example.com", Texts: []string{`"` + long[:255] + `" "` + long[255:] + `"`}}
	r := dkim.Diagnose(seen, dkim.Want{Value: long, FallbackValue: short})
	fmt.Println(r.State, r.Works, r.Fingerprint == r.Wanted)
	for _, f := range r.Findings {
		fmt.Printf("%s %s: %s\n", f.Severity, f.Code, f.Text)
	}
	// Output:
	// quotes-stored false true
	// broken quotes-stored: quotation marks around the value were stored as a part of it
	// broken inner-quotes: quotation marks were stored within the value, as where two strings meet
	// hint wanted-key: it was meant as the wanted key
}

func ExampleReport_Status() {
	r := dkim.Diagnose(dkim.Seen{Name: "s1._domainkey.example.com"}, dkim.Want{Value: long})
	fmt.Println(r.Status())
	// Output: pending
}

func ExampleClean() {
	clean, found := dkim.Clean(`"v=DKIM1\; k=rsa\; " "p="`)
	fmt.Println(clean)
	for _, f := range found {
		fmt.Println(f.Code)
	}
	// Output:
	// v=DKIM1; k=rsa; p=
	// quotes-stored
	// inner-quotes
	// escaped-semicolons
}

func ExampleChoose_cname() {
	want := dkim.Want{Target: "s1.dkim.vendor.example", Value: short, MayCopy: true}
	c, err := dkim.Choose(want, dkim.Limits{NoCNAME: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Type, c.Reason)
	fmt.Println(c.Warnings[0].Text)
	// Output:
	// TXT the host refuses a CNAME at a name with an underscore
	// the key is a copy of what stands at s1.dkim.vendor.example: when its owner changes keys, signatures fail until the copy is renewed
}

func ExampleGenerate() {
	pair, err := dkim.Generate("ed25519", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	k, err := dkim.ParseKey(pair.Record)
	fmt.Println(k.Type, k.Fingerprint() == pair.Fingerprint, pair.Private, err)
	// Output: ed25519 true [redacted] <nil>
}

func ExamplePrivateKey_PEM() {
	pair, err := dkim.Generate("ed25519", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.HasPrefix(string(pair.Private.PEM()), "-----BEGIN PRIVATE KEY-----"))
	// Output: true
}

func ExamplePrivateKey_Signer() {
	pair, err := dkim.Generate("ed25519", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%T\n", pair.Private.Signer().Public())
	// Output: ed25519.PublicKey
}

func ExampleRotate() {
	steps, err := dkim.Rotate(dkim.Rotation{
		Domain: "example.com", Old: "s1", New: "s2", Record: short, TTL: time.Hour, NegativeTTL: 2 * time.Hour,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range steps {
		fmt.Println(s.After, s.Kind+":", s.Do)
	}
	// Output:
	// 0s publish: publish the new record and leave the old one where it is
	// 0s seen: ask every authoritative server for the new record
	// 2h0m0s switch: let the signer use the new key, with the selector s2
	// 168h0m0s revoke: revoke the old key: leave its record with an empty p
	// 168h0m0s delete: delete the old record
}

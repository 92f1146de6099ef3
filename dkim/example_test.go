package dkim_test

import (
	"errors"
	"fmt"
	"strings"

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
	// testing: the key says it is being tested (t=y): verifiers treat signed mail as if it were not signed
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

func ExampleJoin() {
	fmt.Println(dkim.Join([]string{"v=DKIM1; ", "p="}))
	// Output: v=DKIM1; p=
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

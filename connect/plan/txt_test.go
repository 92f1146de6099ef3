package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestPrivateKeyRefused: a private key pasted by mistake is not planned, and no error repeats it.
func TestPrivateKeyRefused(t *testing.T) {
	secret := "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQ" + strings.Repeat("C7vbqajDw4o6gJy8", 4) // the begin of PKCS #8
	rec, long := "v=DKIM1; k=rsa; p="+secret, strings.Repeat("x", 300)
	for _, tt := range []struct {
		name   string
		intent plan.Intent
		field  string
	}{
		{"a record", plan.TXT("s1._domainkey", rec), "value"},
		{"a record, as a key", plan.Intent{Kind: plan.KindDKIM, Host: "s1._domainkey", Value: rec}, "value"},
		{"without tags", plan.TXT("s1._domainkey", secret), "value"},
		{"without tags, as a key", plan.Intent{Kind: plan.KindDKIM, Host: "s1._domainkey", Value: secret}, "value"},
		{"PEM", plan.TXT("s1._domainkey", "-----BEGIN PRIVATE KEY----- "+secret+" -----END PRIVATE KEY-----"), "value"},
		{"at another name", plan.TXT("@", secret), "value"},
		{"as a target", plan.CNAME("www", secret), "value"},
		{"a record as a target", plan.CNAME("s1._domainkey", rec), "value"},
		{"PEM as a target", plan.CNAME("www", "-----BEGIN PRIVATE KEY-----"+secret), "value"},
		{"as an address", plan.A("www", secret), "value"},
		{"as SPF terms", plan.SPF("@", secret), "value"},
		{"as a host", plan.TXT(secret, "text"), "host"},
		{"as the fallback of an alias", plan.Intent{Kind: plan.KindCNAME, Host: "www", Value: "edge.app.example", Fallback: secret}, "fallback"},
		{"as the fallback", plan.Intent{Kind: plan.KindTXT, Host: "s1._domainkey", Value: long, Fallback: rec}, "fallback"},
		{"as the fallback, without tags", plan.Intent{Kind: plan.KindTXT, Host: "s1._domainkey", Value: long, Fallback: secret}, "fallback"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := plan.Request{Domain: "customer.example", Snapshot: zone.NewSnapshot("customer.example", nil), Intents: []plan.Intent{tt.intent}}
			req.Caps.MaxTXT = 255
			p, err := plan.New(req)
			e, ok := errors.AsType[*plan.InputError](err)
			if !ok || e.Field != tt.field {
				t.Fatalf("got %v, %s; want an error about %s", err, p.Text(), tt.field)
			}
			if text := fmt.Sprintf("%v %+v", err, *e); strings.Contains(text, secret[20:40]) || !strings.Contains(text, "private key") {
				t.Errorf("error %.300s", text)
			}
		})
	}
}

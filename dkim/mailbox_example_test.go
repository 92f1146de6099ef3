package dkim_test

import (
	"fmt"

	"github.com/mooring-dns/mooring/dkim"
)

func ExampleDetectMailbox() {
	d := dkim.DetectMailbox(dkim.Clues{
		MX:  []string{"mx0a-00123.pphosted.com"},
		SPF: []string{"v=spf1 include:spf.protection.outlook.com -all"},
	})
	fmt.Println(d.Name, d.Confidence, d.Probe)
	for _, e := range d.Evidence {
		fmt.Println("-", e)
	}
	// Output:
	// Microsoft 365 medium [selector1 selector2]
	// - the mail server mx0a-00123.pphosted.com belongs to Proofpoint, a gateway, which does not show who hosts the mailboxes
	// - the SPF record lets Microsoft 365 send, by spf.protection.outlook.com
}

func ExampleMailbox_Records() {
	m, _ := dkim.KnownMailbox("icloud")
	fmt.Println(m.Records("customer.example"))
	m, _ = dkim.KnownMailbox("microsoft365")
	fmt.Println(m.Records("customer.example"), m.Why)
	// Output:
	// [{sig1 sig1._domainkey.customer.example CNAME sig1.dkim.customer.example.at.icloudmailadmin.com}]
	// [] since May 2025 the targets of domains that are added hold a letter that only Microsoft knows, and all hold the name of the customer's tenant, which DNS does not show
}

func ExampleMailbox_Includes() {
	m, _ := dkim.KnownMailbox("zoho")
	fmt.Println(m.Includes(), m.Includes("v=spf1 include:zoho.eu -all"))
	// Output: [zoho.com] [zoho.eu]
}

func ExampleMailbox_Leads() {
	m, _ := dkim.KnownMailbox("microsoft365")
	fmt.Println(m.Leads("selector1-customer-example._domainkey.customer.r-v1.dkim.mail.microsoft."), m.Leads("s1.dkim.ionos.com"))
	// Output: true false
}

func ExampleProbe_Usable() {
	fmt.Println(dkim.Probe{Texts: []string{long}}.Usable(), dkim.Probe{Texts: []string{"v=DKIM1; p="}}.Usable())
	// Output: true false
}

func ExampleMailboxes() {
	for _, m := range dkim.Mailboxes()[:3] {
		fmt.Println(m.ID, m.Probes())
	}
	// Output:
	// google-workspace [google]
	// microsoft365 [selector1 selector2]
	// zoho [zmail zoho]
}

func ExampleGateways() {
	fmt.Println(dkim.Gateways()[0].Name)
	// Output: Proofpoint
}

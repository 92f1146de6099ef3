package connect_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"time"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/safehttp"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// exampleWorld serves a customer's zone and the service's own.
func exampleWorld() (*verifytest.World, providers.Credentials) {
	w, err := verifytest.Start(verifytest.Options{
		Text: []string{
			`customer.example. 3600 IN SOA ns1.customer.example. hostmaster.customer.example. 1 3600 600 86400 300
customer.example. 3600 IN NS ns1.customer.example.
ns1.customer.example. 3600 IN A 127.0.0.1
customer.example. 3600 IN MX 10 mail.customer.example.
mail.customer.example. 3600 IN A 192.0.2.25
customer.example. 3600 IN TXT "v=spf1 mx -all"
www.customer.example. 3600 IN A 192.0.2.10
`,
			`app.example. 3600 IN SOA ns1.customer.example. hostmaster.app.example. 1 3600 600 86400 300
app.example. 3600 IN NS ns1.customer.example.
app.example. 3600 IN TXT "v=spf1 ip4:198.51.100.0/24 -all"
edge.app.example. 3600 IN A 198.51.100.7
`,
		},
		Keys: []verifytest.Key{{Name: "key.example", Secret: "c2VjcmV0IGZvciB0aGUgZXhhbXBsZQ=="}},
	})
	if err != nil {
		log.Fatal(err)
	}
	return w, providers.Credentials{
		"server": w.Servers()[0].Addr().String(), "key_name": "key.example", "key": "c2VjcmV0IGZvciB0aGUgZXhhbXBsZQ==",
	}
}

// The whole walk: detect, prepare, decide, apply, wait.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	world, creds := exampleWorld() // in place of the customer's DNS
	defer world.Close()
	dir, err := os.MkdirTemp("", "journal-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()

	eng, err := connect.New(connect.Options{
		Drivers: []providers.Driver{rfc2136.Driver{}},
		Journal: providers.JournalDir(dir), // where a run is written down before it starts
		Verify:  verify.Options{Start: world.Start(), Map: world.Map},
	})
	if err != nil {
		log.Fatal(err)
	}
	site, err := eng.Detect(ctx, "customer.example")
	if err != nil {
		log.Fatal(err)
	}
	site, err = eng.Use(site, "rfc2136") // no name-server pattern tells a dynamic-update host
	if err != nil {
		log.Fatal(err)
	}
	want := []plan.Intent{plan.CNAME("www", "edge.app.example"), plan.SPF("@", "include:app.example")}
	p, err := eng.Prepare(ctx, site, creds, want) // reads and asks; writes nothing
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(p.Text()) // a diff with reasons; what needs a person
	var decisions []plan.Decision
	for _, c := range p.Conflicts {
		decisions = append(decisions, plan.Decision{Code: c.Code, Owner: c.Owner, Option: c.Default})
	}
	p, err = eng.Prepare(ctx, site, creds, want, decisions...) // the answers; a new plan, a new ID
	if err != nil {
		log.Fatal(err)
	}
	run, err := eng.Apply(ctx, creds, p)
	if err != nil {
		log.Fatal(err)
	}
	report, err := eng.Wait(ctx, run) // DNS proof
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("\nDNS:", report.Verdict)
	// Output:
	// customer.example: 2 records to add, 2 records to remove.
	//
	//   customer.example.
	//     - TXT     3600  "v=spf1 mx -all"
	//     + TXT     3600  "v=spf1 mx include:app.example -all"
	//       adds the service's senders to the domain's SPF record; it costs 2 of 10 lookups, 1 before
	//
	//   www.customer.example.
	//     - A       3600  192.0.2.10
	//     + CNAME   3600  edge.app.example.
	//       points the name at the service
	//
	// Decisions
	//   ! address-group@www.customer.example www.customer.example. points somewhere else now (A 192.0.2.10); it will point at CNAME edge.app.example instead.
	//       replace  point the name at the service: CNAME edge.app.example [default]
	//       keep     leave the name as it is: A 192.0.2.10
	//
	// DNS: propagated
}

// A redirect that a person sets at the DNS host is asked for over HTTP.
func ExampleEngine_Check() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	world, _ := exampleWorld()
	defer world.Close()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // in place of the customer's
		if r.Host == "www.customer.example" {
			http.Redirect(w, r, "http://edge.app.example/", http.StatusMovedPermanently)
		}
	}))
	defer web.Close()

	eng, err := connect.New(connect.Options{
		Verify: verify.Options{Start: world.Start(), Map: world.Map},
		Web: safehttp.Options{
			Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, // else this machine is not gone to
			Map:   func(netip.AddrPort) netip.AddrPort { return netip.MustParseAddrPort(web.Listener.Addr().String()) },
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	site, err := eng.Detect(ctx, "customer.example")
	if err != nil {
		log.Fatal(err)
	}
	p, err := eng.Prepare(ctx, site, nil, []plan.Intent{plan.Redirect("www", "https://edge.app.example/")})
	if err != nil {
		log.Fatal(err)
	}
	report, err := eng.Check(ctx, p.ByHand())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Propagation, report.DKIM, report.Redirection)
	fmt.Println(report.Redirects[0].Text)
	// Output:
	// success exempt success
	// www.customer.example redirects to edge.app.example with status 301
}

// For programs without a person.
func ExampleConnect() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	world, creds := exampleWorld()
	defer world.Close()

	_, report, err := connect.Connect(ctx, connect.Options{
		Drivers: []providers.Driver{rfc2136.Driver{}},
		Verify:  verify.Options{Start: world.Start(), Map: world.Map},
	}, "customer.example", creds, []plan.Intent{plan.CNAME("www", "edge.app.example")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Verdict)
	// Output: propagated
}

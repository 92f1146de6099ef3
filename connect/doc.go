// Package connect ties a customer's own domain to a service: it finds who
// hosts the domain's DNS, plans the smallest safe change, applies it through a
// provider driver, proves it in DNS, and takes it back on request.
//
//	eng, err := connect.New(connect.Options{Drivers: drivers, Journal: providers.JournalDir(dir)})
//	site, err := eng.Detect(ctx, "customer.example")
//	site, err = eng.Use(site, "rfc2136") // only where the name servers do not tell the host
//	p, err := eng.Prepare(ctx, site, creds, want)
//	fmt.Println(p.Text(), p.Conflicts)
//	p, err = eng.Prepare(ctx, site, creds, want, decisions...)
//	run, err := eng.Apply(ctx, creds, p)
//	report, err := eng.Wait(ctx, run)
//
// Every value between two steps is plain data with a stable JSON form: it can
// be kept, sent, and come back tomorrow on another machine. Nothing that came
// back is trusted: Apply reads the zone again, plans again from the same
// request, and refuses with *Stale unless that gives the plan that was shown.
//
// It promises that nothing is written before it is in the journal, that
// nothing is removed which the plan did not show, and that success is only
// what DNS shows, and HTTP of a redirect. Credentials are held no longer than
// the call they are given to, and are in no error, plan, run or event.
//
// It has no database and no HTTP server; the journal is its only state.
package connect

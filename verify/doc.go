// Package verify says what DNS says now: where the zone of a name is cut, which
// servers answer for it, and whether each of them serves the records that
// somebody wrote.
//
//	v := verify.New(verify.Options{})
//	report, err := v.Wait(ctx, verify.Request{Expect: []verify.Expect{{Record: rec}}}, nil)
//	fmt.Println(report.Verdict, report.Lagging())
//
// It asks every authoritative server itself, on every address, that the parent
// zone or the zone names, and, only once those agree, the resolvers it was
// given. Nothing is called propagated that a sound server does not serve. A
// server that is lame or dead while another one is sound is a finding with its
// name, not a failure; a server that still has the old value makes the verdict
// partial, and so does one that answers for the zone but not to the question.
// DNS trouble is data in the report; an error means misuse or that the context
// ended.
//
// Check looks once, Wait and Watch until the records are propagated, and Batch
// once for each of many requests at the same time.
//
// What a look heard is a value, Observations, and Judge makes the report of it
// without asking anybody: Check is Judge of Observe. Kept as JSON it can be
// judged again at any time, and carried from another place, a Vantage. Every
// Finding has a Code for programs and a hint that a person can act on. For a
// resolver that is behind, the report says until when it keeps what it has.
//
// A record that is right where it is asked for may still not do what it is
// for: aliases that lead nowhere, a wildcard that gives the value to every
// name, CAA records that refuse the issuer are findings beside the verdict. A
// CNAME that its host answers with the target's addresses counts as there; one
// that is answered with addresses of a proxy does not, since DNS cannot prove
// what stands behind it.
//
// Answers are read as plain DNS: signatures are not checked, so dnssec_broken
// is known only through a validating resolver. A provider that changes what it
// answers by the place of the asker looks here as it does from here, unless
// Options.Vantages has other places.
package verify

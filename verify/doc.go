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
// Answers are read as plain DNS: signatures are not checked, so dnssec_broken
// is known only through a validating resolver. A provider that changes what it
// answers by the place of the asker looks here as it does from here.
package verify

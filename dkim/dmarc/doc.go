// Package dmarc reads DMARC policy records and makes the one that has to stand at a name from the one that stands there.
//
// A service that needs a DMARC record must not put it in place of the customer's, nor beside it: two are void. [Apply] changes the
// tags that are asked for and nothing else:
//
//	a, err := dmarc.Apply(dmarc.Request{
//		Existing: []string{"v=DMARC1; p=reject; rua=mailto:dmarc@customer.example"},
//		Value:    "v=DMARC1; p=none; rua=mailto:reports@app.example",
//		Edit:     dmarc.Edit{MergeReports: true},
//	})
//	// a.Record is "v=DMARC1; p=reject; rua=mailto:dmarc@customer.example,mailto:reports@app.example"
//
// What it promises:
//
//   - Tags that an edit does not name keep their bytes and their order. No policy gets stronger or weaker unless the edit says so,
//     and an edit that says nothing leaves a valid record as it is.
//   - Applying an edit to its own result changes nothing.
//   - Records are read as RFC 9989 has it, and with [ParseAs] as RFC 7489 has it. Where RFC 7489 is stricter (p missing or not
//     second, an empty tag) or has more (pct, rf, ri, sizes behind addresses), a warning says so. A record without p counts as
//     valid: both documents take it for p=none once it has a report address.
//   - All functions are pure, and no text makes them slow.
//
// [Discover] walks to the record that counts for a domain, [Diagnose] says in plain words what it means and what is wrong with it,
// and [CheckAuthorisers] whether foreign receivers of its reports agreed to get them. The records beside DMARC are read here too:
// [ParseMTASTS], [ParseTLSRPT] and [ParseBIMI].
//
// What it does not do: look anything up, write to a zone, judge mail or read reports.
package dmarc

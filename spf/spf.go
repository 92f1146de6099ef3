// Package spf reads, evaluates, counts, merges and shortens SPF policies
// (RFC 7208), so that a service can add its senders to somebody else's record
// without breaking the mail that already flows.
//
//	m, err := spf.Merge(spf.MergeRequest{
//		Domain:   "customer.example",
//		Existing: []string{"v=spf1 mx -all"},
//		Required: []string{"v=spf1 include:_spf.app.example ~all"},
//	})
//	// m.Record is "v=spf1 mx include:_spf.app.example ~all"
//
// [Trace] follows a record through all that it includes, [Fits] tells whether
// receivers and the DNS host can bear it, [Shrink] and [Remedies] what can be
// done where not, and [Diagnose] what is wrong with what a domain publishes.
// [Checker] is check_host, what a receiver does.
//
// It promises:
//
//   - What passed before a merge passes after it, what the requirement passes
//     passes too, nothing else does, and no other result gets harsher, as long
//     as the policy asked for is [Weaker] or [Keep] and the record stays within
//     the limits of RFC 7208 section 4.6.4, which [Count] measures.
//   - The owner's terms keep their bytes and their order. Only runs of spaces
//     collapse, and only in a record that changes anyway.
//   - Merging twice is merging once, byte for byte; [Unmerge] takes back what
//     was added and nothing else.
//   - What [Shrink] does without being told by name changes no result for
//     anybody, except that an error may go. Nothing is flattened unless the terms are named; the addresses
//     put in their place come with a [Snapshot] that shows when they are no
//     longer right.
//   - A check ends, whatever the records and the senders' texts are: lookups,
//     questions and memory are bounded.
//
// Everything but [Walk] and [Checker] is pure: strings and [Answers] in, values
// and [Question] values out. The package does not speak DNS (see [Resolver]) and
// does not know which services send for whom.
package spf

// Limits a receiver or a resolver sets on a policy.
const (
	// LookupLimit is how many terms that ask DNS a receiver evaluates before
	// it gives up with permerror (RFC 7208 section 4.6.4).
	LookupLimit = 10

	// VoidLimit is how many of those may find nothing (RFC 7208 section 4.6.4).
	VoidLimit = 2

	// StringLimit is how many octets one string of a TXT record holds
	// (RFC 1035 section 3.3).
	StringLimit = 255

	// SizeWarning is how many octets the owner name and all TXT values at it
	// may have together before the answer stops fitting a 512-octet UDP packet
	// (RFC 7208 section 3.4).
	SizeWarning = 450
)

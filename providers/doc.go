// Package providers is the contract between Mooring and a DNS host.
//
// An author writes a [Driver]: it reads a zone whole and performs one edit.
// Everything hard stands once, in [Account]: locking, guards, lowering changes
// to the grain the host can write, order, reading back, and one true outcome
// for each change.
//
//	acct, err := providers.Open(rfc2136.Driver{}, creds, providers.Options{})
//	z, err := acct.Find(ctx, "customer.example")
//	snap, err := acct.Read(ctx, z)
//	outcomes := acct.Apply(ctx, z, changes, &providers.Run{})
//
// A change that was not confirmed by reading the zone is never reported as
// applied, a write whose answer was lost is never repeated blindly, and a run
// is in the journal before its first write. A run that was cut off is settled
// by [Account.Recover], at the plan or at what stood before, and until then
// nobody writes to its zone. A [Lease] keeps other processes and machines out.
//
// What one credential sends stays within Caps.Rates, for all accounts that share
// [Limits], and stops while the host says so. Only what reads is tried again. A
// driver's panic is an error of that call, and no error, outcome, zone or run
// holds a credential.
//
// What it does not do: decide what should change (connect/plan does), or wait
// for DNS (verify does). On a host without compare-and-set, an edit that
// somebody else makes between our read and our write can be lost; Account
// keeps that window short, measures it in [End], and cannot close it. Nor can
// it call back a request: one that lands after Options.Lost, or after its lease
// was lost, is seen by the next reading only.
package providers

package providertest

import (
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Harness is what the suite needs of an author. Only New must be given; a case
// that needs another field is unsupported without it, and says so.
type Harness struct {
	// Name is what the report calls the run, such as "rfc2136-knot". Empty: the
	// driver's ID.
	Name string
	// New is a driver, valid credentials, and the apex of a zone that the
	// suite may empty. It is called once for each case.
	New func(t TB) (providers.Driver, providers.Credentials, zone.Name)
	// Seed makes the zone hold these records and what the host keeps itself
	// (SOA, NS of the apex), and nothing else. nil: through the driver.
	Seed func(t TB, records []zone.Record)
	// Zone is the zone as the host itself holds it. nil: as the driver reads
	// it, so a driver that reads what is not there can deceive the suite.
	Zone func(t TB) zone.Snapshot
	// Hang keeps the host from answering until the case ends.
	Hang func(t TB)
	// Fault makes every request from now on misbehave in this way, until the
	// case ends; with onlyWrites, those alone that may change something at the
	// host. It is false where the host cannot be made to.
	Fault func(t TB, kind Fault, onlyWrites bool) bool
	// Writes is how many requests that may change something have reached the
	// host since New.
	Writes func() int
	// Second is the apex of another zone of the same account, which the suite
	// may empty too.
	Second zone.Name
	// Other is another account at the same host, served by the same driver: its
	// credentials, and the apex of a zone of its own, which the suite may empty
	// too. It is called after New.
	Other func(t TB) (providers.Credentials, zone.Name)
	// Meta is what an A record may carry that Seed puts into the zone, as the
	// driver reads it ("proxied=true").
	Meta string
	// MaxRecords is how many records the zone can hold. 0: no limit known.
	MaxRecords int
	// Lost is how long a write that does not show is looked for, as
	// providers.Options has it; 0: its default.
	Lost time.Duration
	// Fails is the cases that this driver is known to fail, each with its
	// defect in words. Each must fail, and no other may: one that holds or does
	// not apply is an error too, for the list is wrong then.
	Fails map[string]string

	timeout time.Duration     // of one case; 0: caseTimeout
	limits  *providers.Limits // of all accounts of the run; nil: each account its own
}

// Fault is a way in which a host misbehaves.
type Fault string

// The seven faults.
const (
	FaultRateLimited Fault = "rate-limited"        // refused as too many, and told when to come again; nothing happens
	FaultUnavailable Fault = "unavailable"         // an error of the host's own, such as 503; nothing happens
	FaultHTML        Fault = "html"                // a page that is not of the API's, best with the status 200; nothing happens
	FaultDenied      Fault = "denied"              // the account may not do this, such as 403; nothing happens
	FaultHalf        Fault = "half-body"           // the request is done, and its answer breaks off in the middle
	FaultLandedLost  Fault = "lost-after-landing"  // the request is done, and no answer comes
	FaultLost        Fault = "lost-before-landing" // nothing is done, and no answer comes
)

// Case is one rule of the contract.
type Case struct {
	Name string // "text-borders"
	Rule string // one sentence
	run  func(*env) error
}

// Cases is all cases in the order they run.
func Cases() []Case {
	var all []Case
	for _, group := range [][]Case{
		credentialCases, zoneCases, sizeCases, setCases, oneOfCases, ownerCases, textCases, typeCases, extraCases,
		guardCases, refusalCases, accountCases, contextCases, faultCases,
	} {
		all = append(all, group...)
	}
	return all
}

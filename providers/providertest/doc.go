// Package providertest is the contract of a driver as a test suite.
//
//	func TestContract(t *testing.T) {
//		providertest.Run(t, providertest.Harness{
//			New: func(t testing.TB) (providers.Driver, providers.Credentials, zone.Name) {
//				return mydriver.Driver{}, creds, "test-zone.example"
//			},
//		})
//	}
//
// Every case fills the zone with records of somebody else, lets the driver do
// one thing, and compares the whole zone: what was asked for is there, and
// every other record is there byte for byte. A case that fails names the rule
// it stands for. Cases that the host's Caps rule out are skipped and say so.
//
// The suite empties the zone it is given. Give it one that is yours to lose.
package providertest

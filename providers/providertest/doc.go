// Package providertest is the contract of a driver as a test suite.
//
//	func TestConformance(t *testing.T) {
//		providertest.Run(t, providertest.Harness{
//			New: func(t providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
//				return mydriver.Driver{}, creds, "test-zone.example"
//			},
//		})
//	}
//
// It prints one line, and with MOORING_REPORT=DIR in the environment leaves
// DIR/NAME.json and DIR/NAME.txt:
//
//	conformance my-host: 116/151 (unsupported 35)
//
// Every case fills the zone with records of somebody else, lets the driver do
// one thing, and compares the whole zone: what was asked for is there, and
// every other record is there byte for byte. A case that fails names the rule
// it stands for. Cases that the host's Caps rule out, or that need what the
// Harness does not have, are unsupported and say so. A panic of the driver, or
// a call that does not end with its context, fails its case and not the run.
//
// Run is the suite as a test, Check the same in a program, and Live runs it on a
// real account that the environment names. A driver that is known to fail some
// cases lists them in Harness.Fails, and then must fail just those.
//
// The suite empties the zone it is given. Give it one that is yours to lose.
package providertest

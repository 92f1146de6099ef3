package modules

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/libdns/rfc2136"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/plugins/sdk"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/providertest"
	ours "github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
)

const apex zone.Name = "customer.example"

const zoneText = `$ORIGIN customer.example.
$TTL 3600
@ SOA ns1.host.example. host.host.example. 1 3600 600 86400 300
@ NS ns1.host.example.
@ NS ns2.host.example.
`

const second zone.Name = "second.example"

// both is the zone, and another of the same account.
func both() []string {
	return []string{zoneText, strings.ReplaceAll(zoneText, string(apex), string(second))}
}

// dynamic is libdns/rfc2136 as a driver. Its reading leaves the escapes of zone
// text in a TXT record (conversion.go, recordFromRR), and its writing, through
// the quoting of Go, loses control characters.
func dynamic() libdnsdriver.Driver {
	host := ours.Driver{}.Info()
	host.ID, host.Name = "libdns-rfc2136", "RFC 2136 through libdns/rfc2136"
	host.Caps.Grain, host.Caps.CAS = providers.GrainBatch, false
	host.Caps.RefusedText = "\ufffd\x7f" // what is no UTF-8, and control characters
	for c := range ' ' {
		host.Caps.RefusedText += string(c)
	}
	return libdnsdriver.Driver{
		Host: host,
		Text: libdnsdriver.TextEscaped,
		Code: code,
		New: func(c providers.Credentials) (any, error) {
			return &rfc2136.Provider{Server: c["server"], KeyName: c["key_name"], KeyAlg: c["key_alg"], Key: c["key"]}, nil
		},
	}
}

// TestMain is the main of the plugin processes that this program carries.
func TestMain(m *testing.M) {
	sdk.Carry(func([]string) []providers.Driver { return []providers.Driver{dynamic()} })
	os.Exit(m.Run())
}

func code(err error) providers.Code {
	text := err.Error()
	for _, c := range []struct {
		text string
		code providers.Code
	}{
		{"bad authentication", providers.InvalidCredentials},
		{"bad signature", providers.InvalidCredentials},
		{"bad key", providers.InvalidCredentials},
		{"no signature found", providers.NoSuchZone}, // Knot refuses a zone that it does not hold without signing
		{"bad xfr rcode: 9", providers.NoSuchZone},   // NOTAUTH, RFC 2136 section 2.2
		{"bad xfr rcode: 5", providers.NoSuchZone},   // REFUSED
		{`"FORMERR"`, providers.Invalid},
		{`"REFUSED"`, providers.AccessDenied},
		{"invalid record", providers.Invalid},
	} {
		if strings.Contains(text, c.text) {
			return c.code
		}
	}
	return ""
}

// known is what libdns/rfc2136 v1.0.1 and libdns v1.1.1 cannot do.
func known() map[string]string {
	return map[string]string{
		"rare-types": "libdns cannot parse an SVCB record at a name without a scheme, and libdns/rfc2136 reads no zone that holds one",
	}
}

func TestConformanceKnot(t *testing.T) {
	t.Parallel() // it waits for the server most of the time
	conformance(t, "libdns-rfc2136-knot", dynamic(), rfc2136test.StartKnot(t, both()...), known())
}

// TestConformanceKnotPlugin: in a process of its own the driver passes and fails
// what it does in ours.
func TestConformanceKnotPlugin(t *testing.T) {
	t.Parallel()
	d := load(t, plugins.Options{State: stateDir(t), Carried: []providers.Driver{dynamic()}})["libdns-rfc2136"]
	conformance(t, "libdns-rfc2136-knot-plugin", d, rfc2136test.StartKnot(t, both()...), known())
}

func TestConformanceBIND(t *testing.T) {
	t.Parallel()
	fails := known()
	for _, name := range []string{"find-unknown", "find-inside"} {
		fails[name] = "libdns/rfc2136 says bad authentication of a zone that BIND does not hold, as of a key that it does not know"
	}
	conformance(t, "libdns-rfc2136-bind", dynamic(), rfc2136test.StartBIND(t, both()...), fails)
}

// conformance fills the zone and looks at it through our own driver, so that
// the module cannot deceive the suite.
func conformance(t *testing.T, name string, d providers.Driver, s *rfc2136test.Server, fails map[string]string) {
	direct, err := providers.Open(ours.Driver{}, s.Credentials(), providers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	z := providers.Zone{ID: apex.FQDN(), Apex: apex, Caps: ours.Driver{}.Info().Caps}
	look := func(t providertest.TB) zone.Snapshot {
		snap, err := direct.Read(t.Context(), z)
		if err != nil {
			t.Fatal(err)
		}
		return snap
	}
	seed := func(t providertest.TB, records []zone.Record) {
		now := look(t)
		own := slices.DeleteFunc(slices.Clone(now.Records), func(r zone.Record) bool { return r.Name != apex || r.Type != "SOA" && r.Type != "NS" })
		changes := zone.Diff(now, zone.NewSnapshot(apex, slices.Concat(own, records)))
		for some := range slices.Chunk(changes, 500) { // what fits one message
			for _, o := range direct.Apply(t.Context(), z, some, &providers.Run{}) {
				if o.State != providers.Applied && o.State != providers.Unchanged {
					t.Fatalf("filling the zone: %+v", o)
				}
			}
		}
	}
	providertest.Run(t, providertest.Harness{
		Name: name,
		New: func(t providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			seed(t, nil) // the case before may have left what the module cannot read
			return d, s.Credentials(), apex
		},
		Seed:   seed,
		Zone:   look,
		Hang:   func(tb providertest.TB) { s.Pause(tb.(testing.TB)) }, // Run hands on its *testing.T
		Second: second,
		Fails:  fails,
	})
}

package plugins_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// onServer is the driver for dynamic updates on a name server of this process.
func onServer(t *testing.T, d providers.Driver) providertest.Harness {
	const ours = "@ SOA ns1 host 1 3600 600 86400 300\n@ NS ns1\n@ NS ns2\nns1 A 127.0.0.1\nns2 A 127.0.0.2\n"
	key := verifytest.Key{Name: "customer.", Secret: "bW9vcmluZy10ZXN0LWtleS0wMTIzNDU2Nzg5YWJjZGU="}
	text := func(of zone.Name) string { return "$ORIGIN " + of.FQDN() + "\n$TTL 3600\n" + ours }
	own, err := zone.ReadText(strings.NewReader(text(apex)), zone.Root)
	if err != nil {
		t.Fatal(err)
	}
	world := func(t providertest.TB, text ...string) (*verifytest.World, providers.Credentials) {
		w := verifytest.New(t, verifytest.Options{Text: text, Keys: []verifytest.Key{key}})
		return w, led(providers.Credentials{"server": w.Start()[0].String(), "key_name": key.Name, "key": key.Secret}, "none")
	}
	var w *verifytest.World
	each := func(f verifytest.Fault) {
		for _, s := range w.Servers() {
			s.SetFault(f)
		}
	}
	return providertest.Harness{
		New: func(t providertest.TB) (_ providers.Driver, c providers.Credentials, _ zone.Name) {
			w, c = world(t, text(apex), text(second))
			return d, c, apex
		},
		Seed: func(_ providertest.TB, recs []zone.Record) {
			w.Set(zone.NewSnapshot(apex, slices.Concat(own.Records, recs)))
		},
		Zone: func(providertest.TB) zone.Snapshot { return w.Zone(apex) },
		Hang: func(providertest.TB) { each(verifytest.Fault{Delay: time.Hour}) },
		Fault: func(_ providertest.TB, kind providertest.Fault, onlyWrites bool) bool {
			f, ok := serverFault(kind, onlyWrites)
			each(f)
			return ok
		},
		Writes: func() int {
			serial, _ := strconv.Atoi(strings.Fields(w.Zone(apex).Set(apex, "SOA")[0].Data)[2])
			return serial
		},
		Second: second,
		Other: func(t providertest.TB) (providers.Credentials, zone.Name) {
			_, c := world(t, text(theirs))
			return c, theirs
		},
		Lost: time.Millisecond,
	}
}

// serverFault is a name server's own form of a fault, where it has one.
func serverFault(kind providertest.Fault, onlyWrites bool) (f verifytest.Fault, ok bool) {
	switch {
	case kind == providertest.FaultUnavailable && onlyWrites:
		return verifytest.Fault{UpdateRcode: "SERVFAIL"}, true
	case kind == providertest.FaultUnavailable:
		return verifytest.Fault{Rcode: "SERVFAIL"}, true
	case kind == providertest.FaultDenied && onlyWrites:
		return verifytest.Fault{UpdateRcode: "REFUSED"}, true
	case kind == providertest.FaultLandedLost && onlyWrites:
		return verifytest.Fault{AnswerLost: true}, true
	case kind == providertest.FaultLost && onlyWrites:
		return verifytest.Fault{UpdateLost: true}, true
	case kind == providertest.FaultLost:
		return verifytest.Fault{Drop: true}, true
	}
	return verifytest.Fault{}, false
}

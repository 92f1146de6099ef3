package main

import (
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

var (
	//go:embed walk/zone.txt
	customerZone string
	//go:embed walk/app.example.txt
	appZone string
	//go:embed walk/config.json
	config []byte
)

// A world is what a walk runs on in this process: a host with the customer's
// zone, and name servers that serve it and the service's own.
type world struct {
	creds    providers.Credentials
	endpoint string         // of the host's API, where it has one
	servers  netip.AddrPort // where DNS is asked
	dns      verify.Options
	left     []string // what the host cannot store of the zone, and why, one sentence each
	says     string   // what the host is
	journal  string   // of the demo alone, and gone with it; "": the user named one
	plugins  string   // their state; the same
	host     fake     // of the API; nil: none
	close    func()
}

// startDemo makes the options of a walk on a world of its own.
func startDemo(o *options) (stop func(), err error) {
	if o.config, err = entri.Parse(config); err != nil {
		return nil, err
	}
	start := startWorld
	if o.demo == demoDefault {
		start = startUpdates
	}
	w, err := start(o.demo)
	if err != nil {
		return nil, err
	}
	stop = func() {
		w.close()
		for _, dir := range []string{w.journal, w.plugins} {
			if dir != "" {
				_ = os.RemoveAll(dir)
			}
		}
	}
	if o.journal == "" {
		if w.journal, err = os.MkdirTemp("", "mooring-demo-journal-"); err != nil {
			stop()
			return nil, err
		}
		o.journal = w.journal
	}
	if o.plugins.state == "" && o.plugins.needed() {
		if w.plugins, err = os.MkdirTemp(shortTemp(), "mooring-"); err != nil {
			stop()
			return nil, fmt.Errorf("embed: no place for plugins: %w\n%s", err, elsewhere)
		}
		o.plugins.state = w.plugins
	}
	o.domain, o.provider, o.endpoint, o.creds = o.config.PrefilledDomain[0], o.demo, w.endpoint, w.creds
	o.verify, o.world = w.dns, &w
	o.verify.MinDelay = 200 * time.Millisecond
	o.yes, o.decisions = true, append(o.decisions, plan.TakeDefaults())
	return stop, nil
}

// shortTemp is a directory for temporary files where the paths of sockets fit:
// on macOS that of the user is too long for them.
func shortTemp() string {
	const short, long = "/tmp", 24
	if len(os.TempDir()) > long && runtime.GOOS != "windows" {
		return short
	}
	return ""
}

// demoDefault is the host of a demo that names none.
const demoDefault = "rfc2136"

// startUpdates is a world whose two name servers take RFC 2136 updates.
func startUpdates(string) (world, error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	key := verifytest.Key{Name: "demo.key", Algorithm: "hmac-sha256", Secret: base64.StdEncoding.EncodeToString(secret)}
	w, err := verifytest.Start(verifytest.Options{Text: []string{customerZone, appZone}, Keys: []verifytest.Key{key}})
	if err != nil {
		return world{}, err
	}
	at := w.Servers()[0].Addr()
	return world{
		creds:   providers.Credentials{"server": at.String(), "key_name": key.Name, "key_alg": key.Algorithm, "key": key.Secret},
		says:    "Two name servers in this process serve the customer's zone; the first takes RFC 2136 updates at " + at.String() + ".",
		servers: at, dns: verify.Options{Start: w.Start(), Map: w.Map}, close: w.Close,
	}, nil
}

// fake is a fake of a host's API.
type fake interface {
	Bridge() (*httpapitest.Bridge, error)
	Close()
}

// startWorld is a world on the fake of a host, which gets as much of the zone
// as the host can store.
func startWorld(id string) (world, error) {
	customer, err := zone.ReadText(strings.NewReader(customerZone), zone.Root)
	if err != nil {
		return world{}, err
	}
	app, err := zone.ReadText(strings.NewReader(appZone), zone.Root)
	if err != nil {
		return world{}, err
	}
	d := driverOf(bundled(""), id)
	if d == nil {
		return world{}, errors.New("embed: there is no demo of " + id)
	}
	var w world
	customer, w.left = storable(customer, d.Info())
	if w.host, err = w.start(id, customer); err != nil {
		return world{}, err
	}
	bridge, err := w.host.Bridge()
	if err != nil {
		w.host.Close()
		return world{}, err
	}
	bridge.Set(app)
	bridge.Set(zone.NewSnapshot(customer.Zone.Parent(), nil)) // where CAA records are looked for too
	w.says = fmt.Sprintf("A fake of %s's API in this process answers at %s.", d.Info().Name, w.endpoint)
	w.servers, w.dns = bridge.Addr(), verify.Options{Start: bridge.World().Start(), Map: bridge.World().Map}
	w.close = w.host.Close
	return w, nil
}

func (w *world) start(id string, customer zone.Snapshot) (fake, error) {
	switch id {
	case "cloudflare":
		f, err := cloudflaretest.Start(cloudflaretest.Options{Zones: []cloudflaretest.Zone{{Snapshot: customer}}})
		if err != nil {
			return nil, err
		}
		w.creds, w.endpoint = f.Credentials(), f.Endpoint()
		return f, nil
	case "godaddy":
		f, err := godaddytest.Start(godaddytest.Options{Zones: []zone.Snapshot{customer}})
		if err != nil {
			return nil, err
		}
		w.creds, w.endpoint = f.Credentials(), f.Endpoint()
		return f, nil
	case "namecheap":
		f, err := namecheaptest.Start(namecheaptest.Options{Accounts: []namecheaptest.Account{{User: "customer", Key: rand.Text(), Zones: []zone.Snapshot{customer}}}})
		if err != nil {
			return nil, err
		}
		w.creds, w.endpoint = f.Credentials(0), f.Endpoint()
		return f, nil
	}
	return nil, errors.New("embed: there is no demo of " + id)
}

// storable is the zone as a host's API can write it, without what the host
// keeps itself, and what it cannot.
func storable(s zone.Snapshot, host providers.Info) (fit zone.Snapshot, left []string) {
	var kept []zone.Record
	for _, r := range s.Records {
		why := ""
		switch {
		case r.Name == s.Zone && (r.Type == "SOA" || r.Type == "NS"):
			continue
		case !host.Caps.Stores(r.Type):
			why = "writes no " + r.Type + " record"
		case r.Type == "TXT":
			why = host.Caps.RefusesText(r.Text())
		}
		if why != "" {
			left = append(left, fmt.Sprintf("%s's API %s, so the customer of this demo has none: %s %s %s", host.Name, why, r.Name.FQDN(), r.Type, r.Data))
			continue
		}
		r.TTL = host.Caps.ClampTTL(r.TTL)
		kept = append(kept, r)
	}
	return zone.NewSnapshot(s.Zone, kept), left
}

// began says what a demo runs on.
func (s *screen) began() {
	s.say("%s", s.o.world.says)
	for _, why := range s.o.world.left {
		s.say("  %s", why)
	}
	s.say("")
}

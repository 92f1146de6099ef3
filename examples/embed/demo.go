package main

import (
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"os"
	"time"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
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

// startDemo serves a customer's zone and the service's own from two name
// servers in this process, and makes the options of a walk on them.
func startDemo(o *options) (stop func(), err error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	key := verifytest.Key{Name: "demo.key", Algorithm: "hmac-sha256", Secret: base64.StdEncoding.EncodeToString(secret)}
	if o.config, err = entri.Parse(config); err != nil {
		return nil, err
	}
	journal, err := os.MkdirTemp("", "mooring-demo-journal-")
	if err != nil {
		return nil, err
	}
	world, err := verifytest.Start(verifytest.Options{Text: []string{customerZone, appZone}, Keys: []verifytest.Key{key}})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(journal))
	}
	o.domain, o.provider, o.journal = o.config.PrefilledDomain[0], "rfc2136", journal
	o.creds = providers.Credentials{
		"server": world.Servers()[0].Addr().String(), "key_name": key.Name, "key_alg": key.Algorithm, "key": key.Secret,
	}
	o.verify = verify.Options{Start: world.Start(), Map: world.Map, MinDelay: 200 * time.Millisecond}
	o.yes, o.decisions = true, []plan.Decision{plan.TakeDefaults()}
	return func() {
		world.Close()
		_ = os.RemoveAll(journal)
	}, nil
}

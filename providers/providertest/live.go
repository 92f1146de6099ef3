package providertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Live runs the suite on a real account, where the environment names one:
// MOORING_LIVE_ID, with the driver's ID in capitals, is the path of a JSON file
//
//	{"zone": "test-zone.example", "credentials": {"token": "…"}, "empty": true}
//
// It skips where the variable is not set, and fails unless "empty" is true, for
// the suite empties the zone. Requests that the host refuses as too many are
// sent again when it says; a case may take ten minutes.
func Live(t *testing.T, d providers.Driver) {
	t.Helper()
	h, err := live(d, os.Getenv)
	if reason, ok := errors.AsType[notHere](err); ok {
		t.Skip(string(reason))
	}
	if err != nil {
		t.Fatal(err)
	}
	Run(t, h)
}

// live is the harness for the account that the environment names.
func live(d providers.Driver, getenv func(string) string) (Harness, error) {
	id := d.Info().ID
	variable := "MOORING_LIVE_" + strings.ToUpper(strings.ReplaceAll(id, "-", "_"))
	path := getenv(variable)
	if path == "" {
		return Harness{}, notHere("no live account: " + variable + " is not set to the path of a file that names one")
	}
	h, err := Named(d, path)
	if err != nil {
		return Harness{}, fmt.Errorf("%s: %w", variable, err)
	}
	h.Name = id + "-live"
	return h, nil
}

// Named is a harness for a real account, which a JSON file names as Live has it.
// More cases run where the file also names another zone of the account, and
// another account, which are emptied too:
//
//	"second": "other-zone.example", "other": {"zone": "third-zone.example", "credentials": {"token": "…"}}
//
// Requests that the host refuses as too many are sent again when it says, and all
// accounts of the run share their limits. No error holds a credential.
func Named(d providers.Driver, file string) (Harness, error) {
	a, err := readAccount(file)
	if err != nil {
		return Harness{}, err
	}
	h := Harness{
		New: func(TB) (providers.Driver, providers.Credentials, zone.Name) {
			return patient{d}, a.Credentials, a.Zone
		},
		Second:  a.Second,
		timeout: 10 * time.Minute,
		limits:  &providers.Limits{},
	}
	if other := a.Other; other != nil {
		h.Other = func(TB) (providers.Credentials, zone.Name) { return other.Credentials, other.Zone }
	}
	return h, nil
}

// account is the file that names one.
type account struct {
	Zone        zone.Name         `json:"zone"`
	Credentials map[string]string `json:"credentials"`
	Empty       bool              `json:"empty"` // the suite may empty the zones
	Second      zone.Name         `json:"second"`
	Other       *account          `json:"other"` // its zone and credentials
}

// readAccount reads the file. Its errors hold nothing of what stands there but
// names.
func readAccount(path string) (a account, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return a, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err = d.Decode(&a)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok { // its text holds the value
		err = fmt.Errorf("%s wants a %s", wrong.Field, wrong.Type)
	}
	if err != nil {
		return a, fmt.Errorf("%s is not the JSON that is wanted here: %w", path, err)
	}
	for field, name := range a.zones() {
		if *name, err = zone.ParseName(string(*name)); err != nil {
			return a, fmt.Errorf("%s: %w", field, err)
		}
	}
	if !a.Empty {
		return a, fmt.Errorf(`the suite removes every record of %s: say "empty": true where that may be`, a.Zone.FQDN())
	}
	return a, nil
}

// zones is the names that are given, by the field that has them.
func (a *account) zones() map[string]*zone.Name {
	all := map[string]*zone.Name{"zone": &a.Zone}
	if a.Second != "" {
		all["second"] = &a.Second
	}
	if a.Other != nil {
		all["other.zone"] = &a.Other.Zone
	}
	return all
}

// patient is a driver whose sessions wait where the host says that they come
// too soon, and try again. Only what was refused is sent again, so no write
// happens twice.
type patient struct{ providers.Driver }

func (p patient) Open(c providers.Credentials) (providers.Session, error) {
	s, err := p.Driver.Open(c)
	if err != nil {
		return nil, err
	}
	var l providers.Lister
	if lister, ok := s.(providers.Lister); ok {
		l = patientLister{lister}
	}
	var k providers.Checker
	if checker, ok := s.(providers.Checker); ok {
		k = patientChecker{checker}
	}
	return withPowers(patientSession{s}, l, k), nil
}

type patientSession struct{ session providers.Session }

func (s patientSession) Find(ctx context.Context, apex zone.Name) (z providers.Zone, err error) {
	err = retried(ctx, func() error { z, err = s.session.Find(ctx, apex); return err })
	return z, err
}

func (s patientSession) Read(ctx context.Context, z providers.Zone) (snap zone.Snapshot, err error) {
	err = retried(ctx, func() error { snap, err = s.session.Read(ctx, z); return err })
	return snap, err
}

func (s patientSession) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	return retried(ctx, func() error { return s.session.Write(ctx, z, e) })
}

type patientLister struct{ lister providers.Lister }

func (s patientLister) List(ctx context.Context) (all []providers.Zone, err error) {
	err = retried(ctx, func() error { all, err = s.lister.List(ctx); return err })
	return all, err
}

type patientChecker struct{ checker providers.Checker }

func (s patientChecker) Check(ctx context.Context) error {
	return retried(ctx, func() error { return s.checker.Check(ctx) })
}

// retried calls again what was refused as too many, until the context ends.
func retried(ctx context.Context, call func() error) error {
	for {
		err := call()
		e, ok := errors.AsType[*providers.Error](err)
		if !ok || e.Code != providers.RateLimited || e.Wrote != providers.WroteNo {
			return err
		}
		t := time.NewTimer(max(e.RetryAfter, time.Second))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return err
		}
	}
}

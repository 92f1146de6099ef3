package peers

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"
	legoacme "github.com/go-acme/lego/v5/acme"
	"github.com/go-acme/lego/v5/acme/api"
	"github.com/go-acme/lego/v5/challenge/dns01"
	"github.com/go-acme/lego/v5/log"
	"github.com/libdns/libdns"
	"github.com/mholt/acmez/v3/acme"
	"golang.org/x/sys/unix"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

const (
	theirDomains = 32   // at once: they take seconds for them
	ourDomains   = 2000 // at once
)

// TestPeers answers how many domains a second each can prove: one challenge
// record in a zone of its own on two servers, 20 ms for each answer, nothing
// known before. All three must have the verdict right.
func TestPeers(t *testing.T) {
	if os.Getenv(stageKey) != raceStage {
		inNamespace(t)
		return
	}
	startServers(t)
	ours := measure(t, "mooring", ourDomains, checkOurs)
	for name, check := range map[string]func(*testing.T) time.Duration{
		"lego v5.3.1":       checkLego,
		"certmagic v0.25.6": checkCertmagic,
	} {
		if theirs := measure(t, name, theirDomains, check); theirs >= ours {
			t.Errorf("%s proves %.1f domains/s, we %.1f", name, theirs, ours)
		}
	}
}

// measure is how many domains a second one of the three proves.
func measure(t *testing.T, name string, domains float64, check func(*testing.T) time.Duration) float64 {
	t.Helper()
	before := cpu(t)
	took := check(t)
	rate := domains / took.Seconds()
	t.Logf("%-17s %7.1f domains/s (%4.0f at once), %5.0f µs of our CPU for each", name, rate, domains,
		float64((cpu(t)-before).Microseconds())/domains)
	return rate
}

// cpu is what this process has taken. The servers are another one.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func domain(kind rune, i int) string { return fmt.Sprintf("%c%d.test", kind, i) }

// atOnce runs check for the domains of a peer at once, and says how long that
// takes.
func atOnce(t *testing.T, check func(domain string) error) time.Duration {
	t.Helper()
	errs := make([]error, theirDomains)
	var wg sync.WaitGroup
	began := time.Now()
	for i := range errs {
		wg.Go(func() { errs[i] = check(domain(soundZone, i)) })
	}
	wg.Wait()
	took := time.Since(began)
	for i, err := range errs {
		if err != nil {
			t.Fatalf("%s: %v", domain(soundZone, i), err)
		}
	}
	return took
}

// host is a provider at which everything stands already.
type host struct{}

func (host) AppendRecords(_ context.Context, _ string, recs []libdns.Record) ([]libdns.Record, error) {
	return recs, nil
}

func (host) DeleteRecords(_ context.Context, _ string, recs []libdns.Record) ([]libdns.Record, error) {
	return recs, nil
}

// checkCertmagic: its check is not exported, but is all that Wait does after
// two seconds, which are not counted. Present finds the zone, which that check
// needs and then has from the cache.
func checkCertmagic(t *testing.T) time.Duration {
	t.Helper()
	const pause = 2 * time.Second
	solver := &certmagic.DNS01Solver{DNSManager: certmagic.DNSManager{DNSProvider: host{}, PropagationTimeout: pause / 2}}
	challenge := func(domain string) acme.Challenge {
		return acme.Challenge{
			Type: acme.ChallengeTypeDNS01, Token: "token", KeyAuthorization: keyAuthorization,
			Identifier: acme.Identifier{Type: "dns", Value: domain},
		}
	}
	present := func(d string) error { return solver.Present(t.Context(), challenge(d)) }
	wait := func(d string) error { return solver.Wait(t.Context(), challenge(d)) }
	took := atOnce(t, present)
	took += atOnce(t, wait) - pause

	absent := domain(absentZone, 0)
	if err := present(absent); err != nil {
		t.Fatal(err)
	}
	if err := wait(absent); err == nil {
		t.Errorf("certmagic finds the record of %s, which has none", absent)
	}
	return took
}

// nobody is a provider that is never asked.
type nobody struct{}

func (nobody) Present(context.Context, string, string, string) error { return nil }
func (nobody) CleanUp(context.Context, string, string, string) error { return nil }
func (nobody) Timeout() (timeout, interval time.Duration)            { return time.Minute, time.Millisecond }

// checkLego: its check is handed to those who wrap it.
func checkLego(t *testing.T) time.Duration {
	t.Helper()
	log.SetDefault(slog.New(slog.DiscardHandler))
	dns01.SetDefaultClient(dns01.NewClient(&dns01.Options{RecursiveNameservers: []string{resolverAddr + ":53"}}))
	check := legoCheck(t)
	took := atOnce(t, func(d string) error {
		ok, err := check(t.Context(), "_acme-challenge."+d+".", challengeValue())
		if err == nil && !ok {
			err = errors.New("not propagated")
		}
		return err
	})
	absent := domain(absentZone, 0)
	if ok, err := check(t.Context(), "_acme-challenge."+absent+".", challengeValue()); ok && err == nil {
		t.Errorf("lego finds the record of %s, which has none", absent)
	}
	return took
}

// legoCheck lets lego solve a challenge up to its check, at a certificate
// authority that has nothing but a directory.
func legoCheck(t *testing.T) dns01.PreCheckFunc {
	t.Helper()
	ca := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"newAccount":"https://%s/a","newOrder":"https://%s/o","newNonce":"https://%s/n"}`, r.Host, r.Host, r.Host)
	}))
	defer ca.Close()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	core, err := api.New(ca.Client(), "peers", ca.URL, "", key)
	if err != nil {
		t.Fatal(err)
	}
	var check dns01.PreCheckFunc
	challenge := dns01.NewChallenge(core,
		func(context.Context, *api.Core, string, legoacme.Challenge) error { return nil }, nobody{},
		dns01.WrapPreCheck(func(_ context.Context, _, _, _ string, own dns01.PreCheckFunc) (bool, error) {
			check = own
			return true, nil
		}))
	err = challenge.Solve(t.Context(), legoacme.Authorization{
		Identifier: legoacme.Identifier{Type: "dns", Value: domain(soundZone, 0)},
		Challenges: []legoacme.Challenge{{Type: "dns-01", Token: "token"}},
	})
	if err != nil || check == nil {
		t.Fatalf("lego does not come to its check: %v", err)
	}
	return check
}

// checkOurs looks at all domains in one Batch, walking from the root.
func checkOurs(t *testing.T) time.Duration {
	t.Helper()
	v := verify.New(verify.Options{
		Start:    []netip.AddrPort{netip.MustParseAddrPort(rootAddr + ":53")},
		Budget:   verify.Budget{Start: 1e6, Most: 1e6, Provider: 1e7, Burst: 1e6}, // the servers are ours
		Together: ourDomains,
		Timeout:  20 * time.Second, // a slow machine is no dead server
	})
	request := func(kind rune, i int) verify.Request {
		name := zone.Name("_acme-challenge." + domain(kind, i))
		return verify.Request{Expect: []verify.Expect{{Record: zone.NewTXT(name, 300, challengeValue())}}}
	}
	progress, err := v.Batch(t.Context(), func(yield func(verify.Request) bool) {
		for i := range ourDomains {
			if !yield(request(soundZone, i)) {
				return
			}
		}
	}, func(r verify.Report) {
		if r.Verdict != verify.Propagated {
			t.Errorf("%+v", r)
		}
	})
	if err != nil || progress.Done != ourDomains {
		t.Fatalf("%+v, %v", progress, err)
	}
	t.Logf("mooring asked %.1f questions for a domain", float64(progress.Asked)/ourDomains)
	for kind, want := range map[rune]verify.Verdict{absentZone: verify.Absent, staleZone: verify.Partial} {
		if r, err := v.Check(t.Context(), request(kind, 0)); err != nil || r.Verdict != want {
			t.Errorf("%s: got %s, %v; want %s", domain(kind, 0), r.Verdict, err, want)
		}
	}
	return progress.Elapsed
}

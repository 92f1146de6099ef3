package referee

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	blitiri "blitiri.com.ar/go/spf"

	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/spf/internal/lawtest"
)

// The laws of a merge hold before an evaluator that shares no code with this
// project, over the pairs of spf's own test.
func TestMergeLawBeforeReferee(t *testing.T) {
	seed := lawtest.Seed(t)
	for _, exclusions := range lawtest.ExclusionRates() {
		t.Run(fmt.Sprint(exclusions), func(t *testing.T) {
			t.Parallel()
			n := lawtest.Times(100_000, 400)
			s := lawtest.Hold(t, seed, lawtest.Drawn(exclusions), n, judge)
			t.Logf("%d pairs, %d messages, %d judged, %d breaches", n, s.Messages, s.Judged, s.Breaches())
			if s.Judged*10 < s.Messages*8 {
				t.Errorf("%d of %d messages judged: too few to say much", s.Judged, s.Messages)
			}
		})
	}
}

// The two evaluators agree on every record that is drawn, so that a law which
// both find kept is one law.
func TestJudgesAgree(t *testing.T) {
	seed := lawtest.Seed(t)
	for _, exclusions := range lawtest.ExclusionRates() {
		ours := func(zone spf.Static, domain string, m lawtest.Message) string {
			c := spf.Checker{Resolver: zone, MaxLookups: 100, MaxVoids: 100}
			got, want := string(c.CheckHost(t.Context(), m.IP, domain, m.Sender, m.Helo).Outcome), judge(zone, domain, m)
			if got != want {
				t.Errorf("%+v: mooring %s, blitiri %s: %q", m, got, want, zone[spf.Question{Name: domain, Type: "TXT"}].Values)
			}
			return got
		}
		lawtest.Hold(t, seed, lawtest.Drawn(exclusions), lawtest.Times(10_000, 200), ours)
	}
}

// The rules of others break the laws before it as well.
func TestRivalsBeforeReferee(t *testing.T) {
	seed := lawtest.Seed(t)
	for _, rival := range lawtest.Rivals() {
		var sum lawtest.Bite
		for _, exclusions := range lawtest.ExclusionRates() {
			b := lawtest.Catch(t, seed, lawtest.Drawn(exclusions), lawtest.Times(20_000, 200), rival, judge)
			t.Logf("%s, %v do not pass: %v", rival.Name, exclusions, b)
			sum.Add(b)
		}
		if sum.Share() < 0.05 {
			t.Errorf("%s: %v overall, want 5 %% at least", rival.Name, sum)
		}
	}
}

func judge(zone spf.Static, domain string, m lawtest.Message) string {
	const limit = 10_000 // the laws speak of records within the limits
	if _, of, _ := strings.Cut(m.Sender, "@"); of != domain {
		panic("the referee takes the domain from the sender")
	}
	got, _ := blitiri.CheckHostWithSender(m.IP.AsSlice(), m.Helo, m.Sender, blitiri.WithResolver(shifting(zone)),
		blitiri.OverrideLookupLimit(limit), blitiri.OverrideVoidLookupLimit(limit))
	return string(got)
}

// shifting is a zone that changes from check to check, so that building what
// [zone] has would cost more than the check.
type shifting spf.Static

func (s shifting) ask(name, kind string) ([]string, error) {
	q := spf.Question{Name: strings.ToLower(strings.TrimSuffix(name, ".")), Type: kind}
	r := answer(spf.Static(s).Lookup(context.Background(), q), func(v string) string { return v })
	return r.values, r.err
}

func (s shifting) LookupTXT(_ context.Context, name string) ([]string, error) {
	return s.ask(name, "TXT")
}

func (s shifting) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	hosts, err := s.ask(name, "MX")
	var all []*net.MX
	for _, host := range hosts {
		all = append(all, &net.MX{Host: host})
	}
	return all, err
}

func (s shifting) LookupIPAddr(_ context.Context, name string) ([]net.IPAddr, error) {
	var all []net.IPAddr
	var first error
	for _, kind := range []string{"A", "AAAA"} {
		values, err := s.ask(name, kind)
		if first == nil {
			first = err
		}
		for _, v := range values {
			all = append(all, net.IPAddr{IP: netip.MustParseAddr(v).AsSlice()})
		}
	}
	if len(all) > 0 {
		return all, nil
	}
	return nil, first
}

func (s shifting) LookupAddr(_ context.Context, addr string) ([]string, error) {
	name, err := reverse(addr)
	if err != nil {
		return nil, err
	}
	return s.ask(name, "PTR")
}

// reverse is the name of an address below in-addr.arpa or ip6.arpa.
func reverse(addr string) (string, error) {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return "", err
	}
	var labels []string
	family := "in-addr.arpa"
	for _, b := range ip.Unmap().AsSlice() {
		if ip.Unmap().Is4() {
			labels = append(labels, fmt.Sprint(b))
		} else {
			family = "ip6.arpa"
			labels = append(labels, fmt.Sprintf("%x", b>>4), fmt.Sprintf("%x", b&15))
		}
	}
	slices.Reverse(labels)
	return strings.Join(append(labels, family), "."), nil
}

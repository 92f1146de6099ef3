package referee

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	blitiri "blitiri.com.ar/go/spf"

	"github.com/mooring-dns/mooring/spf"
)

// zone is a spf.Static in the form in which blitiri asks for it: every answer
// is built before, and a lookup is one in a map.
type zone struct {
	txt, ptr map[string]reply[string]
	mx       map[string]reply[*net.MX]
	ip       map[string]reply[net.IPAddr]
}

type reply[T any] struct {
	values []T
	err    error
}

var _ blitiri.DNSResolver = (*zone)(nil)

var (
	errNotFound  = &net.DNSError{Err: "no such name", IsNotFound: true}
	errTemporary = &net.DNSError{Err: "no answer", IsTemporary: true}
)

func newZone(s spf.Static) *zone {
	z := &zone{
		txt: map[string]reply[string]{}, ptr: map[string]reply[string]{},
		mx: map[string]reply[*net.MX]{}, ip: map[string]reply[net.IPAddr]{},
	}
	for q, a := range s {
		switch q.Type {
		case "TXT":
			z.txt[q.Name] = answer(a, func(s string) string { return s })
		case "MX":
			z.mx[q.Name] = answer(a, func(host string) *net.MX { return &net.MX{Host: host} })
		case "PTR":
			z.ptr[address(q.Name).String()] = answer(a, func(s string) string { return s })
		case "A", "AAAA":
			z.ip[q.Name] = join(
				answer(s.Lookup(context.Background(), spf.Question{Name: q.Name, Type: "A"}), ipAddr),
				answer(s.Lookup(context.Background(), spf.Question{Name: q.Name, Type: "AAAA"}), ipAddr))
		}
	}
	return z
}

func answer[T any](a spf.Answer, value func(string) T) reply[T] {
	var r reply[T]
	switch a.Status {
	case spf.Failed:
		r.err = errTemporary
	case spf.NXDomain:
		r.err = errNotFound
	case spf.Found, spf.NoData:
		for _, v := range a.Values {
			r.values = append(r.values, value(v))
		}
	}
	return r
}

// join is the answer to a question for two types at a name that has one of
// them at least.
func join[T any](a, b reply[T]) reply[T] {
	for _, r := range []reply[T]{a, b} {
		if errors.Is(r.err, errTemporary) {
			return r
		}
	}
	return reply[T]{values: slices.Concat(a.values, b.values)}
}

func ipAddr(s string) net.IPAddr { return net.IPAddr{IP: net.ParseIP(s)} }

// address returns the address of a name below in-addr.arpa or ip6.arpa.
func address(name string) netip.Addr {
	labels := strings.Split(name, ".")
	labels = labels[:len(labels)-2]
	slices.Reverse(labels)
	if strings.HasSuffix(name, ".in-addr.arpa") {
		return netip.MustParseAddr(strings.Join(labels, "."))
	}
	var b strings.Builder
	for i, nibble := range labels {
		if i > 0 && i%4 == 0 {
			b.WriteByte(':')
		}
		b.WriteString(nibble)
	}
	return netip.MustParseAddr(b.String())
}

func lookup[T any](m map[string]reply[T], name string) ([]T, error) {
	r, ok := m[strings.ToLower(strings.TrimSuffix(name, "."))]
	if !ok {
		return nil, errNotFound
	}
	return r.values, r.err
}

func (z *zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	return lookup(z.txt, name)
}

func (z *zone) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return lookup(z.mx, name)
}

func (z *zone) LookupIPAddr(_ context.Context, host string) ([]net.IPAddr, error) {
	return lookup(z.ip, host)
}

func (z *zone) LookupAddr(_ context.Context, addr string) ([]string, error) {
	return lookup(z.ptr, addr)
}

// The referee must be asked about the same zone that we are asked about.
func TestZone(t *testing.T) {
	const client = "192.0.2.9"
	static := func(name, kind string, a spf.Answer) spf.Static {
		return spf.Static{{Name: name, Type: kind}: a}
	}
	found := func(values ...string) spf.Answer { return spf.Answer{Status: spf.Found, Values: values} }
	for _, c := range []struct {
		name, record string
		zone         spf.Static
		want         spf.Outcome
	}{
		{"nothing", "v=spf1 a:h.example -all", nil, spf.Fail},
		{"address", "v=spf1 a:h.example -all", static("h.example", "A", found(client)), spf.Pass},
		{"no data", "v=spf1 a:h.example -all", static("h.example", "A", spf.Answer{Status: spf.NoData}), spf.Fail},
		{"failure", "v=spf1 a:h.example -all", static("h.example", "A", spf.Answer{}), spf.TempError},
		{"no record behind an include", "v=spf1 include:h.example -all", nil, spf.PermError},
		{"failure behind an include", "v=spf1 include:h.example -all", static("h.example", "TXT", spf.Answer{}), spf.TempError},
		{"exists", "v=spf1 exists:%{ir}.h.example -all", static("9.2.0.192.h.example", "A", found("127.0.0.2")), spf.Pass},
		{"mail host", "v=spf1 mx:h.example -all", spf.Static{
			{Name: "h.example", Type: "MX"}:    found("m.h.example"),
			{Name: "m.h.example", Type: "A"}:   found("198.51.100.1", client),
			{Name: "m.h.example", Type: "TXT"}: found("other"),
		}, spf.Pass},
		{"host name", "v=spf1 ptr:h.example -all", spf.Static{
			{Name: "9.2.0.192.in-addr.arpa", Type: "PTR"}: found("m.h.example"),
			{Name: "m.h.example", Type: "A"}:              found(client),
		}, spf.Pass},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := spf.Static{{Name: "cust.example", Type: "TXT"}: found(c.record)}
			maps.Copy(s, c.zone)
			if got, want := ours(t, s, client, "cust.example"), c.want; got != want {
				t.Errorf("mooring: got %s, want %s", got, want)
			}
			if got, want := theirs(t, newZone(s), client, "cust.example"), c.want; got != want {
				t.Errorf("blitiri: got %s, want %s", got, want)
			}
		})
	}
}

package safehttp_test

import (
	"context"
	"net/http"
	"net/netip"
	"testing"

	"github.com/mooring-dns/mooring/verify/safehttp"
)

// FuzzURL: whatever a URL says, nobody is connected to where every address is
// this machine's. Port 1 is reserved, and nothing listens there.
func FuzzURL(f *testing.F) {
	for _, url := range []string{
		"http://127.1/", "http://[::1]/", "http://[::ffff:7f00:1]:80/", "https://a.example", "http://a@b/", "http://0x7f.1/", "//x", "http://a.example:0/",
		"http://[fe80::1%25lo]/", "HTTP://LOCALHOST./", "http://a.example\\@127.0.0.1/", "http://%31%32%37.0.0.1/", "http://１２７.0.0.1/", "javascript:x", "http://a b/",
	} {
		f.Add(url)
	}
	here := netip.MustParseAddrPort("127.0.0.1:1")
	c := safehttp.New(safehttp.Options{
		PlainHTTP: true, Map: func(netip.AddrPort) netip.AddrPort { return here },
		Resolve: func(context.Context, string) ([]netip.Addr, error) { return []netip.Addr{here.Addr()}, nil },
	})
	f.Fuzz(func(t *testing.T, url string) {
		hops, err := c.Follow(t.Context(), url, 3)
		if err != nil || len(hops) != 1 || hops[0].Status != 0 || hops[0].Failure == "" || hops[0].Failure == safehttp.FailedConnect {
			t.Errorf("%q: got %+v, %v, want one hop that is not gone to", url, hops, err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			return
		}
		if resp, err := c.Do(req); err == nil {
			t.Errorf("%q: got %s", url, resp.Status)
			_ = resp.Body.Close()
		}
	})
}

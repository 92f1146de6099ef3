package safehttp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"github.com/mooring-dns/mooring/verify/safehttp"
)

func Example() {
	c := safehttp.New(safehttp.Options{})
	for _, url := range []string{"https://127.0.0.1/admin", "https://169.254.169.254/latest/meta-data/", "http://app.example/", "https://app.example:22/"} {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		resp, err := c.Do(req)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(resp.Status, resp.Body.Close())
	}
	// Output:
	// safehttp: 127.0.0.1 is not gone to: it is no host of the Internet: loopback (RFC 1122)
	// safehttp: 169.254.169.254 is not gone to: it is no host of the Internet: link-local (RFC 3927)
	// safehttp: "http://app.example/" is not gone to: it does not begin with https://
	// safehttp: "https://app.example:22/" is not gone to: its port is not one of those that are gone to
}

func ExampleClient_Follow() {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "shop.example" {
			http.Redirect(w, r, "http://www.shop.example/", http.StatusMovedPermanently)
		}
	}))
	defer web.Close()
	c := safehttp.New(safehttp.Options{
		PlainHTTP: true,
		Allow:     []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Map:       func(netip.AddrPort) netip.AddrPort { return netip.MustParseAddrPort(web.Listener.Addr().String()) },
		Resolve: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("192.0.2.80")}, nil
		},
	})
	hops, err := c.Follow(context.Background(), "http://shop.example/", 5)
	for _, h := range hops {
		fmt.Println(h.Status, h.URL)
	}
	fmt.Println(err)
	// Output:
	// 301 http://shop.example/
	// 200 http://www.shop.example/
	// <nil>
}

func ExampleFailureOf() {
	c := safehttp.New(safehttp.Options{
		Resolve: func(context.Context, string) ([]netip.Addr, error) { return nil, nil },
	})
	for _, url := range []string{"https://10.0.0.1/", "https://nowhere.example/"} {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		resp, err := c.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		fmt.Printf("%s: %s\n", url, safehttp.FailureOf(err))
	}
	// Output:
	// https://10.0.0.1/: refused
	// https://nowhere.example/: resolve
}

func ExampleSpecial() {
	for _, a := range []string{"198.41.0.4", "100.64.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"} {
		fmt.Printf("%s: %q\n", a, safehttp.Special(netip.MustParseAddr(a)))
	}
	// Output:
	// 198.41.0.4: ""
	// 100.64.0.1: "shared by a carrier's customers (RFC 6598)"
	// ::ffff:10.0.0.1: "private use (RFC 1918)"
	// 64:ff9b::7f00:1: "IPv4/IPv6 translation (RFC 6052)"
}

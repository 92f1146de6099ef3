package safehttp_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/verify/safehttp"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// TestFollow says each hop as its path, and what became of it.
func TestFollow(t *testing.T) {
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		kind, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		status := map[string]int{"301": 301, "302": 302, "303": 303, "307": 307, "308": 308, "300": 300}[kind]
		switch {
		case kind == "to":
			to, _ := url.PathUnescape(r.URL.RawQuery)
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		case kind == "without":
			w.WriteHeader(http.StatusFound)
		case kind == "loop":
			http.Redirect(w, r, "/301/loop", http.StatusFound)
		case status != 0:
			w.Header().Set("Location", "/"+rest)
			w.WriteHeader(status)
		}
	})
	c := safehttp.New(safehttp.Options{
		PlainHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Map: at(s),
		Resolve: names(map[string]string{"a.example": "192.0.2.1", "b.example": "192.0.2.2", "xn--bcher-kva.example": "192.0.2.3"}),
	})
	tests := []struct {
		name, start string
		want        []string
	}{
		{"no redirect", "http://a.example/here", []string{"a.example/here 200"}},
		{"a part of a page", "http://a.example/here#part", []string{"a.example/here 200"}},
		{"every status", "http://a.example/301/302/303/307/308/end", []string{
			"a.example/301/302/303/307/308/end 301", "a.example/302/303/307/308/end 302", "a.example/303/307/308/end 303",
			"a.example/307/308/end 307", "a.example/308/end 308", "a.example/end 200",
		}},
		{"300 is none", "http://a.example/300/end", []string{"a.example/300/end 300"}},
		{"no Location", "http://a.example/without", []string{"a.example/without 302"}},
		{"another host, in capitals", "http://A.example./to?http://B.EXAMPLE/x%23part", []string{"a.example/to 302", "b.example/x 200"}},
		{"a loop", "http://a.example/loop", []string{"a.example/loop 302", "a.example/301/loop 301 loop"}},
		{"to itself, spelled otherwise", "http://a.example/to?http://a.example/to", []string{"a.example/to 302", "a.example/to 302"}},
		{"too many", "http://a.example/301/301/301/301/301/301/end", []string{
			"a.example/301/301/301/301/301/301/end 301", "a.example/301/301/301/301/301/end 301", "a.example/301/301/301/301/end 301",
			"a.example/301/301/301/end 301", "a.example/301/301/end 301", "a.example/301/end 301 long",
		}},
		{"into this machine", "http://a.example/to?http://localhost:22/", []string{"a.example/to 302", "localhost/ 0 refused"}},
		{"to a file", "http://a.example/to?file:///etc/passwd", []string{"a.example/to 302", "/etc/passwd 0 refused"}},
		{"to a script", "http://a.example/to?javascript:alert(1)", []string{"a.example/to 302", " 0 refused"}},
		{"to a user", "http://a.example/to?http://me:geheim@b.example/", []string{"a.example/to 302", "b.example/ 0 refused"}},
		{"to no URL", "http://a.example/to?http://b%20c/", []string{"a.example/to 302 answer"}},
		{"to nobody", "http://a.example/to?http://gone.example", []string{"a.example/to 302", "gone.example/ 0 resolve"}},
		{"to another scheme of its own host", "http://a.example/to?//b.example/y", []string{"a.example/to 302", "b.example/y 200"}},
		{"to umlauts", "http://a.example/to?http://b%C3%BCcher.example/", []string{"a.example/to 302", "xn--bcher-kva.example/ 200"}},
		{"to umlauts in capitals", "http://a.example/to?http://B%C3%9CCHER.example./", []string{"a.example/to 302", "xn--bcher-kva.example/ 200"}},
		{"to umlauts, escaped", "http://a.example/to?http://b%25C3%25BCcher.example/", []string{"a.example/to 302", "xn--bcher-kva.example/ 200"}},
		{"to what turns the text around", "http://a.example/to?http://%E2%80%AEevil.example/", []string{"a.example/to 302", "%E2%80%AEevil.example/ 0 resolve"}},
		{"to a control character", "http://a.example/to?http://ev%C2%9Bil.example/", []string{"a.example/to 302", "ev%C2%9Bil.example/ 0 resolve"}},
		{"to this machine in wide digits", "http://a.example/to?http://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1:22/", []string{"a.example/to 302", "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1/ 0 refused"}},
		{"no URL", "http://a b/", []string{"/ 0 refused"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hops, err := c.Follow(t.Context(), tt.start, 5)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, said(hops)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			for _, h := range hops {
				if (h.Failure == "") != (h.Err == "") || strings.Contains(h.Err, "geheim") || strings.ContainsAny(h.Err, "\u202e\u009b") {
					t.Errorf("failure %q is told as %q", h.Failure, h.Err)
				}
				if (h.Status != 0) != h.Addr.IsValid() {
					t.Errorf("%s: status %d by %v", h.URL, h.Status, h.Addr)
				}
			}
		})
	}
}

func said(hops []safehttp.Hop) []string {
	var out []string
	for _, h := range hops {
		path := ""
		if _, rest, ok := strings.Cut(h.URL, "://"); ok {
			_, path, _ = strings.Cut(rest, "/")
			path, _, _ = strings.Cut("/"+path, "?")
		}
		out = append(out, strings.TrimRight(strings.Join([]string{h.Host + path, strconv.Itoa(h.Status), string(h.Failure)}, " "), " "))
	}
	return out
}

func TestFollowEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	c := safehttp.New(safehttp.Options{PlainHTTP: true, Allow: loopback(), Map: at(s)})
	if _, err := c.Follow(ctx, "http://198.41.0.4/", 5); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that ctx ended", err)
	}
}

package cloudflaretest

import (
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// AnyToken is a token of the form that tokens of users have
// (https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/),
// and AccountToken one of the form that those of accounts have. They open fakes
// only.
const (
	AnyToken     = "cfut_" + "FakeFakeFakeFakeFakeFakeFakeFakeFakeFake" + "0a1b2c3d"
	AccountToken = "cfat_" + "FakeFakeFakeFakeFakeFakeFakeFakeFakeFake" + "4e5f6a7b"
)

// Token is a credential and what it may do.
type Token struct {
	Value   string
	Account string         // of an account-owned token; empty: a user's
	Zones   []zone.Name    // those it reaches; none: all
	NoZones bool           // lacks Zone: Read
	NoDNS   bool           // lacks DNS: Read and DNS: Edit
	NoEdit  bool           // lacks DNS: Edit
	NoEdits []zone.Name    // zones for which alone it lacks DNS: Edit
	IPs     []netip.Prefix // client addresses that it may be used from; none: any
	Status  string         // "active", "disabled", "expired"; empty: "active"
	Expires time.Time      // zero: never
}

func (t Token) status() string {
	if t.Status == "" {
		return "active"
	}
	return t.Status
}

// reaches reports whether the token is for the zone.
func (t Token) reaches(h *hosted) bool {
	return (t.Account == "" || t.Account == h.Account) && (len(t.Zones) == 0 || slices.Contains(t.Zones, h.apex))
}

// edits reports whether the token may change records of the zone.
func (t Token) edits(h *hosted) bool { return !t.NoEdit && !slices.Contains(t.NoEdits, h.apex) }

// permissions is what a zone says that the token may do there.
func (t Token) permissions(h *hosted) []string {
	out := []string{}
	for _, p := range []struct {
		name string
		no   bool
	}{{"#dns_records:edit", t.NoDNS || !t.edits(h)}, {"#dns_records:read", t.NoDNS}, {"#zone:read", t.NoZones}} {
		if !p.no {
			out = append(out, p.name)
		}
	}
	return out
}

// bearer is what a token looks like; anything else is refused by its form
// (libdns/cloudflare#12).
var bearer = regexp.MustCompile(`^Bearer [A-Za-z0-9_-]{40,64}$`)

// verifying reports whether the request asks about its token.
func verifying(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/tokens/verify") }

// authenticate is the token of a request, or the refusal.
func (f *Fake) authenticate(r *http.Request) (Token, *refusal) {
	header := r.Header.Get("Authorization")
	if !bearer.MatchString(header) {
		return Token{}, refuse(http.StatusBadRequest, chained(6003, "Invalid request headers", 6111, "Invalid format for Authorization header"))
	}
	value := strings.TrimPrefix(header, "Bearer ")
	var t Token
	for _, known := range f.opts.Tokens {
		if subtle.ConstantTimeCompare([]byte(known.Value), []byte(value)) == 1 {
			t = known
		}
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	addr, _ := netip.ParseAddr(host)
	switch {
	case t.Value == "" && verifying(r):
		// sendmebits/ghostmail-ios#2
		return t, refuse(http.StatusUnauthorized, message(1000, "Invalid API Token"))
	case t.Value == "" || t.status() != "active" && !verifying(r) || !t.Expires.IsZero() && time.Now().After(t.Expires) && !verifying(r):
		// "Code 9109: Invalid access token": Homebrew/homebrew-core's test of
		// wrangler. That tokens no longer in force get the same is not documented.
		return t, refuse(http.StatusForbidden, message(9109, "Invalid access token"))
	case len(t.IPs) > 0 && !slices.ContainsFunc(t.IPs, func(p netip.Prefix) bool { return p.Contains(addr) }):
		// jeessy2/ddns-go#1341
		return t, refuse(http.StatusForbidden, message(9109, fmt.Sprintf("Cannot use the access token from location: %s", addr)))
	}
	return t, nil
}

// verify answers what a token's state is
// (https://developers.cloudflare.com/fundamentals/api/troubleshooting/). A token
// is known in one of the two places only (SamNet-dev/dnstm-setup#29).
func (f *Fake) verify(t Token, account string) (any, *refusal) {
	if t.Account != account {
		return nil, refuse(http.StatusUnauthorized, message(1000, "Invalid API Token"))
	}
	result := map[string]any{"id": DefaultAccount, "status": t.status()}
	if !t.Expires.IsZero() {
		result["expires_on"] = t.Expires.UTC().Format(time.RFC3339)
	}
	return result, nil
}

// window counts the requests of one token.
type window struct {
	began time.Time
	count int
}

// limited is the refusal of a token that has sent too many requests. The headers
// are as in .../fundamentals/api/reference/limits/, the text as in
// lablabs/cloudflare-exporter#74.
func (f *Fake) limited(w http.ResponseWriter, t Token) *refusal {
	if f.opts.Rate <= 0 {
		return nil
	}
	const length = 5 * time.Minute
	u := f.used[t.Value]
	if u == nil || time.Since(u.began) >= length {
		u = &window{began: time.Now()}
		f.used[t.Value] = u
	}
	u.count++
	w.Header().Set("X-Ratelimit-Limit", strconv.Itoa(f.opts.Rate))
	w.Header().Set("X-Ratelimit-Remaining", strconv.Itoa(max(0, f.opts.Rate-u.count)))
	if u.count <= f.opts.Rate {
		return nil
	}
	left := length - time.Since(u.began)
	w.Header().Set("Retry-After", strconv.Itoa(int(left/time.Second)+1))
	return refuse(http.StatusTooManyRequests, message(971, fmt.Sprintf("More than %d requests per 300 seconds reached. Please wait and consider throttling your request speed", f.opts.Rate)))
}

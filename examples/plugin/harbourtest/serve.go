package harbourtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// refusal is an error of the API.
type refusal struct {
	status int
	retry  int // seconds; 0: not said

	Code    string `json:"code"`
	Message string `json:"message"`
}

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *refusal) send(w http.ResponseWriter) {
	if e.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.retry))
	}
	send(w, e.status, map[string]any{"error": e})
}

func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // into memory
}

// serve is the API. Everything but the reading of the body is done under the
// lock, so a write lands whole or not at all.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, no := f.token(r)
	if no == nil {
		no = f.throttle(t)
	}
	scope := ScopeRead
	if r.Method != http.MethodGet {
		scope = ScopeWrite
	}
	var answer any
	switch path := segments(r.URL); {
	case no != nil:
	case r.Method == http.MethodGet && slices.Equal(path, []string{"v2", "token"}):
		answer = map[string]any{"scopes": slices.DeleteFunc([]string{ScopeRead, ScopeWrite}, func(s string) bool { return !t.may(s) })}
	case len(path) < 2 || len(path) > 4 || path[0] != "v2" || path[1] != "zones":
		no = refuse(404, "no_such_path", "there is nothing at this path")
	case !t.may(scope):
		no = refuse(403, "scope_missing", "this token lacks the scope %s", scope)
	default:
		answer, no = f.zonesAt(r, t, path[2:])
	}
	if no != nil {
		no.send(w)
		return
	}
	send(w, http.StatusOK, answer)
}

// segments is the parts of a path. A slash within one is escaped in it.
func segments(u *url.URL) (out []string) {
	for p := range strings.SplitSeq(strings.TrimPrefix(u.EscapedPath(), "/"), "/") {
		plain, err := url.PathUnescape(p)
		if err != nil {
			return nil
		}
		out = append(out, plain)
	}
	return out
}

// token is whose request it is.
func (f *Fake) token(r *http.Request) (Token, *refusal) {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme != "Bearer" || given == "" {
		return Token{}, refuse(401, "token_missing", "send a token: Authorization: Bearer TOKEN")
	}
	i := slices.IndexFunc(f.opts.Tokens, func(t Token) bool { return t.Value == given })
	if i < 0 {
		return Token{}, refuse(401, "token_unknown", "no token %q", given) // real hosts repeat what they were sent, too
	}
	t := f.opts.Tokens[i]
	switch t.Refused {
	case "":
		return t, nil
	case "token_expired":
		return t, refuse(401, t.Refused, "this token has expired")
	default:
		return t, refuse(403, t.Refused, "this token may not be used: %s", t.Refused)
	}
}

func (f *Fake) throttle(t Token) *refusal {
	now := time.Now()
	recent := slices.DeleteFunc(f.sent[t.Value], func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	if f.opts.Rate >= 0 && len(recent) >= f.opts.Rate {
		f.sent[t.Value] = recent
		e := refuse(429, "slow_down", "%d requests a minute are allowed", f.opts.Rate)
		e.retry = 1 + int(recent[0].Add(time.Minute).Sub(now)/time.Second)
		return e
	}
	f.sent[t.Value] = append(recent, now)
	return nil
}

// described is a zone as the API shows it.
type described struct {
	Name        string   `json:"name"`
	Version     uint64   `json:"version"`
	NameServers []string `json:"name_servers"`
}

func (h *hosted) described() described {
	d := described{Name: string(h.apex), Version: h.version}
	for _, n := range nameServers {
		d.NameServers = append(d.NameServers, string(n))
	}
	return d
}

// zonesAt is everything below /v2/zones.
func (f *Fake) zonesAt(r *http.Request, t Token, path []string) (any, *refusal) {
	if len(path) == 0 {
		if r.Method != http.MethodGet {
			return nil, refuse(405, "no_such_method", "zones are made in the web panel")
		}
		return f.list(r, t)
	}
	apex, err := zone.ParseName(path[0])
	h := f.zones[apex]
	if err != nil || h == nil || t.Zones != nil && !slices.Contains(t.Zones, apex) {
		return nil, refuse(404, "zone_unknown", "this account holds no zone of that name")
	}
	switch {
	case len(path) == 1 && r.Method == http.MethodGet:
		return h.described(), nil
	case len(path) == 2 && path[1] == "sets" && r.Method == http.MethodGet:
		return f.read(r, h)
	case len(path) == 2 && path[1] == "sets" && r.Method == http.MethodPatch:
		return f.patch(r, h)
	}
	return nil, refuse(404, "no_such_path", "there is nothing at this path")
}

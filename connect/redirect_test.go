package connect

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/verify/safehttp"
)

// hops reads the hops of a visitor: "URL status" or "URL failure", separated by
// commas. All but the last redirect.
func hops(text string) []safehttp.Hop {
	var out []safehttp.Hop
	for h := range strings.SplitSeq(text, ", ") {
		url, what, _ := strings.Cut(h, " ")
		hop := safehttp.Hop{URL: url, Failure: safehttp.Failure(what), Err: "so they say"}
		_, rest, _ := strings.Cut(url, "://")
		hop.Host, _, _ = strings.Cut(rest, "/")
		hop.Host, _, _ = strings.Cut(hop.Host, ":")
		for status, n := range map[string]int{"301": 301, "302": 302, "307": 307, "308": 308, "200": 200, "404": 404, "503": 503} {
			if what == status {
				hop.Status, hop.Failure, hop.Err = n, "", ""
			}
		}
		if len(out) > 0 {
			out[len(out)-1].Next = url
		}
		out = append(out, hop)
	}
	return out
}

func TestJudge(t *testing.T) {
	www := "https://www.customer.example/"
	page := "https://app.example/here"
	tests := []struct {
		name, to, hops string
		want           entri.Status
		says           []string // parts of the text
	}{
		{"at once", www, "http://customer.example/ 301, http://www.customer.example/ 200", entri.StatusSuccess, []string{"redirects to www.customer.example with status 301"}},
		{"over https", www, "http://customer.example/ 308, https://customer.example/ 307, https://www.customer.example/ 200", entri.StatusSuccess, []string{"status 307"}},
		{"to a page of it", www, "http://customer.example/ 302, https://www.customer.example/en/ 200", entri.StatusSuccess, nil},
		{"to a page that is not there", www, "http://customer.example/ 302, https://www.customer.example/ 404", entri.StatusSuccess, nil},
		{"to the page", page, "http://customer.example/ 301, https://app.example/here 200", entri.StatusSuccess, nil},
		{"to the page with a slash", page, "http://customer.example/ 301, http://app.example/here/ 200", entri.StatusSuccess, nil},
		{"to the page with the visitor's query", page, "http://customer.example/ 301, https://app.example/here?from=x 200", entri.StatusSuccess, nil},
		{"through another host", www, "http://customer.example/ 302, http://park.example/ 302, https://www.customer.example/ 200", entri.StatusSuccess, []string{"through park.example"}},
		{"and on from there", www, "http://customer.example/ 302, https://www.customer.example/ 302, https://login.example/ 200", entri.StatusSuccess, []string{"sent on to login.example"}},
		{"to a host without certificate", www, "http://customer.example/ 301, https://www.customer.example/ tls", entri.StatusSuccess, []string{"www.customer.example has no certificate", "so they say"}},
		{"to a host without address", www, "http://customer.example/ 301, https://www.customer.example/ resolve", entri.StatusSuccess, []string{"does not answer"}},
		{"on to nobody", www, "http://customer.example/ 301, https://www.customer.example/ 302, https://gone.example/ connect", entri.StatusSuccess, []string{"gone.example does not answer", "sent on to gone.example"}},

		{"in a circle", www, "http://customer.example/ 301, http://www.customer.example/ loop", entri.StatusFailure, []string{"in a circle", "http://customer.example, then http://www.customer.example"}},
		{"in a circle of its own", www, "http://customer.example/ loop", entri.StatusFailure, []string{"in a circle"}},
		{"without end", www, "http://customer.example/ 301, http://customer.example/a long", entri.StatusFailure, []string{"more than 10 times"}},
		{"elsewhere", www, "http://customer.example/ 301, https://other.example/ 200", entri.StatusFailure, []string{"sent to other.example, and not to www.customer.example"}},
		{"to a name that looks alike", www, "http://customer.example/ 301, https://www.customer.example.evil.example/ 200", entri.StatusFailure, []string{"not to www.customer.example"}},
		{"elsewhere, to nobody", www, "http://customer.example/ 301, https://wwww.customer.example/ resolve", entri.StatusFailure, []string{"wwww.customer.example"}},
		{"to another page", page, "http://customer.example/ 301, https://app.example/there 200", entri.StatusFailure, []string{"sent to app.example"}},
		{"to another port", www, "http://customer.example/ 301, http://www.customer.example:8080/ refused", entri.StatusFailure, []string{"no visitor can reach"}},
		{"into a private network", www, "http://customer.example/ refused", entri.StatusFailure, []string{"no visitor can reach"}},
		{"a redirect into one", www, "http://customer.example/ 302, http://192.168.0.1/ refused", entri.StatusFailure, []string{"no visitor can reach"}},

		{"not yet", www, "http://customer.example/ 200", entri.StatusPending, []string{"does not redirect yet: it answers with status 200"}},
		{"not yet, over https", www, "http://customer.example/ 301, https://customer.example/ 503", entri.StatusPending, []string{"redirects to itself", "status 503"}},
		{"no certificate yet", www, "http://customer.example/ 301, https://customer.example/ tls", entri.StatusPending, []string{"customer.example has no certificate"}},
		{"no address", www, "http://customer.example/ resolve", entri.StatusPending, []string{"has no address"}},
		{"nobody there", www, "http://customer.example/ connect", entri.StatusPending, []string{"takes no connection"}},
		{"silence", www, "http://customer.example/ timeout", entri.StatusPending, []string{"in time"}},
		{"no web server", www, "http://customer.example/ answer", entri.StatusPending, []string{"as a web server does"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Redirect{From: "customer.example", To: tt.to}
			got, text := r.judge(hops(tt.hops))
			if got != tt.want {
				t.Errorf("got %s, %q, want %s", got, text, tt.want)
			}
			for _, part := range tt.says {
				if !strings.Contains(text, part) {
					t.Errorf("%q does not say %q", text, part)
				}
			}
		})
	}
	if got, _ := (Redirect{From: "customer.example", To: www}).judge(nil); got != entri.StatusFailure {
		t.Errorf("nothing seen: got %s", got)
	}
}

func TestRedirection(t *testing.T) {
	one, two := []Redirect{{From: "a.example"}}, []Redirect{{From: "a.example"}, {From: "b.example"}}
	state := func(of ...entri.Status) (out []RedirectState) {
		for _, s := range of {
			out = append(out, RedirectState{Status: s})
		}
		return out
	}
	const success, pending, failure = entri.StatusSuccess, entri.StatusPending, entri.StatusFailure
	tests := []struct {
		name   string
		want   []Redirect
		states []RedirectState
		is     entri.Status
	}{
		{"none", nil, nil, entri.StatusExempt},
		{"not asked for", one, nil, pending},
		{"success", one, state(success), success},
		{"the worst, pending", two, state(success, pending), pending},
		{"the worst, failure", two, state(failure, pending), failure},
		{"the worst, failure last", two, state(pending, failure), failure},
		{"both", two, state(success, success), success},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := redirection(tt.want, tt.states); got != tt.is {
				t.Errorf("got %s, want %s", got, tt.is)
			}
		})
	}
}

// TestForgoRedirect: an optional redirect that the host refused is not waited for.
func TestForgoRedirect(t *testing.T) {
	intents := []plan.Intent{plan.Redirect("a", "https://app.example/"), plan.Redirect("b", "https://app.example/")}
	kept := Redirect{From: "b.customer.example", To: "https://app.example/"}
	run := Run{Redirects: []Redirect{{From: "a.customer.example", To: "https://app.example/"}, kept}}
	run.forgo([]loss{{write: write{Intent: 0, Owner: "a.customer.example", Optional: true}}}, intents, nil)
	if diff := cmp.Diff([]Redirect{kept}, run.Redirects); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

package connect

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/safehttp"
)

// hops reads the hops of a visitor: "URL status" or "URL failure", separated by
// commas. All but the last redirect; a loop leads to the URL after it, or to the
// first one.
func hops(text string) []safehttp.Hop {
	var out []safehttp.Hop
	for h := range strings.SplitSeq(text, ", ") {
		url, what, _ := strings.Cut(h, " ")
		what, next, _ := strings.Cut(what, " ")
		hop := safehttp.Hop{URL: url, Next: next, Failure: safehttp.Failure(what), Err: "so they say"}
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
	if last := &out[len(out)-1]; last.Failure == safehttp.FailedLoop && last.Next == "" {
		last.Next = out[0].URL
	}
	return out
}

func TestJudge(t *testing.T) {
	www := "https://www.customer.example/"
	page := "https://app.example/here"
	port, home := "https://app.example:8443/x", "https://customer.example/app"
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
		{"to a port", port, "http://customer.example/ 301, https://app.example:8443/x 200", entri.StatusSuccess, nil},
		{"to a port that goes without saying", "https://app.example:443/x", "http://customer.example/ 301, https://app.example/x 200", entri.StatusSuccess, nil},
		{"over https, where port 80 was named", "http://app.example:80/x", "http://customer.example/ 301, https://app.example/x 200", entri.StatusSuccess, nil},
		{"to an escaped page", "https://app.example/%7Ejoe", "http://customer.example/ 301, https://app.example/~joe 200", entri.StatusSuccess, nil},
		{"to a page escaped in small letters", "https://app.example/%C3%BC", "http://customer.example/ 301, https://app.example/%c3%bc 200", entri.StatusSuccess, nil},
		{"to a host in capitals", "https://WWW.customer.example./", "http://customer.example/ 301, https://www.customer.example/ 200", entri.StatusSuccess, nil},
		{"to a page of its own", home, "http://customer.example/ 301, https://customer.example/app 200", entri.StatusSuccess, nil},
		{"to a page of its own, in capitals", "https://Customer.example/app", "http://customer.example/ 301, https://customer.example/app 200", entri.StatusSuccess, nil},
		{"back, and there again", www, "http://customer.example/ 301, https://www.customer.example/ 302, https://customer.example/in 302, https://www.customer.example/en 200", entri.StatusSuccess, nil},
		{"a circle at the target", page, "http://customer.example/ 302, https://app.example/here loop https://app.example/here", entri.StatusSuccess, []string{"keep no cookie are sent in a circle"}},
		{"a circle beyond the target", www, "http://customer.example/ 302, https://www.customer.example/ 302, https://login.example/ loop https://www.customer.example/", entri.StatusSuccess, []string{"in a circle", "sent on to login.example"}},
		{"a circle at a page of its own", home, "http://customer.example/ 302, https://customer.example/app loop https://customer.example/app", entri.StatusSuccess, []string{"in a circle"}},
		{"without end beyond the target", www, "http://customer.example/ 302, https://www.customer.example/ 302, https://www.customer.example/a long https://www.customer.example/b", entri.StatusSuccess, []string{"not seen to its end: so they say"}},

		{"in a circle", www, "http://customer.example/ 301, http://www.customer.example/ loop", entri.StatusFailure, []string{"in a circle", "http://customer.example, then http://www.customer.example"}},
		{"in a circle of its own", www, "http://customer.example/ loop", entri.StatusFailure, []string{"in a circle"}},
		{"in a circle from the target on", www, "http://customer.example/ 301, https://www.customer.example/ 301, https://customer.example/ 301, https://www.customer.example/x loop https://customer.example/", entri.StatusFailure, []string{"in a circle"}},
		{"to and fro", www, "http://customer.example/ 301, https://www.customer.example/ 301, https://customer.example/a 301, https://www.customer.example/a long https://customer.example/b", entri.StatusFailure, []string{"more than 10 times"}},
		{"back to where they came from", www, "http://customer.example/ 301, https://www.customer.example/ 301, https://customer.example/ 200", entri.StatusFailure, []string{"sent to www.customer.example, and from there back"}},
		{"back, and no certificate there", www, "http://customer.example/ 301, https://www.customer.example/ 301, https://customer.example/ tls", entri.StatusFailure, []string{"from there back"}},
		{"back, and the target is in capitals", "https://WWW.customer.example/", "http://customer.example/ 301, https://www.customer.example/ 301, https://customer.example/ 200", entri.StatusFailure, []string{"from there back"}},
		{"without end", www, "http://customer.example/ 301, http://customer.example/a long", entri.StatusFailure, []string{"more than 10 times"}},
		{"elsewhere", www, "http://customer.example/ 301, https://other.example/ 200", entri.StatusFailure, []string{"sent to other.example, and not to www.customer.example"}},
		{"to a name that looks alike", www, "http://customer.example/ 301, https://www.customer.example.evil.example/ 200", entri.StatusFailure, []string{"not to www.customer.example"}},
		{"elsewhere, to nobody", www, "http://customer.example/ 301, https://wwww.customer.example/ resolve", entri.StatusFailure, []string{"wwww.customer.example"}},
		{"to another page", page, "http://customer.example/ 301, https://app.example/there 200", entri.StatusFailure, []string{"sent to app.example, but not to https://app.example/here"}},
		{"to another port than promised", port, "http://customer.example/ 301, https://app.example/x 200", entri.StatusFailure, []string{"but not to https://app.example:8443/x"}},
		{"to a port beside the one promised", port, "http://customer.example/ 301, https://app.example:9443/x refused", entri.StatusFailure, []string{"no visitor can reach"}},
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

// TestManyHang: web servers that hang delay a look by no more than twice the time
// for one, however many they are; the rest is told as it was.
func TestManyHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := New(Options{Web: safehttp.Options{
			Timeout: time.Hour,
			Resolve: func(ctx context.Context, _ string) ([]netip.Addr, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
		}})
		if err != nil {
			t.Fatal(err)
		}
		var run Run
		for i := range 8 * sideBySide {
			run.Redirects = append(run.Redirects, Redirect{From: zone.Name(fmt.Sprintf("h%d.customer.example", i)), To: "https://app.example/"})
		}
		var before []RedirectState
		for _, r := range run.Redirects {
			before = append(before, unasked(r, "DNS does not show yet what it points at"))
		}
		began := time.Now()
		states := e.askWeb(t.Context(), run, verify.Report{}, before)
		if took := time.Since(began); took > 2*patienceHTTP {
			t.Errorf("a look at %d redirects took %s", len(run.Redirects), took)
		}
		said := map[string]int{}
		for _, s := range states {
			what, _, _ := strings.Cut(s.Text, " from ")
			said[what]++
		}
		if diff := cmp.Diff(map[string]int{"the way": sideBySide, "it was not asked for yet": 7 * sideBySide}, said); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

// TestUnpointed: where DNS shows no more what a name points at, what HTTP said
// before is no news of it.
func TestUnpointed(t *testing.T) {
	r := Redirect{From: "www.customer.example", To: "https://app.example/"}
	before := []RedirectState{{Redirect: r, Status: entri.StatusFailure, Text: "elsewhere", Hops: hops("http://www.customer.example/ 200")}}
	seen := verify.Report{Records: []verify.RecordState{{Expect: verify.Expect{Record: zone.NewAddress(r.From, 300, netip.MustParseAddr("192.0.2.80"))}, Verdict: verify.Absent}}}
	got := new(Engine).askWeb(t.Context(), Run{Redirects: []Redirect{r}}, seen, before)
	want := []RedirectState{{Redirect: r, Status: entri.StatusPending, Text: "DNS does not show yet what www.customer.example points at"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestSay: an event is sent for other records that DNS shows, though they are as
// many as before, and none where nothing has changed.
func TestSay(t *testing.T) {
	var told []string
	e := &Engine{opts: Options{Event: func(ev Event) {
		var hosts []string
		for _, r := range ev.Confirmed {
			hosts = append(hosts, r.Host)
		}
		told = append(told, strings.Join(hosts, " "))
	}}}
	w := &waiting{e: e, run: Run{Plan: "p", Site: Site{Domain: "customer.example"}}}
	for _, shown := range []string{"", "", "a", "a", "b", "b", "a b", "b"} {
		w.seen = verify.Report{Verdict: verify.Absent}
		for _, host := range []string{"a", "b"} {
			s := verify.RecordState{Expect: verify.Expect{Record: zone.NewAddress(zone.Name(host+".customer.example"), 300, netip.MustParseAddr("192.0.2.1"))}, Verdict: verify.Absent}
			if strings.Contains(shown, host) {
				s.Verdict = verify.Propagated
			}
			w.seen.Records = append(w.seen.Records, s)
		}
		w.say()
	}
	if diff := cmp.Diff([]string{"", "a", "b", "a b", "b"}, told); diff != "" {
		t.Errorf("-want +got\n%s", diff)
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

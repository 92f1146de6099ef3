package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/verify"
)

// TestEndpoint: an endpoint that credentials must not go to is refused by its
// own flag, before anything is sent.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"cloudflare", "godaddy", "namecheap"} {
		h := newHosted(t, id)
		before := h.zone()
		for _, tt := range []struct{ name, endpoint, want string }{
			{"in the clear", "http://api.public.example/v1", "embed: -endpoint: the endpoint must begin with https://"},
			{"no URL", "nonsense", "embed: -endpoint: the endpoint is no URL"},
			{"with a query", "https://api.public.example/?a=b", "embed: -endpoint: the endpoint is no URL"},
		} {
			t.Run(id+", "+tt.name, func(t *testing.T) {
				code, out, progress := h.embed(t, "-endpoint", tt.endpoint, "-yes")
				if code != exitInput || !strings.HasPrefix(progress, tt.want) {
					t.Errorf("status %d, want %d and %q:\n%s%s", code, exitInput, tt.want, out, progress)
				}
				if d := cmp.Diff(h.zone(), before); d != "" {
					t.Errorf("the zone changed (-got +want):\n%s", d)
				}
			})
		}
	}
	t.Run("rfc2136 has none", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		code, out, progress := s.embed("-endpoint", "https://api.public.example/", "-yes")
		s.refused(code, exitInput, out+progress, []string{"-endpoint", "rfc2136 has none"}, s.zone())
	})
}

// TestRunOfAnotherHost: a run is taken back or settled with the credentials of
// the host that it was on, and others are refused before anything is read.
func TestRunOfAnotherHost(t *testing.T) {
	t.Parallel()
	h := newHosted(t, "cloudflare")
	code, out, progress := h.embed(t, "-yes", "-json")
	var res result
	if err := json.Unmarshal([]byte(out), &res); err != nil || code != exitConnected {
		t.Fatalf("status %d, %v:\n%s%s", code, err, out, progress)
	}
	stands := h.zone()
	creds := stage{t: t, dir: t.TempDir()}.write("creds.json", `{"api_key":"of-another-host"}`)
	for _, tt := range []struct {
		name  string
		flags []string
		want  []string
	}{
		{"credentials", []string{"-credentials", creds, "-provider", ""}, []string{"-credentials", `unknown field "api_key"`, "cloudflare", "api_token"}},
		{"provider", []string{"-credentials", creds, "-provider", "godaddy"}, []string{"-provider godaddy", res.Run, "cloudflare"}},
	} {
		for _, verb := range []string{"-undo", "-recover"} {
			t.Run(verb+", "+tt.name, func(t *testing.T) {
				code, out, progress := h.embed(t, append(tt.flags, verb, res.Run, "-yes")...)
				if code != exitInput {
					t.Errorf("status %d, want %d:\n%s%s", code, exitInput, out, progress)
				}
				for _, w := range tt.want {
					if !strings.Contains(progress, w) {
						t.Errorf("the message does not name %q:\n%s", w, progress)
					}
				}
			})
		}
	}
	t.Run("a driver that is not here", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "journal")
		if err := providers.JournalDir(dir).Begin(t.Context(), providers.Run{ID: "elsewhere", Driver: "acme"}); err != nil {
			t.Fatal(err)
		}
		code, out, progress := h.embed(t, "-provider", "", "-journal", dir, "-undo", "elsewhere", "-yes")
		if code != exitInput || !strings.Contains(progress, "a host of acme") {
			t.Errorf("status %d:\n%s%s", code, out, progress)
		}
	})
	if d := cmp.Diff(h.zone(), stands); d != "" {
		t.Errorf("the zone changed (-got +want):\n%s", d)
	}
}

// TestHelp: the flags, the credentials and every exit status are explained.
func TestHelp(t *testing.T) {
	t.Parallel()
	var out, progress bytes.Buffer
	code := run(t.Context(), []string{"-help"}, verify.Options{}, os.Stdin, &out, &progress)
	if code != exitConnected {
		t.Errorf("status %d", code)
	}
	for _, want := range []string{
		"usage: embed", "-resolver", "in place of the Internet's root servers", "namecheap   api_user, api_key, client_ip, [username]",
		"  0  ", "  1  ", "  2  ", "  3  a decision, or the last yes, is missing, also with -plan-only",
	} {
		if !strings.Contains(progress.String(), want) {
			t.Errorf("the help does not say %q:\n%s", want, progress.String())
		}
	}
}

// TestPlanOnlyUndecided: where a decision is missing, a plan that is only shown
// says so too, in the text and in the exit status.
func TestPlanOnlyUndecided(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.records(`[{"type":"CNAME","host":"www","value":"edge.app.example","ttl":300}]`)
	before := s.zone()
	code, out, _ := s.embed("-plan-only")
	s.refused(code, exitDecision, out, []string{"+ CNAME", "-decide address-group@www.customer.example=replace"}, before)
}

package modules

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
)

// published is the modules that are plugins, with where each goes: those that a
// fake answers for, and rfc2136, which goes to the server that it is told.
var published = map[string]string{
	"desec": "desec.io", "gandi": "api.gandi.net", "hetzner": "dns.hetzner.com", "ionos": "api.hosting.ionos.com",
	"porkbun": "api.porkbun.com", "rfc2136": "",
}

// version is that of a program which was built in a checkout.
const version = "0.0.0-dev"

// TestPluginLines: an unmodified module becomes a plugin in twelve lines at most.
func TestPluginLines(t *testing.T) {
	found, err := filepath.Glob("plugin/*/*")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for id := range published {
		want = append(want, filepath.Join("plugin", id, "main.go"))
	}
	slices.Sort(want)
	if !slices.Equal(found, want) {
		t.Errorf("the plugins are %q, want %q", found, want)
	}
	for _, file := range found {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n"); n > 12 {
			t.Errorf("%s has %d lines", file, n)
		}
	}
}

// built is a directory with all plugins, whose requests can be led to a fake.
func built(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", "mooringtest", "-o", dir+string(filepath.Separator), "./plugin/...")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	for id := range published {
		name, err := plugins.FileName(id, version, runtime.GOOS, runtime.GOARCH)
		if err != nil {
			t.Fatal(err)
		}
		from := filepath.Join(dir, id)
		if runtime.GOOS == "windows" {
			from += ".exe"
		}
		if err := os.Rename(from, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load is the drivers of the plugins, by ID.
func load(t *testing.T, o plugins.Options) map[string]providers.Driver {
	t.Helper()
	o.Unpinned = true
	h, err := plugins.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	out := map[string]providers.Driver{}
	for _, d := range h.Drivers() {
		out[d.Info().ID] = d
	}
	return out
}

// stateDir is a directory whose path is short enough for sockets.
func stateDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "m") //nolint:usetesting // the directory of a test has too long a path for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// stand answers for every host of the modules, and notes who was spoken to.
type stand struct {
	mu      sync.Mutex
	answers fake
	hosts   map[string]int // requests by host
	signed  int            // that had the secret
}

func (s *stand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts[r.Host]++
	r.URL.Host = r.Host // as the module has written it
	resp, err := s.answers.RoundTrip(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusOK {
		s.signed++
	}
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}

// play begins anew with these answers.
func (s *stand) play(f fake) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers, s.hosts, s.signed = f, map[string]int{}, 0
}

// seen is how many requests each host got, and how many had the secret.
func (s *stand) seen() (hosts map[string]int, signed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.hosts), s.signed
}

// fields is the name of each module's secret among its credentials, and what
// else it needs.
var fields = map[string]providers.Credentials{
	"desec": {"token": secret}, "gandi": {"bearer_token": secret}, "hetzner": {"auth_api_token": secret},
	"ionos": {"auth_api_token": secret}, "porkbun": {"api_key": "pk1", "api_secret_key": secret},
}

// TestPlugins: each module, unmodified and in a process of its own, reads a zone
// from the host that it is built for and from no other one, with the customer's
// credential; and a host that refuses is a refusal.
func TestPlugins(t *testing.T) {
	at := &stand{}
	server := httptest.NewServer(at)
	t.Cleanup(server.Close)
	// What the plugins would send past the redirection comes here.
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was asked for", r.Method, r.Host)
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(elsewhere.Close)
	t.Setenv("HTTPS_PROXY", elsewhere.URL)
	t.Setenv("HTTP_PROXY", elsewhere.URL)
	o := plugins.Options{Dirs: []string{built(t)}, State: stateDir(t), Env: []string{"HTTPS_PROXY", "HTTP_PROXY"}, Args: map[string][]string{}}
	for id, host := range published {
		if host != "" {
			o.Args[id] = []string{"-redirect", host + "=" + server.URL}
		}
	}
	drivers := load(t, o)
	for _, s := range smokes() {
		t.Run(s.name, func(t *testing.T) {
			describes(t, o, s.name)
			at.play(s.fake)
			acct, err := providers.Open(drivers[s.name], fields[s.name], providers.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := read(t, acct), plain(s); !slices.Equal(got, want) {
				t.Errorf("read\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			host := published[s.name]
			if hosts, signed := at.seen(); signed == 0 || len(hosts) != 1 || hosts[host] != signed {
				t.Errorf("requests by host: %v, %d of them with the credential; want all to %s and with it", hosts, signed, host)
			}
			wrong := maps.Clone(fields[s.name])
			for field, value := range wrong {
				if value == secret {
					wrong[field] = "a-wrong-token-that-must-not-show"
				}
			}
			if acct, err = providers.Open(drivers[s.name], wrong, providers.Options{}); err == nil {
				_, err = acct.Find(t.Context(), apex)
			}
			if c := providers.CodeOf(err); c != providers.InvalidCredentials && c != providers.AccessDenied || strings.Contains(err.Error(), "must-not-show") {
				t.Errorf("a wrong token: %v, want InvalidCredentials or AccessDenied", err)
			}
		})
	}
	t.Run("led elsewhere", func(t *testing.T) { ledElsewhere(t, at, drivers["gandi"]) })
	t.Run("rfc2136", func(t *testing.T) { onKnot(t, drivers["rfc2136"]) })
}

// describes looks at what a plugin says of itself.
func describes(t *testing.T, o plugins.Options, id string) {
	t.Helper()
	name, err := plugins.FileName(id, version, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	d, err := plugins.Describe(t.Context(), filepath.Join(o.Dirs[0], name), o)
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, f := range d.Info.Fields {
		if !f.Secret {
			t.Errorf("the field %s is not secret", f.Name)
		}
		asked = append(asked, f.Name)
	}
	slices.Sort(asked)
	want := slices.Sorted(maps.Keys(fields[id]))
	if d.Info.ID != id || d.Version != version || !slices.Equal(d.Hosts, []string{published[id]}) || !slices.Equal(asked, want) {
		t.Errorf("it is %s %s, speaks to %q and asks for %q; want %s %s, %s and %q", d.Info.ID, d.Version, d.Hosts, asked, id, version, published[id], want)
	}
}

// read is the zone as it is found, in the lines of zone text.
func read(t *testing.T, acct *providers.Account) []string {
	t.Helper()
	z, err := acct.Find(t.Context(), apex)
	if err != nil {
		t.Fatalf("Find: %v", err)
	}
	snap, err := acct.Read(t.Context(), z)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	var out []string
	for _, r := range snap.Records {
		rr, err := r.RR()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rr.String())
	}
	return out
}

// plain is what a module reads that nobody has said the spelling of: the quotes
// of Gandi's texts are then a part of them. Its driver says
// libdnsdriver.TextQuoted where that matters, and is no plugin of twelve lines.
func plain(s smoke) []string {
	want := slices.Clone(s.want)
	if s.text == libdnsdriver.TextQuoted {
		for i, line := range want {
			want[i] = strings.Replace(line, `"v=spf1 -all"`, `"\"v=spf1 -all\""`, 1)
		}
	}
	return want
}

// ledElsewhere: Gandi's answers name the URL that the module asks next. One of
// another host is not followed, and the token stays here.
func ledElsewhere(t *testing.T, at *stand, d providers.Driver) {
	at.play(fake{answers: map[string]string{
		"GET api.gandi.net/v5/livedns/domains/customer.example": `{"fqdn":"customer.example","domain_records_href":"https://elsewhere.example/records"}`,
	}})
	// Another customer: the module remembers the URLs that it was told before.
	acct, err := providers.Open(d, providers.Credentials{"bearer_token": secret + "-of-another"}, providers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = acct.Find(t.Context(), apex)
	if err == nil || !strings.Contains(err.Error(), "elsewhere.example") || !strings.Contains(err.Error(), "sdk.Options.Hosts") {
		t.Errorf("got %v, want a refusal that names the host and the option", err)
	}
	if hosts, _ := at.seen(); len(hosts) != 1 {
		t.Errorf("requests by host: %v", hosts)
	}
}

// onKnot is the module that speaks DNS itself, on a real name server.
func onKnot(t *testing.T, d providers.Driver) {
	s := rfc2136test.StartKnot(t, both()...)
	acct, err := providers.Open(d, s.Credentials(), providers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	z, err := acct.Find(t.Context(), apex)
	if err != nil {
		t.Fatal(err)
	}
	change := zone.Change{Owner: "www." + apex, Add: []zone.Record{{Name: "www." + apex, Type: "A", TTL: 300, Data: "192.0.2.1"}}}
	if got := acct.Apply(t.Context(), z, []zone.Change{change}, &providers.Run{}); !providers.Done(got) {
		t.Errorf("got %+v", got)
	}
	if got, want := read(t, acct), "www.customer.example.\t300\tIN\tA\t192.0.2.1"; !slices.Contains(got, want) {
		t.Errorf("read\n%s\nwant among it\n%s", strings.Join(got, "\n"), want)
	}
	wrong := s.Credentials()
	wrong["key"] = "d3Jvbmcga2V5IHRoYXQgbXVzdCBub3Qgc2hvdw=="
	if acct, err = providers.Open(d, wrong, providers.Options{}); err == nil {
		_, err = acct.Find(t.Context(), apex)
	}
	if c := providers.CodeOf(err); c != providers.InvalidCredentials || strings.Contains(err.Error(), wrong["key"]) {
		t.Errorf("a wrong key: %v, want InvalidCredentials", err)
	}
}

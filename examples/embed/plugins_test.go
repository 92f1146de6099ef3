package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/examples/plugin/harbourtest"
	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// build builds a plugin into a directory, under the name that it must have.
func build(t *testing.T, dir, id, version, from string) (path string) {
	t.Helper()
	name, err := plugins.FileName(id, version, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, name)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", path, from) // without what debuggers read it is linked faster
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", from, err, out)
	}
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// pluginDir is a directory for plugins that nobody else can write to, whatever
// the mask of the test is.
func pluginDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tooled runs a command of the tool.
func tooled(t *testing.T, args ...string) (code int, out, progress string) {
	t.Helper()
	var o, p bytes.Buffer
	code = run(t.Context(), append([]string{toolName}, args...), verify.Options{}, os.Stdin, &o, &p)
	return code, o.String(), p.String()
}

// says fails the test unless a command ended so and said all of it.
func says(t *testing.T, code, want int, text string, words ...string) {
	t.Helper()
	if code != want {
		t.Errorf("status %d, want %d:\n%s", code, want, text)
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("it does not say %q:\n%s", w, text)
		}
	}
}

// TestPluginOfThisID: rfc2136 as a binary takes the place of the driver of this
// program, and is put to the tool's commands.
func TestPluginOfThisID(t *testing.T) {
	t.Parallel()
	dir := pluginDir(t)
	binary := build(t, dir, "rfc2136", "0.1.0", "./plugins/rfc2136")
	code, out, progress := tooled(t, "lock", dir)
	says(t, code, exitConnected, out+progress, "added     "+filepath.Base(binary), "1 plugin is pinned")

	t.Run("on Knot", func(t *testing.T) { onKnot(t, dir) })
	t.Run("describe", func(t *testing.T) { describes(t, binary) })
	t.Run("conformance", func(t *testing.T) { conforms(t, binary) })
	t.Run("another content", func(t *testing.T) { exchanged(t, dir, binary) })
}

// onKnot connects a domain at a real server with nothing but flags, and takes
// it back.
func onKnot(t *testing.T, dir string) {
	k := rfc2136test.Knot{Second: true}.Start(t, customerZone, appZone)
	s := stage{t: t, dir: t.TempDir()}
	creds, err := json.Marshal(map[string]string(k.Credentials()))
	if err != nil {
		t.Fatal(err)
	}
	s.write("creds.json", string(creds))
	s.write("config.json", string(config))
	flags := []string{"-in-process", "-plugins", dir, "-resolver", k.Addr().String(), "-yes"}
	code, out, progress := s.embed(flags...)
	says(t, code, exitConnected, out+progress, "rfc2136 is the plugin "+dir, "Done: every record is proven in DNS.")
	_, id, _ := strings.Cut(out, "; -undo ")
	id, _, _ = strings.Cut(id, " ")
	code, out, progress = s.embed(append(flags, "-undo", id)...)
	says(t, code, exitConnected, out+progress)
}

func describes(t *testing.T, binary string) {
	odd := filepath.Join(t.TempDir(), "my-plugin")
	if err := copyProgram(odd, binary); err != nil {
		t.Fatal(err)
	}
	code, out, progress := tooled(t, "describe", odd)
	says(t, code, exitConnected, out+progress, "rfc2136 0.1.0, a plugin for RFC 2136 dynamic update", filepath.Base(binary)+", which is the name that it must have, and not my-plugin",
		"any host: it names none", "key: ", ", secret", "grain batch")
	code, out, progress = tooled(t, "describe", "-json", binary)
	var a answer
	if err := json.Unmarshal([]byte(out), &a); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	l, err := plugins.ReadLock(filepath.Join(filepath.Dir(binary), plugins.LockFile))
	if err != nil {
		t.Fatal(err)
	}
	if b := l.Builds[0]; code != exitConnected || a.Plugin.Digest != b.Digest || a.Plugin.SHA256 != b.SHA256 || a.Plugin.File != b.File || a.Plugin.Description.SDK == "" {
		t.Errorf("status %d, %+v, want what is pinned: %+v\n%s", code, a.Plugin, b, progress)
	}
}

// conforms runs the suite in one process, with both zones and both accounts.
func conforms(t *testing.T, binary string) {
	w := verifytest.New(t, verifytest.Options{
		Text: []string{customerZone, strings.ReplaceAll(customerZone, "customer.example", "second.example")},
		Keys: []verifytest.Key{{Name: "test.key", Secret: secret}},
	})
	s := stage{t: t, dir: t.TempDir()}
	file, err := json.Marshal(map[string]any{
		"zone": "customer.example", "second": "second.example", "empty": true,
		"credentials": map[string]string{"server": w.Servers()[0].Addr().String(), "key_name": "test.key", "key": secret},
	})
	if err != nil {
		t.Fatal(err)
	}
	reports := filepath.Join(s.dir, "reports")
	code, out, progress := tooled(t, "conformance", "-account", s.write("account.json", string(file)), "-report", reports, binary)
	says(t, code, exitConnected, out+progress, "conformance rfc2136-0.1.0: ", "  two-zones\n")
	data, err := os.ReadFile(filepath.Join(reports, "rfc2136-0.1.0.json"))
	var r providertest.Report
	if err != nil || json.Unmarshal(data, &r) != nil || !r.Conforms() || !strings.HasPrefix(out, r.Summary()) {
		t.Errorf("the report: %v\n%s", err, data)
	}
	if text, err := os.ReadFile(filepath.Join(reports, "rfc2136-0.1.0.txt")); err != nil || string(text) != r.Text() {
		t.Errorf("the report's text: %v", err)
	}
	if strings.Contains(out+progress+string(data), secret) {
		t.Error("the key is printed")
	}
	wrong := strings.ReplaceAll(string(file), secret, "d3Jvbmcga2V5IHdyb25nIGtleSB3cm9uZyBrZXk=")
	code, out, progress = tooled(t, "conformance", "-json", "-account", s.write("wrong.json", wrong), binary)
	says(t, code, exitNot, progress, "wrong.json: InvalidCredentials: ")
	if strings.Contains(out, "cases") {
		t.Errorf("the suite runs with an account that cannot be used:\n%s", out)
	}
}

// exchanged is a binary that is not the pinned one any more.
func exchanged(t *testing.T, dir, binary string) {
	code, out, progress := tooled(t, "list", dir)
	says(t, code, exitConnected, out+progress, "loaded       rfc2136 0.1.0 "+binary)
	lockFile := filepath.Join(dir, plugins.LockFile)
	pinned, err := os.ReadFile(lockFile)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(binary, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString("changed") // which no program reads
	}
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	code, out, progress = tooled(t, "list", dir)
	says(t, code, exitNot, out+progress, "refused      rfc2136 "+binary, plugins.ErrTampered.Error())
	var walked bytes.Buffer
	code = run(t.Context(), []string{"-plugins", dir, "-demo", "rfc2136"}, verify.Options{}, os.Stdin, &walked, &walked)
	says(t, code, exitInput, walked.String(), plugins.ErrTampered.Error(), "embed plugins lock")

	code, out, progress = tooled(t, "lock", dir, "-json")
	var a answer
	if err := json.Unmarshal([]byte(out), &a); err != nil || code != exitDecision || a.Error == nil || a.Error.Code != "Undecided" || a.Lock.Written {
		t.Errorf("status %d, %v:\n%s%s", code, err, out, progress)
	}
	if c := a.Lock.Changes; len(c) != 1 || c[0].Kind != "replaced" || c[0].Was == nil || c[0].Was.SHA256 == c[0].SHA256 || c[0].Was.Digest != c[0].Digest {
		t.Errorf("changes %+v", c)
	}
	if now, err := os.ReadFile(lockFile); err != nil || !bytes.Equal(now, pinned) {
		t.Errorf("the lock was written without -yes: %v", err)
	}
	code, out, progress = tooled(t, "lock", dir, "-yes")
	says(t, code, exitConnected, out+progress, "replaced  "+filepath.Base(binary), "is written")
	code, out, progress = tooled(t, "lock", dir)
	says(t, code, exitConnected, out+progress, "is as it must be")
}

// TestPluginOfStrangers: a plugin of which this program knows nothing connects a
// domain, pinned and in development, at its own host.
func TestPluginOfStrangers(t *testing.T) {
	t.Parallel()
	dir := pluginDir(t)
	build(t, dir, "harbour", "1.0.0", "./examples/plugin")
	h := newHarbour(t)
	use := []string{"-plugins", dir, "-in-process"}

	code, out, progress := h.embed(t, append(use, "-provider", "harbour", "-yes")...)
	says(t, code, exitInput, out+progress, plugins.ErrNotPinned.Error(), "embed plugins lock DIR", "-unpinned")
	code, out, progress = h.embed(t, append(use, "-unpinned", "-yes")...)
	says(t, code, exitInput, out+progress, "-endpoint beside -plugins", "-provider")
	code, out, progress = h.embed(t, append(use, "-unpinned", "-provider", "harbour", "-plan-only", "-yes")...)
	says(t, code, exitConnected, out+progress, "-unpinned: plugins are run that nobody has pinned", "+ CNAME")

	before := h.zone()
	code, out, progress = tooled(t, "lock", dir, "-plugin-arg", "harbour=-endpoint="+h.endpoint)
	says(t, code, exitConnected, out+progress, "1 plugin is pinned")
	h.flags = append(h.flags, "-endpoint", "")
	use = append(use, "-plugin-arg", "harbour=-endpoint="+h.endpoint)
	code, out, progress = h.embed(t, append(use, "-yes", "-json")...) // the credentials say which driver
	var res result
	if err := json.Unmarshal([]byte(out), &res); err != nil || code != exitConnected || res.Site.Provider != "harbour" {
		t.Fatalf("status %d, %v:\n%s%s", code, err, out, progress)
	}
	code, out, progress = h.embed(t, append(use, "-undo", res.Run, "-yes")...)
	says(t, code, exitConnected, out+progress)
	if more, less := h.difference(h.zone(), before), h.difference(before, h.zone()); len(more)+len(less) > 0 {
		t.Errorf("after undo there is more: %v, and less: %v", more, less)
	}
	code, out, progress = h.embed(t, "-plugins", dir, "-yes") // without the argument it is another one than was pinned
	says(t, code, exitNot, out+progress, plugins.ErrDescription.Error(), "embed plugins lock -plugin-arg")
	code, out, progress = h.embed(t, append(use, "-provider", "harbor")...)
	says(t, code, exitInput, out+progress, `-provider "harbor": the drivers here are cloudflare, godaddy, harbour, namecheap, rfc2136`)
	var help bytes.Buffer
	code = run(t.Context(), []string{"-help", "-plugins", dir}, verify.Options{}, os.Stdin, &help, &help)
	says(t, code, exitConnected, help.String(), "  harbour     token\n")
}

// newHarbour is a world on the fake of Harbour.
func newHarbour(t *testing.T) hosted {
	t.Helper()
	customer, err := zone.ReadText(strings.NewReader(customerZone), zone.Root)
	if err != nil {
		t.Fatal(err)
	}
	app, err := zone.ReadText(strings.NewReader(appZone), zone.Root)
	if err != nil {
		t.Fatal(err)
	}
	fake, err := harbourtest.Start(harbourtest.Options{Zones: []zone.Snapshot{customer}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	bridge, err := fake.Bridge()
	if err != nil {
		t.Fatal(err)
	}
	bridge.Set(app)
	bridge.Set(zone.NewSnapshot(customer.Zone.Parent(), nil))
	s := stage{t: t, dir: t.TempDir()}
	creds, err := json.Marshal(map[string]string(fake.Credentials()))
	if err != nil {
		t.Fatal(err)
	}
	return hosted{
		world: world{creds: fake.Credentials(), endpoint: fake.Endpoint()}, id: "harbour",
		flags: []string{
			"-config", s.write("config.json", string(config)), "-credentials", s.write("creds.json", string(creds)),
			"-endpoint", fake.Endpoint(), "-resolver", bridge.Addr().String(), "-journal", filepath.Join(s.dir, "journal"), "-timeout", "1m",
		},
		zone: func() zone.Snapshot { return fake.Zone(apex) },
	}
}

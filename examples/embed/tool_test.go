package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/providertest"
)

// TestToolInput is what the tool refuses, and that nothing is made of it.
func TestToolInput(t *testing.T) {
	t.Parallel()
	dir := pluginDir(t)
	s := stage{t: t, dir: t.TempDir()}
	full := s.write("full.json", `{"zone":"customer.example","credentials":{"token":"t"}}`)
	wrong := s.write("wrong.json", `{"zone":"customer.example","credentials":{"token":31415926},"empty":true}`)
	other := s.write("other.json", `{"zone":"customer.example","credentials":{"token":"t"},"empty":true,"other":{"credentials":{"token":"u"}}}`)
	good := s.write("good.json", `{"zone":"customer.example","credentials":{"token":"t"},"empty":true}`)
	script := s.write("script", "#!/bin/sh\necho hello\nexec cat\n")
	if err := os.Chmod(script, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no command", nil, exitInput, "usage: embed plugins COMMAND"},
		{"help", []string{"help"}, exitConnected, "exit status:"},
		{"help of a command", []string{"lock", "-help"}, exitConnected, "-plugin-arg ID=ARGUMENT"},
		{"a command that is none", []string{"pin"}, exitInput, `"pin" is no command: want describe, list, lock or conformance`},
		{"a flag that is none", []string{"list", "-all", dir}, exitInput, "-all"},
		{"describe nothing", []string{"describe"}, exitInput, "want one BINARY, and 0 are given"},
		{"describe a directory", []string{"describe", dir}, exitInput, "want the binary of one plugin"},
		{"describe what is not there", []string{"describe", filepath.Join(dir, "none")}, exitInput, "none"},
		{"list nothing", []string{"list"}, exitInput, "want the DIR"},
		{"list an empty directory", []string{"list", dir}, exitConnected, "there is no plugin in " + dir},
		{"list what is not there", []string{"list", filepath.Join(dir, "none")}, exitNot, "none"},
		{"lock two directories", []string{"lock", dir, dir}, exitInput, "several directories need -lock FILE"},
		{"lock with arguments for nobody", []string{"lock", dir, "--", "-v"}, exitInput, "-plugin-arg ID=ARGUMENT"},
		{"lock with arguments for a stranger", []string{"lock", dir, "-plugin-arg", "acme=-v"}, exitInput, "-plugin-arg acme: there is no such plugin"},
		{"an argument without a plugin", []string{"lock", dir, "-plugin-arg", "-v"}, exitInput, "want ID=ARGUMENT"},
		{"conformance without an account", []string{"conformance", script}, exitInput, "-account is missing"},
		{"conformance in a zone that is in use", []string{"conformance", "-account", full, script}, exitInput, `say "empty": true`},
		{"conformance with a secret that is a number", []string{"conformance", "-account", wrong, script}, exitInput, "wants a string"},
		{"conformance with half an account", []string{"conformance", "-account", other, script}, exitInput, "other.zone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, progress := tooled(t, tt.args...)
			says(t, code, tt.code, out+progress, tt.want)
			if strings.Contains(out+progress, "31415926") {
				t.Errorf("it prints a credential:\n%s%s", out, progress)
			}
		})
	}
	t.Run("what is no plugin", func(t *testing.T) {
		if !isLinux {
			t.Skip("the script needs a system with /bin/sh")
		}
		for _, args := range [][]string{{"describe", script}, {"conformance", "-account", good, script}} {
			code, out, progress := tooled(t, args...)
			says(t, code, exitNot, out+progress, "hello", "standard output")
		}
	})
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("something was written: %v", left)
	}
}

// TestToolJSON: bad input is one JSON object too.
func TestToolJSON(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"list", "-json"}, {"lock", "-no-such-flag", "-json"}} {
		code, out, _ := tooled(t, args...)
		var a answer
		if err := json.Unmarshal([]byte(out), &a); err != nil || code != exitInput || a.Exit != exitInput || a.Error == nil || a.Error.Code != "Input" {
			t.Errorf("%v: status %d, %v:\n%s", args, code, err, out)
		}
	}
}

// TestPluginFlags: what is about plugins is refused where there are none.
func TestPluginFlags(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{{"-lock", "x"}, {"-unpinned"}, {"-plugin-arg", "acme=x"}} {
		code, out := demo(t, append(flags, "-demo", "cloudflare")...)
		says(t, code, exitInput, out, "-plugins, and it is missing")
	}
	code, out := demo(t, "-demo", "cloudflare", "-in-process", "-plugins", pluginDir(t), "-plugin-arg", "acme=x")
	says(t, code, exitInput, out, "-plugin-arg acme: there is no such plugin")
}

// TestListFiles: each file that looks like a plugin is accounted for.
func TestListFiles(t *testing.T) {
	t.Parallel()
	dir := pluginDir(t)
	s := stage{t: t, dir: dir}
	foreign := s.write("mooring-plugin-acme_v1.0.0_p1_plan9_mips", "x")
	odd := s.write("mooring-plugin-acme", "x")
	s.write("README", "x")
	code, out, progress := tooled(t, "list", dir, "-json")
	var a answer
	if err := json.Unmarshal([]byte(out), &a); err != nil || code != exitConnected {
		t.Fatalf("status %d, %v:\n%s%s", code, err, out, progress)
	}
	got := map[string]string{}
	for _, l := range a.Plugins {
		got[l.File] = l.State
	}
	if d := cmp.Diff(got, map[string]string{foreign: passedOver, odd: passedOver}); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
}

// TestChanges compares two locks.
func TestChanges(t *testing.T) {
	t.Parallel()
	at := func(file, sum string, hosts ...string) plugins.Build {
		d := plugins.Description{Info: providers.Info{ID: file, Caps: providers.Caps{MinTTL: 60}}, Version: "1.0.0", Hosts: hosts}
		return plugins.Build{ID: file, Version: "1.0.0", File: file, SHA256: sum, Digest: strings.Join(hosts, "+"), Description: d}
	}
	got := changes(
		[]plugins.Build{at("same", "1", "a.example"), at("gone", "1"), at("other", "1", "a.example"), at("rebuilt", "1")},
		[]plugins.Build{at("same", "1", "a.example"), at("new", "1"), at("other", "2", "a.example", "evil.example"), at("rebuilt", "2")},
	)
	want := []change{
		{Kind: "added", ID: "new", Version: "1.0.0", File: "new", SHA256: "1"},
		{
			Kind: "replaced", ID: "other", Version: "1.0.0", File: "other", SHA256: "2", Digest: "a.example+evil.example",
			Was: &pin{"1", "a.example"}, Differs: []string{`hosts ["a.example","evil.example"], instead of ["a.example"]`},
		},
		{Kind: "replaced", ID: "rebuilt", Version: "1.0.0", File: "rebuilt", SHA256: "2", Was: &pin{"1", ""}},
		{Kind: "removed", ID: "gone", Version: "1.0.0", File: "gone", SHA256: "1"},
	}
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
	was, now := at("x", "1").Description, at("x", "1").Description
	now.Info.Caps.MinTTL, now.Info.Panel = 30, "https://panel.example"
	if d := cmp.Diff(differs(was, now), []string{`info.caps.min_ttl 30, instead of 60`, `info.panel "https://panel.example", instead of nothing`}); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
}

// TestVerdict: a single case that fails is enough.
func TestVerdict(t *testing.T) {
	t.Parallel()
	r := providertest.Report{Driver: "acme", Cases: []providertest.Result{{Status: providertest.Passed}, {Status: providertest.Unsupported}}}
	if err := verdict(r); err != nil {
		t.Errorf("got %v for what conforms", err)
	}
	r.Cases = append(r.Cases, providertest.Result{Status: providertest.Failed})
	err := verdict(r)
	if err == nil || err.Error() != "embed: acme does not conform: 1 of 3 cases failed" || toolExit(err) != exitNot {
		t.Errorf("got %v, exit status %d", err, toolExit(err))
	}
}

package sdk

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

func TestPerson(t *testing.T) {
	tests := []struct {
		name string
		args []string
		exit int
		out  string // a part of standard output; "": it is empty
		err  string
	}{
		{"nothing", nil, 2, "", "is a plugin of Mooring"},
		{"something else", []string{"serve"}, 2, "", "is a plugin of Mooring"},
		{"help", []string{"help"}, 0, "", "mooring-plugin-fake describe"},
		{"-h", []string{"-h"}, 0, "", "speaks to Fake"},
		{"version", []string{"version"}, 0, "1.2.3\n", ""},
		{"describe", []string{"describe"}, 0, `"id": "fake"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			p := person{name: "mooring-plugin-fake", out: &out, err: &errs}
			if got := p.answer(Options{Version: "1.2.3"}, fake{}, tt.args); got != tt.exit {
				t.Errorf("exits with %d, want %d", got, tt.exit)
			}
			if !strings.Contains(out.String(), tt.out) || tt.out == "" && out.Len() > 0 {
				t.Errorf("standard output is %q, want %q", out.String(), tt.out)
			}
			if !strings.Contains(errs.String(), tt.err) || tt.err == "" && errs.Len() > 0 {
				t.Errorf("standard error is %q, want %q", errs.String(), tt.err)
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	o := Options{Version: "1.2.3-rc.1", Hosts: []string{"b.example", "*.a.example", "b.example"}}
	var out bytes.Buffer
	if exit := (person{name: "x", out: &out, err: os.Stderr}).answer(o, fake{}, []string{"describe"}); exit != 0 {
		t.Fatalf("exits with %d", exit)
	}
	var got described
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	hosts := []string{"*.a.example", "b.example"}
	want := described{
		Info: fake{}.Info(), Version: "1.2.3-rc.1", SDK: built(), Protocol: "1.0", Hosts: hosts,
		Digest: wire.Description{Info: fake{}.Info(), Version: "1.2.3-rc.1", Hosts: hosts}.Digest(),
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(got.SDK, "mooring") || slices.Equal(o.Hosts, hosts) {
		t.Errorf("got %q, and the author's list is %v", got.SDK, o.Hosts)
	}
}

// What the wire tells is what a person is told.
func TestDescribeOverTheWire(t *testing.T) {
	client, _ := connect(t, fake{})
	got, err := client.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want, err := Options{Version: "1.2.3"}.describe(fake{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest() != want.Digest() || got.SDK != want.SDK {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

type nameless struct{ fake }

func (nameless) Info() providers.Info { return providers.Info{} }

func TestCheck(t *testing.T) {
	tests := []struct {
		name   string
		o      Options
		driver providers.Driver
		args   []string
		says   string // "": it is served
	}{
		{"the zero value", Options{}, fake{}, []string{"anything"}, ""},
		{"a version with a v", Options{Version: "v1.2.3"}, fake{}, nil, "without a v"},
		{"half a version", Options{Version: "1.2"}, fake{}, nil, "not semantic"},
		{"no host", Options{Hosts: []string{"https://x.example"}}, fake{}, nil, `"https://x.example"`},
		{"no ID", Options{}, nameless{}, nil, "no ID"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, _, _, err := tt.o.check(tt.driver, tt.args)
			if tt.says == "" && (err != nil || !semver.MatchString(d.Version)) {
				t.Errorf("got version %q, %v", d.Version, err)
			}
			if tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
			if tt.says == "" {
				return
			}
			var errs bytes.Buffer
			if exit := (person{name: "x", err: &errs}).answer(tt.o, tt.driver, []string{"describe"}); exit != 1 || !strings.Contains(errs.String(), tt.says) {
				t.Errorf("describe exits with %d and says %q", exit, errs.String())
			}
		})
	}
}

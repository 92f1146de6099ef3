package main

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// hosted is a world on the fake of a host, with the files and flags that lead
// the program to it as they would lead it to the real one.
type hosted struct {
	world
	id    string
	flags []string
	zone  func() zone.Snapshot
	fault func(httpapitest.Fault)
}

func newHosted(t *testing.T, id string) hosted {
	t.Helper()
	w, err := startWorld(id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	s := stage{t: t, dir: t.TempDir()}
	plain := map[string]string(w.creds)
	creds, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	h := hosted{world: w, id: id, flags: []string{
		"-in-process", "-config", s.write("config.json", string(config)), "-provider", id, "-credentials", s.write("creds.json", string(creds)),
		"-endpoint", w.endpoint, "-resolver", w.servers.String(), "-journal", filepath.Join(s.dir, "journal"), "-timeout", "1m",
	}}
	host := w.host.(interface {
		Zone(zone.Name) zone.Snapshot
		SetFault(httpapitest.Fault)
	})
	h.zone, h.fault = func() zone.Snapshot { return host.Zone(apex) }, host.SetFault
	return h
}

// embed runs the program with no way to DNS or to the host but its flags.
func (h hosted) embed(t *testing.T, flags ...string) (code int, out, progress string) {
	t.Helper()
	var o, p bytes.Buffer
	code = run(t.Context(), slices.Concat(h.flags, flags), verify.Options{}, os.Stdin, &o, &p)
	for name, secret := range h.creds {
		if len(secret) > 8 && !strings.Contains(h.endpoint, secret) && strings.Contains(o.String()+p.String(), secret) {
			if _, err := netip.ParseAddr(secret); err != nil {
				t.Errorf("the credential %s is printed:\n%s%s", name, o.String(), p.String())
			}
		}
	}
	return code, o.String(), p.String()
}

// difference is the records, one line each, that a has and b has not, without
// those of the host.
func (h hosted) difference(a, b zone.Snapshot) []string {
	out := []string{}
	for _, r := range a.Records {
		if r.Type != "SOA" && !zone.Contains(b.Records, r) {
			out = append(out, r.Name.FQDN()+" "+r.Type+" "+r.Text())
		}
	}
	slices.Sort(out)
	return out
}

// TestProviders connects what each host can store of the example, by flags
// alone, proves it in DNS, and takes it back.
func TestProviders(t *testing.T) {
	t.Parallel()
	var want struct{ Removed, Added []string }
	data, err := os.ReadFile("../../connect/testdata/walk/expect.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	for i, line := range want.Added {
		if head, ok := strings.CutSuffix(line, "p=(the 2048-bit key)"); ok {
			_, key, _ := strings.Cut(string(config), "p=")
			key, _, _ = strings.Cut(key, `"`)
			want.Added[i] = head + "p=" + key
		}
	}
	slices.Sort(want.Added)
	slices.Sort(want.Removed)
	for _, tc := range []struct {
		id      string
		without string   // a type that the host does not store
		flags   []string // where it runs
		says    []string
	}{
		{"cloudflare", "", []string{"-in-process=false"}, nil},
		{"godaddy", "CAA", nil, []string{"600"}},
		{"namecheap", "", nil, nil},
	} {
		t.Run(tc.id, func(t *testing.T) {
			t.Parallel()
			h := newHosted(t, tc.id)
			before := h.zone()
			code, out, progress := h.embed(t, append(tc.flags, "-yes", "-json")...)
			var res result
			if err := json.Unmarshal([]byte(out), &res); err != nil || code != exitConnected || !res.Connected {
				t.Fatalf("status %d, %v:\n%s%s", code, err, out, progress)
			}
			stored := func(lines []string) []string {
				return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return tc.without != "" && strings.Contains(l, " "+tc.without+" ") })
			}
			if d := cmp.Diff(h.difference(h.zone(), before), stored(want.Added)); d != "" {
				t.Errorf("added (-got +want):\n%s", d)
			}
			if d := cmp.Diff(h.difference(before, h.zone()), stored(want.Removed)); d != "" {
				t.Errorf("removed (-got +want):\n%s", d)
			}
			for _, say := range tc.says {
				if !strings.Contains(progress, say) {
					t.Errorf("%q is not said:\n%s", say, progress)
				}
			}
			if code, out, progress := h.embed(t, append(tc.flags, "-yes")...); code != exitConnected || !strings.Contains(out, "nothing to change") {
				t.Errorf("second run: status %d:\n%s%s", code, out, progress)
			}
			if code, out, progress := h.embed(t, append(tc.flags, "-undo", res.Run, "-yes")...); code != exitConnected {
				t.Fatalf("undo: status %d:\n%s%s", code, out, progress)
			}
			if d := cmp.Diff(h.zone().Records, before.Records); d != "" {
				t.Errorf("after undo (-got +want):\n%s", d)
			}
		})
	}
}

// TestProviderRefuses: a host that refuses, or does not answer, is told as what
// it is, and nothing is written.
func TestProviderRefuses(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"cloudflare", "godaddy", "namecheap"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			h := newHosted(t, id)
			before := h.zone()
			h.fault(httpapitest.Fault{Status: 503, HTML: true})
			code, out, progress := h.embed(t, "-yes", "-json", "-timeout", "5s")
			var res result
			if err := json.Unmarshal([]byte(out), &res); err != nil || code != exitNot || res.Error == nil || res.Error.Code != string(providers.Unavailable) {
				t.Errorf("status %d, %v:\n%s%s", code, err, out, progress)
			}
			if d := cmp.Diff(h.zone(), before); d != "" {
				t.Errorf("the zone changed (-got +want):\n%s", d)
			}
		})
	}
}

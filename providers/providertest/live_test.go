package providertest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

func accountFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "account.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func liveHost() *memory.Host {
	return memory.New(memory.Options{ID: "my-host", Token: "token-of-the-customer", Zones: []zone.Snapshot{{Zone: apex}}})
}

// TestLive is the suite as a real account meets it, on the memory host.
func TestLive(t *testing.T) {
	t.Setenv("MOORING_LIVE_MY_HOST", accountFile(t, `{"zone": "Customer.example.", "credentials": {"token": "token-of-the-customer"}, "empty": true}`))
	Live(t, liveHost().Driver())
}

func TestLiveRefuses(t *testing.T) {
	for _, tt := range []struct{ name, file, want string }{
		{"not said to be empty", `{"zone": "customer.example", "credentials": {}}`, `"empty": true`},
		{"no zone", `{"empty": true}`, "zone:"},
		{"a field of another name", `{"zone": "customer.example", "token": "x", "empty": true}`, "unknown field"},
		{"no JSON", `zone=customer.example`, "not the JSON"},
		{"a secret that is a number", `{"zone": "customer.example", "credentials": {"token": 31415926}, "empty": true}`, "wants a string"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := accountFile(t, tt.file)
			_, err := live(liveHost().Driver(), func(name string) string {
				if name != "MOORING_LIVE_MY_HOST" {
					t.Errorf("asked for %s", name)
				}
				return path
			})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "31415926") {
				t.Errorf("got %v, want it to say %q and no secret", err, tt.want)
			}
		})
	}
	t.Run("not asked for", func(t *testing.T) {
		_, err := live(liveHost().Driver(), func(string) string { return "" })
		if reason, ok := errors.AsType[notHere](err); !ok || !strings.Contains(string(reason), "MOORING_LIVE_MY_HOST is not set") {
			t.Errorf("got %v", err)
		}
	})
}

// TestNamed: the file may name more that may be emptied.
func TestNamed(t *testing.T) {
	h, err := Named(liveHost().Driver(), accountFile(t, `{"zone": "customer.example", "credentials": {"token": "token-of-the-customer"}, "empty": true,
		"second": "Second.example", "other": {"zone": "third.example", "credentials": {"token": "another"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if creds, other := h.Other(nil); h.Second != "second.example" || other != "third.example" || creds["token"] != "another" {
		t.Errorf("got %s, %s and %q", h.Second, other, creds["token"])
	}
	_, err = Named(liveHost().Driver(), accountFile(t, `{"zone": "customer.example", "empty": true, "other": {"zone": "a..b", "credentials": {"token": "31415926"}}}`))
	if err == nil || !strings.Contains(err.Error(), "other.zone") || strings.Contains(err.Error(), "31415926") {
		t.Errorf("got %v, want the field and no secret", err)
	}
}

// TestLivePatience: what came too soon is sent again when the host says, and
// nothing else is.
func TestLivePatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := liveHost()
		s, err := patient{host.Driver()}.Open(providers.Credentials{"token": "token-of-the-customer"})
		if err != nil {
			t.Fatal(err)
		}
		z, err := s.Find(t.Context(), apex)
		if err != nil {
			t.Fatal(err)
		}
		edit := func(value string) zone.Edit {
			return zone.Edit{After: []zone.Record{zone.NewTXT(apex, 300, value)}}
		}
		host.FailWrite(1, memory.RateLimited(time.Minute))
		begin := time.Now()
		if err := s.Write(t.Context(), z, edit("one")); err != nil || time.Since(begin) != time.Minute || host.Writes() != 2 {
			t.Errorf("got %v after %s and %d writes, want success after a minute and 2", err, time.Since(begin), host.Writes())
		}
		host.FailWrite(1, memory.Lost(true))
		if err := s.Write(t.Context(), z, edit("two")); providers.CodeOf(err) != providers.Timeout || host.Writes() != 3 {
			t.Errorf("got %v after %d writes, want the lost answer after 3", err, host.Writes())
		}
	})
}

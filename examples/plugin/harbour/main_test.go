package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun: it says where the API is and what token it takes, and ends when it is
// told to.
func TestRun(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other.zone")
	if err := os.WriteFile(other, []byte("$ORIGIN other.test.\n@ 60 SOA a.test. h.test. 1 2 3 4 5\n@ 60 A 192.0.2.1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no argument", nil, "customer.example"},
		{"a zone file", []string{other}, "other.test"},
		{"one beside", []string{"-beside", other}, "customer.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			pr, pw := io.Pipe()
			ended := make(chan error, 1)
			go func() {
				err := run(ctx, c.args, pw)
				_ = pw.CloseWithError(err)
				ended <- err
			}()
			said := map[string]string{}
			for lines := bufio.NewScanner(pr); said["zone"] == "" && lines.Scan(); {
				key, text, _ := strings.Cut(lines.Text(), " ")
				said[key] = strings.TrimSpace(text)
			}
			if said["zone"] != c.want || said["dns"] == "" {
				t.Errorf("got %q, want the zone %s", said, c.want)
			}
			if status := ask(t, said["api"]+"/zones/"+c.want, said["token"]); status != http.StatusOK {
				t.Errorf("got status %d", status)
			}
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

func ask(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"no-such-file"}, {"-beside", "no-such-file"}, {"-no-such-flag"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}

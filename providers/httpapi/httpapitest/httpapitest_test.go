package httpapitest_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

func get(t *testing.T, url string) (status int, body string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// TestFaultOrder: the fault told for a request comes before the standing one,
// and each is met once.
func TestFaultOrder(t *testing.T) {
	s, err := httpapitest.Start(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "real") }),
		func(*http.Request) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.SetFault(httpapitest.Fault{Status: 500, Body: "standing"})
	s.FailNext(2, httpapitest.Fault{Status: 501, Body: "second request"})
	s.FailWrite(3, httpapitest.Fault{Land: true})
	for i, want := range []string{"standing", "second request", "real", "standing"} {
		if _, got, err := get(t, s.URL()); got != want || err != nil {
			t.Errorf("request %d: %q, %v; want %q", i+1, got, err, want)
		}
	}
	s.SetFault(httpapitest.Fault{})
	if status, got, err := get(t, s.URL()); got != "real" || status != 200 || err != nil {
		t.Errorf("healed: %d %q, %v", status, got, err)
	}
	if s.Requests() != 5 || s.Writes() != 5 {
		t.Errorf("%d requests, %d writes; want 5, 5", s.Requests(), s.Writes())
	}
}

// TestBridge: a zone is found from the top under the host's own names, and
// follows the fake.
func TestBridge(t *testing.T) {
	const apex zone.Name = "customer.example"
	names := [2]zone.Name{"ada.ns.host.example", "bob.ns.host.example"}
	snap := zone.NewSnapshot(apex, []zone.Record{
		zone.NewTXT(apex, 300, "one"),
		{Name: apex, Type: zone.TypeAlias, TTL: 300, Data: "other.example."},
	})
	b, err := httpapitest.StartBridge(names, snap)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	v := verify.New(verify.Options{Start: b.World().Start(), Map: b.World().Map})
	for _, want := range []string{"one", "two"} {
		b.Set(zone.NewSnapshot(apex, []zone.Record{zone.NewTXT(apex, 300, want)}))
		a := v.Lookup(t.Context(), apex, "TXT")
		if len(a.Records) != 1 || a.Records[0].Text() != want {
			t.Errorf("got %v, want %q", a.Records, want)
		}
	}
	if got := b.World().Zone(apex).Set(apex, "NS"); len(got) != 2 {
		t.Errorf("name servers: %v", got)
	}
}

package plugins_test

import (
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
)

// TestPanicWithKey: the text of a panic of a goroutine goes out as it is, since
// nothing in the process can hold it up. The host takes the key out of it, line
// by line, and starts another process.
func TestPanicWithKey(t *testing.T) {
	lines := []string{"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQDTaQ1234567890", "shorter=="}
	key := "-----BEGIN PRIVATE KEY-----\n" + strings.Join(lines, "\n") + "\n-----END PRIVATE KEY-----\n"
	log := &journal{}
	_, d := carrying(t, plugins.Options{Log: log.logger()})
	bad, err := d.Open(providers.Credentials{"do": "panic", "token": key})
	if err != nil {
		t.Fatal(err)
	}
	_, err = bad.Find(t.Context(), evilZone.Apex)
	want(t, err, providers.Unavailable, providers.WroteNo, "exit status 2")
	if _, err := session(t, d, "nothing").Find(t.Context(), evilZone.Apex); err != nil {
		t.Errorf("the call after it: %v", err)
	}
	for _, line := range lines {
		if strings.Contains(log.String()+err.Error(), line) {
			t.Errorf("%q is told", line)
		}
	}
	if !strings.Contains(log.String(), "panic: a goroutine of the driver with [redacted]") || !strings.Contains(log.String(), "goroutine ") {
		t.Errorf("the log does not tell of the panic:\n%s", log)
	}
}

package httpapi

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		header, date string
		want         time.Duration
	}{
		{"", "", 0},
		{"0", "", 0},
		{"120", "", 2 * time.Minute},
		{" 5 ", "", 5 * time.Second},
		{"-5", "", 0},
		{"1.5", "", 0},
		{"99999999999999999999", "", 0},
		{"Sun, 22 Nov 2026 08:01:00 GMT", "", time.Minute},
		{"Sun, 22 Nov 2026 07:59:00 GMT", "", 0},
		{"Sun, 22 Nov 2026 09:01:00 GMT", "Sun, 22 Nov 2026 09:00:00 GMT", time.Minute},
		{"soon", "", 0},
	} {
		a := Answer{Header: http.Header{}}
		a.Header.Set("Retry-After", tc.header)
		a.Header.Set("Date", tc.date)
		if got := a.retryAfter(now); got != tc.want {
			t.Errorf("%q at %q: %s, want %s", tc.header, tc.date, got, tc.want)
		}
	}
}

func TestHTML(t *testing.T) {
	for _, tc := range []struct {
		typ, body string
		want      bool
	}{
		{"Text/HTML; charset=utf-8", "", true},
		{"", "\n<!doctype html><p>", true},
		{"", "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC>", true},
		{"", "<HTML>", true},
		{"application/json", `{"a": "b"}`, false},
		{"text/xml", `<?xml version="1.0"?><ApiResponse/>`, false},
		{"", "", false},
	} {
		a := Answer{Header: http.Header{"Content-Type": {tc.typ}}, Body: []byte(tc.body)}
		if got := a.HTML(); got != tc.want {
			t.Errorf("%q %q: %t", tc.typ, tc.body, got)
		}
	}
}

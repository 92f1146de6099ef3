package providers

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// TestLimitsBounded: credentials that have been idle are forgotten, and those
// that have not are not.
func TestLimitsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Limits
		rates := []Rate{{Requests: 10, Per: time.Minute}}
		send := func(token string) { l.take(context.Background(), l.of("d", Credentials{"token": token}), rates) } //nolint:usetesting // no deadline, and no cancellation either
		most := 0
		for i := range 10_000 {
			send(strconv.Itoa(i))
			send("busy")
			time.Sleep(7 * time.Second)
			most = max(most, len(l.buckets))
		}
		// A bucket is full again 10 s after one request, so two are not at any time.
		if most > 100 {
			t.Errorf("%d buckets for one or two credentials at a time", most)
		}
		l.close(l.of("d", Credentials{"token": "closed"}), time.Hour)
		for range 5 { // all that may come at once
			send("drained")
		}
		for i := range 1000 {
			send(strconv.Itoa(i))
		}
		if l.open(l.of("d", Credentials{"token": "closed"})) {
			t.Error("what the host has closed was forgotten")
		}
		if pause, _, _ := l.take(context.Background(), l.of("d", Credentials{"token": "drained"}), rates); pause <= 0 { //nolint:usetesting // as above
			t.Error("what a credential has sent was forgotten")
		}
	})
}

// TestLimitsOf: two lists of values that run together alike are two credentials,
// and each Limits names them in its own way.
func TestLimitsOf(t *testing.T) {
	var l, other Limits
	c := Credentials{"key": "ab", "secret": "c"}
	if l.of("d", c) != l.of("d", Credentials{"secret": "c", "key": "ab"}) {
		t.Error("one credential has two names")
	}
	for name, o := range map[string]credential{
		"another split": l.of("d", Credentials{"key": "a", "secret": "bc"}), "another driver": l.of("e", c),
		"another field": l.of("d", Credentials{"key": "ab", "token": "c"}), "another process": other.of("d", c),
	} {
		if o == l.of("d", c) {
			t.Errorf("%s has the same name", name)
		}
	}
}

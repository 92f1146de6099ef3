package providers

import (
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
		named := func(token string) credential { return l.of(Info{ID: "d"}, Credentials{"token": token}) }
		send := func(token string) {
			if err := l.wait(t.Context(), named(token), rates); err != nil {
				t.Error(err)
			}
		}
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
		l.close(named("closed"), time.Hour)
		waits := &waiter{first: make(chan struct{}, 1)}
		l.close(named("somebody waits"), time.Nanosecond)
		l.take(named("somebody waits"), waits, nil)
		for range 5 { // all that may come at once
			send("drained")
		}
		for i := range 1000 {
			send(strconv.Itoa(i))
		}
		for _, token := range []string{"closed", "drained"} {
			if pause, _ := l.take(named(token), &waiter{}, rates); pause <= 0 {
				t.Errorf("%s: what the host said, or a credential has sent, was forgotten", token)
			}
		}
		if _, ahead := l.take(named("somebody waits"), &waiter{}, nil); ahead != 1 {
			t.Errorf("%d are ahead, want the one who waits", ahead)
		}
	})
}

// TestLimitsOf: two lists of values that run together alike are two credentials,
// and each Limits names them in its own way.
func TestLimitsOf(t *testing.T) {
	var l, other Limits
	d, c := Info{ID: "d"}, Credentials{"key": "ab", "secret": "c"}
	if l.of(d, c) != l.of(d, Credentials{"secret": "c", "key": "ab"}) {
		t.Error("one credential has two names")
	}
	for name, o := range map[string]credential{
		"another split": l.of(d, Credentials{"key": "a", "secret": "bc"}), "another driver": l.of(Info{ID: "e"}, c),
		"another field": l.of(d, Credentials{"key": "ab", "token": "c"}), "another process": other.of(d, c),
	} {
		if o == l.of(d, c) {
			t.Errorf("%s has the same name", name)
		}
	}
}

// TestLimitsOfSecret: what is secret names a credential, however the rest was
// filled in, for the host counts the requests of a token.
func TestLimitsOfSecret(t *testing.T) {
	var l Limits
	d := Info{ID: "d", Fields: []Field{{Name: "token", Secret: true}, {Name: "second", Secret: true, Optional: true}, {Name: "account", Optional: true}}}
	token := Credentials{"token": "t0ken"}
	for _, tt := range []struct {
		name string
		a, b Credentials
		same bool
	}{
		{"an empty field", token, Credentials{"token": "t0ken", "account": "", "second": " "}, true},
		{"another field", token, Credentials{"token": "t0ken", "account": "1"}, true},
		{"a field that the driver does not have", token, Credentials{"token": "t0ken", "note": "1"}, true},
		{"the end of a line", token, Credentials{"token": " t0ken\r\n"}, true},
		{"another token", token, Credentials{"token": "T0ken"}, false},
		{"a second one", token, Credentials{"token": "t0ken", "second": "x"}, false},
		{"the other one alone", token, Credentials{"second": "t0ken"}, false},
		{"two accounts without a secret", Credentials{"account": "1"}, Credentials{"account": "2"}, false},
		{"one account without a secret", Credentials{"account": "1", "token": ""}, Credentials{"account": "1\n"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if same := l.of(d, tt.a) == l.of(d, tt.b); same != tt.same {
				t.Errorf("one credential: got %v, want %v", same, tt.same)
			}
		})
	}
}

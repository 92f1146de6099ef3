package safehttp

import "testing"

// TestNoProxy: a proxy of the environment would be told where to go, and go there.
// The environment is read once in a process, so the setting is what is asked.
func TestNoProxy(t *testing.T) {
	if New(Options{}).http.Proxy != nil {
		t.Error("there is a proxy")
	}
}

package plugins

import (
	"strings"
	"testing"
)

// TestMalformedLock: what is no lock is refused, and names no file outside of a
// directory.
func TestMalformedLock(t *testing.T) {
	entry := func(id, sum string) string {
		return `{"format":1,"plugins":[{"id":"` + id + `","version":"1.0.0","protocol":1,"os":"linux","arch":"amd64",` +
			`"file":"mooring-plugin-` + id + `_v1.0.0_p1_linux_amd64","sha256":"` + sum + `","digest":"","description":{"info":{"ID":"` + id + `"},"version":"1.0.0"}}]}`
	}
	for name, data := range map[string]string{
		"half of one":       entry("x", someSum)[:40],
		"empty":             "",
		"null":              "null",
		"a path for an ID":  entry("../x", someSum),
		"a path for a hash": entry("x", "../../x"),
		"deep":              `{"format":1,"plugins":` + strings.Repeat("[", 1<<17),
		"deep and closed":   `{"format":1,"x":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`,
		"two":               `{"format":1,"plugins":[]}{"format":1}`,
	} {
		if l, err := parseLock([]byte(data)); err == nil {
			t.Errorf("%s: got %+v", name, l)
		}
	}
	if _, err := parseLock([]byte(`{"format":1,"plugins":[]}`)); err != nil {
		t.Errorf("a lock without plugins: %v", err)
	}
}

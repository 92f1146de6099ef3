package plugins

import (
	"cmp"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
)

// A fileName is what the name of a plugin's binary says. Nothing is known of a
// binary before it runs, so the name must tell whether to run it:
//
//	name     = "mooring-plugin-" id "_v" version "_p" protocol "_" os "_" arch [ ".exe" ]
//	id       = part *( "-" part ), and a letter comes first
//	part     = 1*( lower-case letter / digit )
//	version  = MAJOR.MINOR.PATCH of Semantic Versioning 2.0.0, with its pre-release and build parts
//	protocol = number without leading zeros, from 1
//	os, arch = 1*( lower-case letter / digit ), as GOOS and GOARCH
//
// ".exe" stands for windows, there always, and nowhere else. A name has at
// most 255 octets.
type fileName struct {
	id       string
	version  version
	protocol int
	os, arch string
}

const filePrefix = "mooring-plugin-"

// FileName is the name that the binary of a plugin has on disk, for this
// protocol. version is semantic and has no "v"; goos and goarch are as Go
// names them.
func FileName(id, version, goos, goarch string) (string, error) {
	v, ok := parseVersion(version)
	if !ok {
		return "", fmt.Errorf("plugins: %q is no semantic version like 1.2.3 or 1.2.3-rc.1", version)
	}
	name := fileName{id: id, version: v, protocol: wire.Protocol, os: goos, arch: goarch}.String()
	if _, ok := parseName(name); !ok {
		return "", fmt.Errorf("plugins: %q cannot name a plugin: an id is lower-case letters, digits and single hyphens, and begins with a letter", name)
	}
	return name, nil
}

func (n fileName) String() string {
	s := fmt.Sprintf("%s%s_v%s_p%d_%s_%s", filePrefix, n.id, n.version.text, n.protocol, n.os, n.arch)
	if n.os == "windows" {
		s += ".exe"
	}
	return s
}

// here reports whether this is a binary for this platform.
func (n fileName) here() bool { return n.os == runtime.GOOS && n.arch == runtime.GOARCH }

// parseName reads a file's name; ok is false where it is not a plugin's.
func parseName(s string) (n fileName, ok bool) {
	rest, ok := strings.CutPrefix(s, filePrefix)
	if !ok || len(s) > 255 {
		return fileName{}, false
	}
	parts := strings.Split(rest, "_") // no part has one in it
	if len(parts) != 5 {
		return fileName{}, false
	}
	n = fileName{id: parts[0], os: parts[3], arch: parts[4]}
	v, isVersion := strings.CutPrefix(parts[1], "v")
	p, isProtocol := strings.CutPrefix(parts[2], "p")
	if n.version, ok = parseVersion(v); !ok || !isVersion || !isProtocol || !validID(n.id) {
		return fileName{}, false
	}
	var err error
	if n.protocol, err = strconv.Atoi(p); err != nil || n.protocol < 1 || !isNumber(p) {
		return fileName{}, false
	}
	if arch, exe := strings.CutSuffix(n.arch, ".exe"); exe == (n.os == "windows") {
		n.arch = arch
		return n, isPart(n.os) && isPart(n.arch)
	}
	return fileName{}, false
}

// validID reports whether a plugin can have this ID.
func validID(id string) bool {
	for part := range strings.SplitSeq(id, "-") {
		if !isPart(part) {
			return false
		}
	}
	return id[0] >= 'a'
}

// isPart reports whether s is lower-case letters and digits, at least one.
func isPart(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// isNumber reports whether s is a decimal number without leading zeros.
func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == "" && (s == "0" || s[0] != '0')
}

// A version is one of Semantic Versioning 2.0.0 (semver.org). Its numbers stay
// texts, since the specification sets them no limit.
type version struct {
	text  string // the whole
	core  [3]string
	pre   []string // none: a release
	build string
}

// parseVersion reads a version without "v".
func parseVersion(s string) (v version, ok bool) {
	v.text = s
	s, v.build, ok = strings.Cut(s, "+")
	if ok && !areIdentifiers(strings.Split(v.build, ".")) {
		return version{}, false
	}
	core, pre, isPre := strings.Cut(s, "-")
	if isPre {
		v.pre = strings.Split(pre, ".")
		if !areIdentifiers(v.pre) {
			return version{}, false
		}
		for _, p := range v.pre {
			if digits(p) && !isNumber(p) { // a leading zero
				return version{}, false
			}
		}
	}
	numbers := strings.Split(core, ".")
	if len(numbers) != len(v.core) {
		return version{}, false
	}
	for i, n := range numbers {
		if !isNumber(n) {
			return version{}, false
		}
		v.core[i] = n
	}
	return v, true
}

func areIdentifiers(ids []string) bool {
	for _, id := range ids {
		if id == "" || strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return false
		}
	}
	return true
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// compare orders versions by semver.org's section 11. Those that differ in
// their build parts alone, which have no order there, are ordered by their
// text, so that the choice among them does not change from day to day.
func (v version) compare(w version) int {
	for i := range v.core {
		if c := compareNumbers(v.core[i], w.core[i]); c != 0 {
			return c
		}
	}
	switch {
	case len(v.pre) == 0 && len(w.pre) > 0:
		return 1
	case len(v.pre) > 0 && len(w.pre) == 0:
		return -1
	}
	for i := range min(len(v.pre), len(w.pre)) {
		if c := compareIdentifiers(v.pre[i], w.pre[i]); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(v.pre), len(w.pre)), strings.Compare(v.build, w.build))
}

func compareNumbers(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func compareIdentifiers(a, b string) int {
	switch x, y := digits(a), digits(b); {
	case x && y:
		return compareNumbers(a, b)
	case x:
		return -1
	case y:
		return 1
	}
	return strings.Compare(a, b)
}

package rfc2136test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// StartBIND runs named with these zones, each as zone text that names its
// origin, until the test ends: a second opinion beside Knot.
func StartBIND(t testing.TB, zones ...string) *Server {
	t.Helper()
	binary := find(t, "named", "/usr/sbin/named")
	names := apexes(t, zones)
	return start(t, []string{"127.0.0.1"}, func(dir string, s *Server) (*exec.Cmd, error) {
		conf, err := bindConf(dir, s, names, zones)
		if err != nil {
			return nil, err
		}
		return exec.Command(binary, "-g", "-n", "1", "-c", conf), nil
	}, names)
}

func bindConf(dir string, s *Server, apexes, zones []string) (path string, err error) {
	var b strings.Builder
	fmt.Fprintf(&b, "key %q { algorithm %s; secret %q; };\ncontrols { };\n", s.KeyName, s.KeyAlg, s.Key)
	fmt.Fprintf(&b, "options {\n\tdirectory %q;\n\tpid-file %q;\n\tsession-keyfile %q;\n\tmanaged-keys-directory %q;\n", dir, dir+"/named.pid", dir+"/session.key", dir)
	fmt.Fprintf(&b, "\tlisten-on port %d { 127.0.0.1; };\n\tlisten-on-v6 { none; };\n", s.Port)
	// Without these an MX whose target has no address is REFUSED.
	b.WriteString("\trecursion no;\n\tdnssec-validation no;\n\tnotify no;\n\tcheck-integrity no;\n\tcheck-mx ignore;\n\tcheck-names primary ignore;\n};\n")
	for i, text := range zones {
		file := filepath.Join(dir, fmt.Sprintf("%d.zone", i))
		err = errors.Join(err, os.WriteFile(file, []byte(text), 0o600))
		fmt.Fprintf(&b, "zone %q {\n\ttype primary;\n\tfile %q;\n\tallow-update { key %q; };\n\tallow-transfer { key %q; };\n};\n", apexes[i], file, s.KeyName, s.KeyName)
	}
	path = filepath.Join(dir, "named.conf")
	return path, errors.Join(err, os.WriteFile(path, []byte(b.String()), 0o600))
}

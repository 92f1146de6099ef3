package sdk

import (
	"errors"
	"fmt"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

// Options say what a plugin is beside its driver. The zero value works.
type Options struct {
	// Version is the plugin's, semantic (https://semver.org), without "v". "": the
	// version of the main module as the build information has it, else "0.0.0-dev".
	Version string
	// Hosts is the names that HTTP requests may go to: "api.host.example" for port
	// 443, "api.host.example:8443" for another one, "*.host.example" for all names
	// below. An address of this machine stands here with its port, and may be
	// spoken to without TLS. Empty: any name. Operators see the list and pin it.
	Hosts []string

	overtime time.Duration // that of a call whose caller has given up; 0: the constant of that name
}

// ident is a driver's ID, as the name of a plugin's file has it.
var ident = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// semver is a semantic version (https://semver.org, version 2.0.0).
var semver = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)

// describe is what the plugin says of itself.
func (o Options) describe(d providers.Driver) (wire.Description, error) {
	out := wire.Description{Info: d.Info(), Version: o.Version, SDK: built(), Minor: wire.Minor, Hosts: slices.Clone(o.Hosts)}
	if out.Info.ID == "" {
		return out, errors.New("the driver has no ID: Info().ID is empty")
	}
	if !ident.MatchString(out.Info.ID) {
		return out, fmt.Errorf("the driver's ID %q, Info().ID, is none: want lower-case letters, digits and single hyphens, and a letter first", out.Info.ID)
	}
	if out.Version == "" {
		out.Version = mainVersion()
	}
	if !semver.MatchString(out.Version) {
		return out, fmt.Errorf("the version %q is not semantic: write it as 1.2.3, without a v", out.Version)
	}
	if _, err := parseHosts(o.Hosts); err != nil {
		return out, err
	}
	if err := out.Check(); err != nil {
		return out, err
	}
	slices.Sort(out.Hosts)
	out.Hosts = slices.Compact(out.Hosts)
	return out, nil
}

// mainVersion is the version of the program's own module.
func mainVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := strings.TrimPrefix(info.Main.Version, "v"); semver.MatchString(v) {
			return v
		}
	}
	return "0.0.0-dev"
}

// module is the path of the module that this package belongs to.
const module = "github.com/mooring-dns/mooring"

// built is what the program was built with.
func built() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "mooring"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == module {
			return strings.TrimSpace("mooring "+m.Version) + ", " + info.GoVersion
		}
	}
	return "mooring, " + info.GoVersion
}

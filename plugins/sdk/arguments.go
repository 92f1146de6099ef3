package sdk

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// arguments takes "-redirect HOST=URL" out of a plugin's arguments, as often as
// it is there: requests to HOST go to URL, a server on this machine that stands
// for it. A plugin for production knows no such thing.
func arguments(args []string, redirectable bool) (rest []string, redirects map[string]*url.URL, err error) {
	for len(args) > 0 {
		name, value, joined := strings.Cut(args[0], "=")
		if name != "-redirect" && name != "--redirect" {
			rest, args = append(rest, args[0]), args[1:]
			continue
		}
		if !redirectable {
			return nil, nil, errors.New("-redirect is for tests, and this plugin is built for production: build it with -tags mooringtest")
		}
		if args = args[1:]; !joined && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		from, to, err := redirection(value)
		if err != nil {
			return nil, nil, err
		}
		if redirects == nil {
			redirects = map[string]*url.URL{}
		}
		redirects[from] = to
	}
	return rest, redirects, nil
}

func redirection(value string) (from string, to *url.URL, err error) {
	name, raw, ok := strings.Cut(value, "=")
	h, badName := parseHost(name)
	to, badURL := url.Parse(raw)
	if !ok || badName != nil || badURL != nil || h.below {
		return "", nil, fmt.Errorf("-redirect %q: want HOST=URL", value)
	}
	if to.Scheme != "http" && to.Scheme != "https" || !local(to.Hostname()) || strings.Trim(to.Path, "/") != "" {
		return "", nil, fmt.Errorf("-redirect %q: the URL must be http://ADDRESS:PORT of this machine", value)
	}
	return h.name, to, nil
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
)

// described is a plugin and what it says of itself.
type described struct {
	File        string              `json:"file"` // as it must be called in a directory of plugins
	SHA256      string              `json:"sha256"`
	Digest      string              `json:"digest"` // of the description, as it is pinned
	Protocol    string              `json:"protocol"`
	Description plugins.Description `json:"description"`
}

// describe starts a plugin, and prints what it says of itself.
func describe(ctx context.Context, t *tool, a *answer) error {
	s, end, err := t.stage(ctx)
	defer end()
	if err != nil {
		return err
	}
	d := s.Description
	a.Plugin = &described{File: s.File, SHA256: s.SHA256, Digest: s.Digest, Protocol: fmt.Sprintf("%d.%d", s.Protocol, d.Minor), Description: d}
	t.say("%s %s, a plugin for %s", s.ID, s.Version, d.Info.Name)
	t.say("  built with    %s, protocol %s", d.SDK, a.Plugin.Protocol)
	t.say("  file          %s%s", s.File, misnamed(s))
	t.say("  SHA-256       %s", s.SHA256)
	t.say("  description   %s", s.Digest)
	t.say("  speaks to     %s", hostsText(d.Hosts))
	t.say("  credentials   %s", orNone(fieldLines(d.Info.Fields), "\n                "))
	if len(d.Info.NameServers) > 0 {
		t.say("  known by      %s", strings.Join(d.Info.NameServers, ", "))
	}
	if d.Info.Panel != "" {
		t.say("  panel         %s", d.Info.Panel)
	}
	t.say("  capabilities  %s", orNone(capLines(d.Info.Caps), "\n                "))
	return nil
}

// misnamed says that a binary has another name than a host looks for.
func misnamed(s staged) string {
	if have := filepath.Base(s.from); have != s.File {
		return ", which is the name that it must have, and not " + have
	}
	return ""
}

func hostsText(hosts []string) string {
	if len(hosts) == 0 {
		return "any host: it names none"
	}
	return strings.Join(hosts, ", ")
}

func orNone(lines []string, sep string) string {
	if len(lines) == 0 {
		return "none"
	}
	return strings.Join(lines, sep)
}

// fieldLines is the credentials that a plugin asks for, one line each.
func fieldLines(fields []providers.Field) []string {
	var out []string
	for _, f := range fields {
		line := f.Name + ": " + f.Label
		if f.Secret {
			line += ", secret"
		}
		if f.Optional {
			line += ", optional"
		}
		if f.URL != "" {
			line += ", made at " + f.URL
		}
		out = append(out, line)
	}
	return out
}

// capLines is what differs from the usual, one line each, by the names that
// the fields have in JSON.
func capLines(c providers.Caps) []string {
	data, err := json.Marshal(c)
	var all map[string]json.RawMessage
	if err != nil || json.Unmarshal(data, &all) != nil {
		return nil
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text := strings.NewReplacer("[", "", "]", "", `"`, "", ", ", ", ", ",", ", ").Replace(string(all[name]))
		switch name {
		case "rates":
			text = ratesText(c.Rates)
		case "settle":
			text = c.Settle.String()
		case "refused_text":
			text = strconv.Quote(c.RefusedText)
		}
		out = append(out, name+" "+text)
	}
	return out
}

func ratesText(rates []providers.Rate) string {
	var out []string
	for _, r := range rates {
		out = append(out, fmt.Sprintf("%d requests in %v", r.Requests, r.Per))
	}
	return strings.Join(out, ", ")
}

package cloudflaretest

import (
	"cmp"
	"maps"
)

// overlay brings what a request says into a record, and judges the result.
func (t *tx) overlay(r *record, w wanted) *refusal {
	if w.Name != nil {
		r.Name = t.within(*w.Name)
	}
	if w.Type != nil {
		r.Type = *w.Type
	}
	if w.Content != nil {
		r.Content = *w.Content
	}
	if w.Priority != nil {
		r.Priority = w.Priority
	}
	if w.Data != nil {
		r.Data = w.Data
	}
	if w.TTL != nil {
		r.TTL = *w.TTL
	}
	if w.Proxied != nil {
		r.Proxied = *w.Proxied
	}
	if w.Comment != nil {
		r.Comment = w.Comment
	}
	if w.Tags != nil {
		r.Tags = *w.Tags
	}
	if w.Settings != nil {
		settings := map[string]bool{}
		maps.Copy(settings, r.Settings)
		for k, v := range w.Settings {
			settings[k] = *cmp.Or(v, new(bool))
		}
		r.Settings = settings
	}
	if no := t.h.allowed(r, w); no != nil {
		return no
	}
	return t.compatible(r)
}

// within is a name in the zone: names are taken relative to it where they are not
// in it already (NewFuture/DDNS#21), and "@" is the apex.
func (t *tx) within(name string) string {
	apex := string(t.h.apex)
	switch name = lower(name); {
	case name == "" || name == apex || len(name) > len(apex) && name[len(name)-len(apex)-1:] == "."+apex:
		return name
	case name == "@":
		return apex
	}
	return name + "." + apex
}

package sdk

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
)

// Module is the pointer to a libdns module's Provider that has the four powers of
// libdns 1.0 and later.
type Module[P any] interface {
	*P
	libdns.RecordGetter
	libdns.RecordAppender
	libdns.RecordSetter
	libdns.RecordDeleter
}

// ServeLibdns is the whole main of a plugin around an unmodified libdns module.
// hosts is Options.Hosts: name them, above all where a field of the module says
// which server it speaks to, since customers fill that in.
//
//	sdk.ServeLibdns[hetzner.Provider]("hetzner", "dns.hetzner.com")
//
// It is Options{Hosts: hosts}.Serve(Libdns[P](id)).
func ServeLibdns[P any, M Module[P]](id string, hosts ...string) {
	Options{Hosts: hosts}.Serve(Libdns[P, M](id))
}

// Libdns is a libdns module as a driver that is not believed (mode Untrusted of
// package libdnsdriver): what a write has lost is seen and put back. What else
// is known of the host (Info.Caps, names for people) may be filled in before the
// driver is served; the catalogue of package providers has done so where it knows
// the ID.
//
// Credentials are the exported fields of P that are strings, by their JSON name,
// and all secret. A field is optional where its tag says omitempty and that of
// another one does not. Where all tags say so, as most modules have it, the tags
// tell nothing: a field that is alone is then needed, and of several at least one.
func Libdns[P any, M Module[P]](id string) libdnsdriver.Driver {
	info := providers.Known(id)
	info.ID, info.Name = id, cmp.Or(info.Name, id)
	info.Fields = fieldsOf(reflect.TypeFor[P]())
	return libdnsdriver.Driver{Host: info, New: func(c providers.Credentials) (any, error) {
		data, err := values(info.Fields, c)
		if err != nil {
			return nil, err
		}
		p := new(P)
		if err := json.Unmarshal(data, p); err != nil {
			return nil, refused("the module %T does not take its credentials: %v", *p, err)
		}
		return M(p), nil
	}}
}

// values is credentials as the JSON of a module's fields.
func values(fields []providers.Field, c providers.Credentials) ([]byte, error) {
	out := map[string]string{}
	for _, f := range fields {
		v := strings.TrimSpace(c[f.Name]) // what is copied often brings a line break along
		if !utf8.ValidString(v) {
			return nil, refused("%s: it is no UTF-8 text: copy it again", f.Name)
		}
		if v != "" {
			out[f.Name] = v
		}
	}
	if len(out) == 0 && len(fields) > 0 {
		return nil, refused("no credential is given")
	}
	return json.Marshal(out)
}

func refused(format string, args ...any) error {
	return &providers.Error{Code: providers.InvalidCredentials, Err: fmt.Errorf(format, args...)}
}

// fieldsOf is what a module asks for.
func fieldsOf(t reflect.Type) []providers.Field {
	if t.Kind() != reflect.Struct {
		return nil
	}
	var out []providers.Field
	needed := false
	for _, f := range reflect.VisibleFields(t) {
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if !f.IsExported() || f.Anonymous || f.Type.Kind() != reflect.String || tag == "-" {
			continue
		}
		name = cmp.Or(name, f.Name)
		optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		needed = needed || !optional
		out = append(out, providers.Field{Name: name, Label: label(name), Secret: true, Optional: optional})
	}
	if !needed && len(out) == 1 {
		out[0].Optional = false
	}
	return out
}

// label is a field's name for people: "api_token" is "API token".
func label(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' })
	for i, w := range words {
		switch lower := strings.ToLower(w); {
		case strings.Contains(" api id ip url dns ", " "+lower+" "):
			words[i] = strings.ToUpper(w)
		case i == 0:
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

package sdk

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
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
//
// A module that has settings, none of which is an exported field of type string,
// is refused: nobody could set it.
func ServeLibdns[P any, M Module[P]](id string, hosts ...string) {
	if err := settable(reflect.TypeFor[P]()); err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "[ERROR] the plugin cannot be served: %v\n", err)
		os.Exit(1) //nolint:forbidigo // it is the main of a program
	}
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
		if err := settable(reflect.TypeFor[P]()); err != nil {
			return nil, &providers.Error{Code: providers.Internal, Err: err}
		}
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
		if !promoted(t, f) || !f.IsExported() || f.Anonymous || f.Type.Kind() != reflect.String || tag == "-" {
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

// promoted reports whether encoding/json takes a field for one of t itself, and
// can set it: none of those that it is embedded by has a name of its own, or is
// a pointer that only the module can set.
func promoted(t reflect.Type, f reflect.StructField) bool {
	for n := 1; n < len(f.Index); n++ {
		by := t.FieldByIndex(f.Index[:n])
		name, _, _ := strings.Cut(by.Tag.Get("json"), ",")
		if name != "" || by.Type.Kind() == reflect.Pointer && !by.IsExported() {
			return false
		}
	}
	return true
}

// settable refuses a module that has settings and takes none as a string. What
// is no string is a setting where it has a name in JSON, as the settings of
// modules have, or is of a plain type.
func settable(t reflect.Type) error {
	if t.Kind() != reflect.Struct || len(fieldsOf(t)) > 0 {
		return nil
	}
	var settings []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "-" && (f.IsExported() || f.Anonymous) && (name != "" || plain(f.Type)) {
			settings = append(settings, cmp.Or(name, f.Name))
		}
	}
	if len(settings) == 0 {
		return nil
	}
	return fmt.Errorf("the module %v cannot be set up: of its settings (%s) none is an exported field of type string: write a driver around it, which makes them of strings", t, strings.Join(settings, ", "))
}

// plain reports whether values of a type are text, numbers or yes and no.
func plain(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Complex128 || t.Kind() == reflect.String
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

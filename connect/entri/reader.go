package entri

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A reader turns JSON into values and keeps what it cannot take, each with its
// path. encoding/json alone stops at the first wrong type, lets the last of two
// equal keys win, and matches keys in any case.
type reader struct{ errs Errors }

// value is one JSON value, valid, and where it stands.
type value struct {
	path string
	raw  json.RawMessage
}

func (v value) null() bool { return v.raw[0] == 'n' }

// what names the kind of v for a message.
func (v value) what() string {
	switch v.raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return string(v.raw)
	case 'n':
		return "null"
	default:
		return "a number"
	}
}

func (v value) key(name string) value {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !plainKey(r) }) {
		return value{path: v.path + "[" + quote(name) + "]"}
	}
	if v.path == "" {
		return value{path: name}
	}
	return value{path: v.path + "." + name}
}

func plainKey(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func (r *reader) want(v value, kind string) {
	given := ""
	if strings.IndexByte(`{["n`, v.raw[0]) < 0 {
		given = string(v.raw)
	}
	r.errs.add(WrongType, v.path, given, "%s where %s belongs", v.what(), kind)
}

// members is the keys of an object as they stand, duplicates included.
func (r *reader) members(v value) iter.Seq2[string, value] {
	return func(yield func(string, value) bool) {
		dec := json.NewDecoder(bytes.NewReader(v.raw))
		if t, err := dec.Token(); err != nil || t != json.Delim('{') {
			r.want(v, "an object")
			return
		}
		for dec.More() {
			t, err := dec.Token()
			key, ok := t.(string)
			if err != nil || !ok {
				return
			}
			m := v.key(key)
			if dec.Decode(&m.raw) != nil || !yield(key, m) {
				return
			}
		}
	}
}

// object reads the keys it knows. null is the same as nothing: JavaScript
// callers write it for what they have not.
func (r *reader) object(v value, known map[string]func(value)) {
	seen := map[string]bool{}
	for key, m := range r.members(v) {
		read, ok := known[key]
		switch {
		case !ok:
		case seen[key]:
			r.errs.add(Duplicate, m.path, "", "stands twice; keep one")
		case !m.null():
			read(m)
		}
		seen[key] = true
	}
}

// elements is the members of a list; what is no list is its own element.
func (r *reader) elements(v value) []value {
	if v.raw[0] != '[' {
		return []value{v}
	}
	var raws []json.RawMessage
	if err := json.Unmarshal(v.raw, &raws); err != nil {
		r.want(v, "a list")
	}
	out := make([]value, len(raws))
	for i, raw := range raws {
		out[i] = value{path: index(v.path, i), raw: raw}
	}
	return out
}

func (r *reader) string(v value) (s string, ok bool) {
	if v.raw[0] != '"' || json.Unmarshal(v.raw, &s) != nil {
		r.want(v, "a string")
		return "", false
	}
	if strings.ContainsRune(s, utf8.RuneError) {
		r.errs.add(Invalid, v.path, "", "holds U+FFFD, the mark of text lost in a conversion; send the text again as UTF-8")
		return "", false
	}
	return s, true
}

func (r *reader) text(dst *string) func(value) {
	return func(v value) { *dst, _ = r.string(v) }
}

func (r *reader) flag(dst *bool) func(value) {
	return func(v value) {
		if json.Unmarshal(v.raw, dst) != nil {
			r.want(v, "true or false")
		}
	}
}

// choice is a flag for which saying nothing differs from saying false.
func (r *reader) choice(dst **bool) func(value) {
	return func(v value) {
		var b bool
		r.flag(&b)(v)
		*dst = &b
	}
}

// number reads a whole number, written as one or as a string, between low and
// high. An empty string is no number, and no error either.
func (r *reader) number(v value, low, high uint64) (n uint64, ok bool) {
	text := string(v.raw)
	if v.raw[0] == '"' {
		if text, ok = r.string(v); !ok {
			return 0, false
		}
		if text = strings.TrimSpace(text); text == "" {
			return 0, false
		}
	} else if strings.IndexByte("{[tf", v.raw[0]) >= 0 {
		r.want(v, "a number")
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < low || n > high {
		r.errs.add(OutOfRange, v.path, text, "want a whole number from %d to %d", low, high)
		return 0, false
	}
	return n, true
}

// tags reads an object of short texts; a number stands for its digits.
func (r *reader) tags(dst *map[string]string) func(value) {
	return func(v value) {
		out := map[string]string{}
		for key, m := range r.members(v) {
			if _, twice := out[key]; twice {
				r.errs.add(Duplicate, m.path, "", "stands twice; keep one")
				continue
			}
			if c := m.raw[0]; c == '-' || '0' <= c && c <= '9' {
				out[key] = string(m.raw)
			} else if s, ok := r.string(m); ok {
				out[key] = s
			}
		}
		*dst = out
	}
}

// list reads strings, or one string for a list of one.
func (r *reader) list(dst *[]string) func(value) {
	return func(v value) {
		for _, e := range r.elements(v) {
			if s, ok := r.string(e); ok {
				*dst = append(*dst, s)
			}
		}
	}
}

package dmarc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/dkim"
)

// format is one of the records beside DMARC that share its form: a version, then fields.
type format struct {
	name    string   // for people
	version string   // with the v=
	not     Code     // of the error for a text that is no such record
	own     []string // names of the fields that it knows
	// White space may stand around = (RFC 6376 3.2), and in the values of fields that it does not know. The ABNF of the RFCs 8460 and
	// 8461 has none, and wants one octet at least in such values, none of them an =.
	loose bool
}

// is reports whether receivers take a text for a record of the format: it begins with the version and a semicolon.
func (f format) is(text string) bool {
	rest, ok := strings.CutPrefix(text, f.version)
	if !ok && f.loose {
		name, value, _ := strings.Cut(f.version, "=")
		first, _, semicolon := strings.Cut(text, ";")
		n, v, _ := strings.Cut(first, "=")
		return semicolon && strings.EqualFold(strings.TrimRight(n, space), name) && strings.Trim(v, space) == value
	}
	return ok && strings.HasPrefix(strings.TrimLeft(rest, " \t"), ";")
}

// fields returns the fields behind the version, names in lower case for the loose format and as written else. Two of one name are
// an error, as are two semicolons with nothing between and characters that cannot stand in DNS text.
func (f format) fields(text string) ([]dkim.Tag, error) {
	if !f.is(text) {
		return nil, &Error{Code: f.not, Value: clip(text), Reason: fmt.Sprintf("the text does not begin with %s;", f.version)}
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r > '~' || r < ' ' && r != '\t' }); i >= 0 {
		return nil, &Error{Code: CodeBadText, Value: clip(text), Offset: i, Reason: f.name + ": only printing ASCII can stand in the record"}
	}
	var out []dkim.Tag
	seen := map[string]bool{}
	for t := range dkim.ScanTags(text) {
		switch {
		case t.Off == 0:
			continue
		case t.Blank() && t.Off+len(t.Raw) == len(text): // the closing semicolon
			continue
		case t.Blank():
			return nil, &Error{Code: CodeEmptyTag, Offset: t.Off, Reason: f.name + ": there is nothing between two semicolons"}
		}
		if t.Name == "" {
			t = extension(t)
		}
		raw := strings.Trim(t.Raw, " \t")
		if t.Name == "" || !f.loose && !strings.HasPrefix(raw, t.Name+"="+t.Value) {
			return nil, &Error{Code: CodeNotTag, Value: clip(raw), Offset: t.Off, Reason: fmt.Sprintf("%s: %q is no name=value", f.name, clip(raw))}
		}
		if !f.loose && !slices.Contains(f.own, t.Name) && (t.Value == "" || strings.ContainsAny(t.Value, " \t=")) {
			return nil, f.invalid(CodeNotTag, t, "the value of %s is empty, or has a space or an = in it", clip(t.Name))
		}
		if f.loose {
			t.Name = strings.ToLower(t.Name)
		}
		if seen[t.Name] || strings.EqualFold(t.Name, "v") {
			return nil, &Error{Code: CodeDuplicate, Tag: t.Name, Offset: t.Off, Reason: fmt.Sprintf("%s: %s stands twice", f.name, clip(t.Name))}
		}
		seen[t.Name] = true
		out = append(out, t)
	}
	return out, nil
}

// extension reads a field whose name no tag-list has: one of RFC 8460 and RFC 8461 may begin with a digit, and hold - and a dot.
func extension(t dkim.Tag) dkim.Tag {
	name, value, ok := strings.Cut(t.Raw, "=")
	name = strings.Trim(name, space)
	if ok && name != "" && len(name) <= 32 && isLetterOrDigit(name[0]) && isName("a"+strings.NewReplacer("-", "_", ".", "_").Replace(name)) {
		lead := len(value) - len(strings.TrimLeft(value, space))
		t.Name, t.Value, t.ValueOff = name, strings.Trim(value, space), t.Off+strings.IndexByte(t.Raw, '=')+1+lead
	}
	return t
}

func isLetterOrDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// needed is the error for a record without the one tag that makes it say something.
func (f format) needed(tag, why string) error {
	return &Error{Code: CodeNeeded, Tag: tag, Reason: fmt.Sprintf("%s: %s is missing: %s", f.name, tag, why)}
}

// invalid is the error for a value that receivers cannot use.
func (f format) invalid(code Code, t dkim.Tag, format string, args ...any) error {
	return &Error{Code: code, Tag: t.Name, Value: clip(t.Value), Offset: t.ValueOff, Reason: f.name + ": " + fmt.Sprintf(format, args...)}
}

// others returns the fields with names that the format does not know, as name=value in their order.
func (f format) others(fields []dkim.Tag) []string {
	var out []string
	for _, t := range fields {
		if !slices.Contains(f.own, t.Name) {
			out = append(out, t.Name+"="+t.Value)
		}
	}
	return out
}

package dkim

import "strings"

// Clean undoes what panels and people do to a key record on its way into DNS: quotation marks and backslashes of a zone file that
// became part of the value, the "" and " " where strings meet, and spaces within the key. It says what it undid, and nothing where
// nothing was to undo. What is left may still be broken; [ParseKey] tells. Cleaning twice gives the same as cleaning once.
//
// Quotation marks and backslashes are left alone in a text that is a key record as it stands, where they can only be notes.
func Clean(txt string) (string, []Finding) {
	var found []Finding
	out := strings.Trim(txt, fws)
	if _, err := parseKey(out); err != nil {
		out, found = unspell(out)
	}
	if out = strings.Trim(out, fws); len(out) < len(txt) && len(found) == 0 {
		found = append(found, hint(CodeOuterSpace, "store the value without the spaces around it", "there is white space around the value"))
	}
	joined, spaces := unspace(out)
	if spaces > 0 {
		found = append(found, hint(CodeSpaces, "join the strings with nothing between them",
			"%s of white space within a tag, as of strings that were joined with spaces", octets(spaces)))
	}
	return joined, found
}

// unspell resolves backslashes and removes quotation marks with the white space between two of them. None of either is left, so a
// second run finds nothing.
func unspell(txt string) (string, []Finding) {
	var found []Finding
	txt, escapes := withoutEscapes(txt)
	txt, outer, inner := withoutQuotes(txt)
	if outer > 0 {
		found = append(found, broken(CodeQuotesStored, "store the value without the quotation marks around it",
			"quotation marks around the value were stored as a part of it"))
	}
	if inner > 0 {
		found = append(found, broken(CodeInnerQuotes, "store one value without quotation marks; the host cuts it into strings itself",
			"quotation marks were stored within the value, as where two strings meet"))
	}
	if escapes > 0 {
		found = append(found, broken(CodeEscapes, "store the value as the signer shows it, without backslashes",
			"backslashes of a zone file were stored as a part of the value"))
	}
	return txt, found
}

// withoutQuotes removes quotation marks and counts how often they stood around the text and how often within.
func withoutQuotes(txt string) (out string, outer, inner int) {
	if !strings.Contains(txt, `"`) {
		return txt, 0, 0
	}
	b := make([]byte, 0, len(txt))
	end := len(strings.TrimRight(txt, fws+`"`))
	for i := 0; i < len(txt); i++ {
		if txt[i] != '"' {
			b = append(b, txt[i])
			continue
		}
		gap := i + 1 + leadingSpace(txt[i+1:])
		switch {
		case len(b) == 0 || i >= end:
			outer++
		case txt[gap] == '"': // the end of one string and the start of the next
			inner++
			i = gap
		default:
			inner++
		}
	}
	return string(b), outer, inner
}

// withoutEscapes resolves the backslashes of a zone file. One that stands for itself is dropped: no key record has any.
func withoutEscapes(txt string) (out string, count int) {
	if !strings.Contains(txt, `\`) {
		return txt, 0
	}
	b := make([]byte, 0, len(txt))
	for i := 0; i < len(txt); {
		if txt[i] != '\\' {
			b = append(b, txt[i])
			i++
			continue
		}
		count++
		c, n := unescape(txt[i:])
		if c != '\\' && n > 1 {
			b = append(b, c)
		}
		i += n
	}
	return string(b), count
}

// unescape returns the octet that the backslash at the start of s stands for and how many octets of s that takes: \DDD or \X
// (RFC 1035 5.1). A backslash at the end takes one octet and stands for nothing.
func unescape(s string) (c byte, n int) {
	if len(s) >= 4 && isDigit(s[1]) && isDigit(s[2]) && isDigit(s[3]) {
		if v := int(s[1]-'0')*100 + int(s[2]-'0')*10 + int(s[3]-'0'); v <= 0xff {
			return byte(v), 4
		}
	}
	if len(s) >= 2 {
		return s[1], 2
	}
	return 0, 1
}

// unspace removes the white space within the values of p, and of v and k where that makes a known word of them. n is how many
// octets it removed.
func unspace(txt string) (out string, n int) {
	var b strings.Builder
	for t := range ScanTags(txt) {
		if t.Off > 0 {
			b.WriteByte(';')
		}
		value := t.Value
		switch name := strings.ToLower(t.Name); name {
		case "p":
			value = withoutSpace(value)
		case "v", "k":
			word := withoutSpace(value)
			if name == "v" && word == "DKIM1" || name == "k" && (strings.EqualFold(word, typeRSA) || strings.EqualFold(word, typeEd25519)) {
				value = word
			}
		}
		if len(value) == len(t.Value) {
			b.WriteString(t.Raw)
			continue
		}
		at := t.ValueOff - t.Off
		b.WriteString(t.Raw[:at] + value + t.Raw[at+len(t.Value):])
		n += len(t.Value) - len(value)
	}
	if n == 0 {
		return txt, 0
	}
	return b.String(), n
}

package entri

import (
	"bytes"
	"slices"
	"strings"
)

// expand replaces the variables of text, once: what a variable stands for is
// not looked at again. Braces that enclose no name are text, and so are the
// macros of SPF (RFC 7208 section 7): "%{i}" is none of ours.
func (v values) expand(text string) (string, *fault) {
	var out []byte
	for rest := text; rest != ""; {
		at := strings.IndexByte(rest, '{')
		if at < 0 {
			out = append(out, rest...)
			break
		}
		out = append(out, rest[:at]...)
		macro := 0
		if at > 0 && rest[at-1] == '%' {
			macro = spfMacro(rest[at:])
		}
		rest = rest[at:]
		if macro > 0 {
			out = append(out, rest[:macro]...)
			rest = rest[macro:]
			continue
		}
		name := word(rest[1:])
		end := len(name) + 1
		if name == "" || end == len(rest) || rest[end] != '}' {
			if slices.Contains(Variables(), name) {
				return "", faultf(Invalid, rest[:end], "the brace is not closed; write {%s}", name)
			}
			out = append(out, '{')
			rest = rest[1:]
			continue
		}
		replacement, f := v.lookup(name)
		if f != nil {
			return "", f
		}
		rest = rest[end+1:]
		if replacement == "" {
			out, rest = closeGap(out, rest)
		}
		out = append(out, replacement...)
	}
	if left := leftover(string(out)); left != "" {
		return "", faultf(Invalid, text, "leaves %s standing, which reads as a variable; write it with single braces", left)
	}
	return string(out), nil
}

// closeGap joins what stands around a variable that is empty. Of the dots
// around it one stays between two labels, of the spaces one between two words,
// and none at an end.
func closeGap(before []byte, after string) ([]byte, string) {
	for _, sep := range []byte{'.', ' '} {
		left := bytes.TrimRight(before, string(sep))
		right := strings.TrimLeft(after, string(sep))
		if len(left) == len(before) && len(right) == len(after) {
			continue
		}
		edge := len(left) == 0 || right == "" || sep == '.' && (left[len(left)-1] == ' ' || right[0] == ' ')
		if before, after = left, right; !edge {
			before = append(before, sep)
		}
	}
	return before, after
}

// word is the longest name that s starts with.
func word(s string) string {
	end := 0
	for end < len(s) && plainKey(rune(s[end])) && (end > 0 || s[end] < '0' || s[end] > '9') {
		end++
	}
	return s[:end]
}

// spfMacro is how long the macro is that s starts with, from its brace to its
// brace (RFC 7208 section 7.1); 0 for none. No useful macro is longer than the
// part of s that is looked at, and looking at all of it takes quadratic time.
func spfMacro(s string) int {
	s = s[:min(len(s), 32)]
	end := strings.IndexByte(s, '}')
	if end < 2 || !strings.ContainsRune("slodiphcrtvSLODIPHCRTV", rune(s[1])) {
		return 0
	}
	rest := strings.TrimLeft(s[2:end], "0123456789")
	if rest != "" && (rest[0] == 'r' || rest[0] == 'R') {
		rest = rest[1:]
	}
	if strings.Trim(rest, ".-+,/_=") != "" {
		return 0
	}
	return end + 1
}

// leftover is the first thing in text that still reads as a variable: braces
// around braces can make one ("{{SLD}}").
func leftover(text string) string {
	for i := range len(text) {
		if text[i] != '{' || i > 0 && text[i-1] == '%' && spfMacro(text[i:]) > 0 {
			continue
		}
		name := word(text[i+1:])
		if end := i + 1 + len(name); name != "" && end < len(text) && text[end] == '}' {
			return text[i : end+1]
		}
	}
	return ""
}

package spf

import "strings"

// Names of mechanisms and modifiers as kindOfKey takes them.
const (
	keyAll      = 'a'<<16 | 'l'<<8 | 'l'
	keyA        = 'a'
	keyMX       = 'm'<<8 | 'x'
	keyPTR      = 'p'<<16 | 't'<<8 | 'r'
	keyIP4      = 'i'<<16 | 'p'<<8 | '4'
	keyIP6      = 'i'<<16 | 'p'<<8 | '6'
	keyExp      = 'e'<<16 | 'x'<<8 | 'p'
	keyExists   = 'e'<<40 | 'x'<<32 | 'i'<<24 | 's'<<16 | 't'<<8 | 's'
	keyInclude  = 'i'<<48 | 'n'<<40 | 'c'<<32 | 'l'<<24 | 'u'<<16 | 'd'<<8 | 'e'
	keyRedirect = 'r'<<56 | 'e'<<48 | 'd'<<40 | 'i'<<32 | 'r'<<24 | 'e'<<16 | 'c'<<8 | 't'

	longestName = 8 // octets, what a key holds
)

// mechanism returns the mechanism of that name, in any case, or 0.
func mechanism(name string) Kind {
	var key uint64
	for i := range len(name) {
		if i == longestName || !nameChar(name[i]) {
			return 0
		}
		key = key<<8 | uint64(name[i]|0x20)
	}
	return kindOfKey(key)
}

// kindOfKey is [mechanism] of a name whose octets, in lower case, are those
// of key. Setting 0x20 lower-cases letters and makes a letter of nothing else.
func kindOfKey(key uint64) Kind {
	switch key {
	case keyAll:
		return All
	case keyInclude:
		return Include
	case keyA:
		return A
	case keyMX:
		return MX
	case keyPTR:
		return PTR
	case keyIP4:
		return IP4
	case keyIP6:
		return IP6
	case keyExists:
		return Exists
	}
	return 0
}

// nameChar reports whether c may stand in the name of a modifier, and so in
// that of a mechanism.
func nameChar(c byte) bool {
	return letter(c) || digit(c) || c == '-' || c == '_' || c == '.'
}

// noPolicy is what is wrong with a name that severalLabels denies.
const noPolicy = "not a name of several labels"

// severalLabels reports whether name is one that check_host() looks at (RFC
// 7208 section 4.3). In a record no other can be written, but macros make them.
func severalLabels(name string) bool { return strings.IndexByte(name, '.') >= 0 }

// domainName is [domainSpec] for those who know already whether s has a percent
// sign. Without one, only the last label has rules.
func domainName(s string, macros bool) (reason string) {
	if macros {
		return domainSpec(s)
	}
	end := len(s)
	if end > 0 && s[end-1] == '.' {
		end--
	}
	letters := false
	for i := end - 1; i >= 0; i-- {
		switch c := s[i]; {
		case letter(c):
			letters = true
		case c == '-' && i < end-1:
			letters = true // only a label of digits alone is not one
		case digit(c):
		case c == '.' && letters && s[i+1] != '-':
			return ""
		default:
			return "not a domain name"
		}
	}
	return "not a domain name"
}

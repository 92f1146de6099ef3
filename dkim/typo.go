package dkim

import "strings"

// maxTypos bounds the findings about one record.
const maxTypos = 3

// typos finds tags that verifiers ignore and that were probably meant as another one. Tags that mean nothing to anybody, such as
// those that mark the maker of a key, are none.
func typos(txt string) []Finding {
	var out []Finding
	for t := range ScanTags(txt) {
		meant := meantTag(t)
		if meant == "" {
			continue
		}
		out = append(out, hint(CodeTypo, "write "+meant+" in place of "+clip(t.Name),
			"verifiers do not know the tag %s and ignore it; %s was probably meant", clip(t.Name), meant))
		if len(out) == maxTypos {
			break
		}
	}
	return out
}

// meantTag returns the tag that an unknown one was probably meant as; empty for a known one and where nothing is probable. The
// known ones are those of RFC 6376 3.6.1, and g, which RFC 4871 had.
func meantTag(t Tag) string {
	const known = "vghknpst"
	if t.Name == "" || len(t.Name) > len("key") || len(t.Name) == 1 && strings.Contains(known, t.Name) {
		return ""
	}
	lower := strings.ToLower(t.Name)
	switch value := strings.ToLower(t.Value); {
	case len(lower) == 1 && strings.Contains(known, lower): // names of tags have case
		return lower
	case value == typeRSA, value == typeEd25519:
		return "k"
	case value == "dkim1":
		return "v"
	case value == "sha256", value == "sha1", value == "sha1:sha256", value == "sha256:sha1":
		return "h"
	case value == "email":
		return "s"
	case isRSAStart(t.Value) && len(t.Value) > 100:
		return "p"
	}
	return ""
}

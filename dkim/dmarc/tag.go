package dmarc

import "strings"

// tagID tells the tags that either document knows, whatever the case of their names.
type tagID uint8

const (
	tagOther tagID = iota
	tagV
	tagP
	tagSP
	tagNP
	tagPSD
	tagT
	tagADKIM
	tagASPF
	tagRUA
	tagRUF
	tagFO
	tagPCT
	tagRF
	tagRI
)

// tagOf reads the name of a tag, which is ASCII.
func tagOf(name string) tagID {
	var low [5]byte
	if len(name) > len(low) {
		return tagOther
	}
	for i := range len(name) {
		low[i] = name[i] | 0x20
	}
	switch string(low[:len(name)]) {
	case "v":
		return tagV
	case "p":
		return tagP
	case "sp":
		return tagSP
	case "np":
		return tagNP
	case "psd":
		return tagPSD
	case "t":
		return tagT
	case "adkim":
		return tagADKIM
	case "aspf":
		return tagASPF
	case "rua":
		return tagRUA
	case "ruf":
		return tagRUF
	case "fo":
		return tagFO
	case "pct":
		return tagPCT
	case "rf":
		return tagRF
	case "ri":
		return tagRI
	default:
		return tagOther
	}
}

// seen is the names of the tags so far.
type seen struct {
	known uint32 // a bit for each tagID
	other map[string]struct{}
	late  bool // p is not the second tag
}

func (s *seen) has(id tagID) bool { return s.known&(1<<id) != 0 }

// again notes a name and reports whether it was there before.
func (s *seen) again(id tagID, name string) bool {
	if id != tagOther {
		was := s.has(id)
		s.known |= 1 << id
		return was
	}
	name = strings.ToLower(name)
	_, was := s.other[name]
	if s.other == nil {
		s.other = map[string]struct{}{}
	}
	s.other[name] = struct{}{}
	return was
}

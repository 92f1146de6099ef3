package spf

// termSet is terms that a person named, to be found in a record in any
// spelling.
type termSet struct {
	domain string
	texts  []string
	canon  map[string]bool // whether it was found
	all    bool            // every term is meant
}

// matchTerms makes a set of the terms named.
func matchTerms(domain string, texts []string) *termSet {
	s := &termSet{domain: domain, texts: texts, canon: map[string]bool{}}
	for _, text := range texts {
		s.canon[s.key(text)] = false
	}
	return s
}

func (s *termSet) key(text string) string {
	if t, ok := termOf(text); ok {
		return string(appendTerm(nil, t, s.domain))
	}
	return text
}

// take reports whether t is in the set and notes that it was found.
func (s *termSet) take(t Term) bool {
	if s.all {
		return true
	}
	if len(s.canon) == 0 {
		return false
	}
	key := string(appendTerm(nil, t, s.domain))
	if _, ok := s.canon[key]; !ok {
		return false
	}
	s.canon[key] = true
	return true
}

// missing returns the texts that were not found.
func (s *termSet) missing() []string {
	var out []string
	for _, text := range s.texts {
		if !s.canon[s.key(text)] {
			out = append(out, text)
		}
	}
	return out
}

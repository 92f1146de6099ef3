package namecheap

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/mooring-dns/mooring/providers"
)

// What is kept of a text that the host sends, in octets. The key is looked for
// in what is searched; the end of that may hold half a key, and is not shown.
const (
	longest  = 1000
	searched = 16 << 10
	border   = 4 << 10
)

// plain is an error without the key, which a host might put into anything that
// it answers, and without more of its text than somebody would read.
func (s *session) plain(err error) error {
	e, ok := errors.AsType[*providers.Error](err)
	if !ok || e.Err == nil {
		return err
	}
	text := e.Err.Error()
	clean := s.redact(text[:min(len(text), searched)])
	if len(text) > searched {
		clean = clean[:max(0, len(clean)-border)]
	}
	if len(clean) > longest || len(text) > searched {
		end := min(longest, len(clean))
		for end > 0 && end < len(clean) && !utf8.RuneStart(clean[end]) {
			end--
		}
		clean = fmt.Sprintf("%s… (%d octets)", clean[:end], len(text))
	}
	if clean == text {
		return err
	}
	c := *e
	c.Err = errors.New(clean)
	return &c
}

// redact is a text without the key.
func (s *session) redact(text string) string {
	const key = "api_key"
	return providers.Credentials{key: s.key}.Redact([]providers.Field{{Name: key, Secret: true}}, text)
}

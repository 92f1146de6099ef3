package godaddy

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
)

// The endpoints. Keys of one are not known at the other.
const (
	Production = "https://api.godaddy.com"
	OTE        = "https://api.ote-godaddy.com" // GoDaddy's test environment, with domains of its own
)

// Driver speaks to GoDaddy. The zero value works.
type Driver struct {
	// Endpoint is the base URL of the API. "": Production. It must be https,
	// but for an address of this machine.
	Endpoint string
	// HTTP is what requests are sent with. nil: a client that all drivers share.
	HTTP *http.Client
}

func (d Driver) Info() providers.Info {
	i := providers.Known("godaddy")
	i.Fields = fields()
	i.Caps = caps()
	return i
}

// keysURL is where a customer makes keys and tokens.
const keysURL = "https://developer.godaddy.com/keys"

// fields takes the classic pair of key and secret and, in the key's place, a
// Personal Access Token, which replaces the pair: GoDaddy takes both for this
// version of the API, and no longer the pair from 2027 on
// (https://developer.godaddy.com/en/docs/api-users/auth, by way of
// https://github.com/rmbolger/Posh-ACME/issues/686).
func fields() []providers.Field {
	return []providers.Field{
		{
			Name: "api_key", Label: "API key or Personal Access Token", Secret: true, URL: keysURL,
			Help: "Make a Personal Access Token with the scope domains.dns:update, or a key of the environment Production. " +
				"GoDaddy may ask for ten domains or a Discount Domain Club membership.",
		},
		{
			Name: "api_secret", Label: "API secret", Secret: true, Optional: true, URL: keysURL,
			Help: "Shown once, with the key. Leave it empty with a Personal Access Token.",
		},
	}
}

// Open checks the form of the credentials. Whether they are the right ones the
// first request shows.
func (d Driver) Open(c providers.Credentials) (providers.Session, error) {
	if err := c.Missing(fields()); err != nil {
		return nil, err
	}
	key, secret := strings.TrimSpace(c["api_key"]), strings.TrimSpace(c["api_secret"])
	for name, v := range map[string]string{"api_key": key, "api_secret": secret} {
		if strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, fail(providers.InvalidCredentials, "%s: it holds a space or a character that no key has: copy it again", name)
		}
	}
	if secret != "" && strings.Contains(key, ":") {
		return nil, fail(providers.InvalidCredentials, "api_key: it holds a colon, as if key and secret were both in it")
	}
	endpoint, err := httpapi.Endpoint(d.Endpoint, Production)
	if err != nil {
		return nil, err
	}
	s := &session{api: httpapi.Client{Endpoint: endpoint, HTTP: d.HTTP}, auth: "Bearer " + key, secrets: []string{key}}
	if secret != "" {
		s.auth, s.secrets = "sso-key "+key+":"+secret, append(s.secrets, secret)
	}
	return s, nil
}

// session is one customer's key.
type session struct {
	api     httpapi.Client
	auth    string // the Authorization header
	secrets []string
}

// Format keeps the credentials from being printed along.
func (s *session) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "session at GoDaddy") }

// fail is an error after which nothing was written.
func fail(code providers.Code, format string, args ...any) *providers.Error {
	return &providers.Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// clean is an error without the secrets of the session: the host may repeat
// what it was sent.
func (s *session) clean(e *providers.Error) *providers.Error {
	if text := s.scrub(e.Err.Error()); text != e.Err.Error() {
		e.Err = errors.New(text)
	}
	return e
}

func (s *session) scrub(text string) string {
	for _, secret := range s.secrets {
		if len(secret) > 3 { // a shorter one is in every word
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	return text
}

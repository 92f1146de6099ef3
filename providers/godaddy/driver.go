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
// Personal Access Token, which GoDaddy has given out in its stead since July
// 2026 (https://github.com/certbot/certbot/issues/10733, which also has the scope
// and the header). The pair is said to end with 2026
// (https://developer.godaddy.com/en/docs/api-users/auth, as told in
// https://github.com/rmbolger/Posh-ACME/issues/686). That issue asks whether
// tokens are taken by this version of the API; no source that was read answers
// it in words.
func fields() []providers.Field {
	return []providers.Field{
		{
			Name: "api_key", Label: "API key or Personal Access Token", Secret: true, URL: keysURL,
			Help: "Make a Personal Access Token with the scope domains.dns:update, or a key of the environment Production. " +
				"GoDaddy may close its API to accounts with few domains.",
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
	if k, v, both := strings.Cut(key, ":"); both && secret == "" { // as the libdns module takes the pair
		key, secret = k, v
		if key == "" || secret == "" {
			return nil, fail(providers.InvalidCredentials, "api_key: it holds a colon, and key or secret is missing beside it")
		}
	}
	for name, v := range map[string]string{"api_key": key, "api_secret": secret} {
		if strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, fail(providers.InvalidCredentials, "%s: it holds a space or a character that no key has: copy it again", name)
		}
	}
	if strings.Contains(key, ":") {
		return nil, fail(providers.InvalidCredentials, "api_key: it holds a colon, as if key and secret were both in it")
	}
	endpoint, err := httpapi.Endpoint(d.Endpoint, Production)
	if err != nil {
		return nil, err
	}
	s := &session{
		api: httpapi.Client{Endpoint: endpoint, HTTP: d.HTTP}, auth: "Bearer " + key, token: true,
		creds: providers.Credentials{"api_key": key, "api_secret": secret},
	}
	if secret != "" {
		s.auth, s.token = "sso-key "+key+":"+secret, false
	}
	return s, nil
}

// session is one customer's key.
type session struct {
	api   httpapi.Client
	auth  string // the Authorization header
	token bool   // it is that of a Personal Access Token
	creds providers.Credentials
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

func (s *session) scrub(text string) string { return s.creds.Redact(fields(), text) }

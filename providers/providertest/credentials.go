package providertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/mooring-dns/mooring/providers"
)

// canary is a wrong secret of a form that most fields accept: it is text,
// base64 and long.
const canary = "Q2FuYXJ5VmFsdWVUaGF0TXVzdE5vdEJlU2Vlbi4u"

var credentialCases = []Case{
	{"info", "Info is constant and complete: an id, a name, labelled fields, a known grain.", info},
	{"credential-missing", "Open refuses a missing credential with InvalidCredentials, without asking the host.", credentialMissing},
	{"credential-wrong", "A wrong secret is InvalidCredentials, from Open or from the first request.", credentialWrong},
	{"credential-secret", "No secret appears in an error.", credentialSecret},
	{"credential-print", "Credentials print as [redacted] however they are printed.", credentialPrint},
}

func info(e *env) error {
	a, b := e.driver.Info(), e.driver.Info()
	ja, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if jb, err := json.Marshal(b); err != nil || string(ja) != string(jb) {
		return errors.New("two calls of Info differ")
	}
	if a.ID == "" || a.ID != strings.ToLower(a.ID) || a.Name == "" {
		return fmt.Errorf("id %q, name %q: want a lower-case id and a name", a.ID, a.Name)
	}
	for _, f := range a.Fields {
		if f.Name == "" || f.Label == "" {
			return fmt.Errorf("field %+v: want a name and a label", f)
		}
	}
	for _, g := range []providers.Grain{a.Caps.Grain, e.zone.Caps.Grain} {
		switch g {
		case providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone:
		default:
			return fmt.Errorf("grain %q: want record, rrset, batch or zone", g)
		}
	}
	return nil
}

func credentialMissing(e *env) error {
	required := 0
	for _, f := range e.driver.Info().Fields {
		if f.Optional {
			continue
		}
		required++
		c := maps.Clone(e.creds)
		delete(c, f.Name)
		_, err := e.driver.Open(c)
		if err := typed(err, providers.InvalidCredentials); err != nil {
			return fmt.Errorf("without %s: %w", f.Name, err)
		}
	}
	if required == 0 {
		return notHere("the driver asks for no credential")
	}
	return nil
}

// withCanary tries each secret field with a wrong value and hands over the
// error of Open or Find.
func (e *env) withCanary(judge func(field string, err error) error) error {
	return e.withWrong(func(s providers.Session) error { _, err := s.Find(e.ctx(), e.apex); return err }, judge)
}

// withWrong is withCanary for any first request.
func (e *env) withWrong(request func(providers.Session) error, judge func(field string, err error) error) error {
	secret := 0
	for _, f := range e.driver.Info().Fields {
		if !f.Secret {
			continue
		}
		secret++
		c := maps.Clone(e.creds)
		c[f.Name] = canary
		s, err := e.driver.Open(c)
		if err == nil {
			err = request(s)
		}
		if err := judge(f.Name, err); err != nil {
			return fmt.Errorf("with a wrong %s: %w", f.Name, err)
		}
	}
	if secret == 0 {
		return notHere("the driver has no secret credential")
	}
	return nil
}

func credentialWrong(e *env) error {
	return e.withCanary(func(_ string, err error) error { return typed(err, providers.InvalidCredentials) })
}

func credentialSecret(e *env) error {
	clean := func(err error) error {
		for _, text := range []string{fmt.Sprintf("%v", err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
			if strings.Contains(text, canary) {
				return errors.New("an error shows the secret it was given")
			}
			for _, f := range e.driver.Info().Fields {
				if f.Secret && strings.Contains(text, e.creds[f.Name]) {
					return errors.New("an error shows the valid secret")
				}
			}
		}
		return nil
	}
	// Errors of many kinds, with the right secret and with a wrong one.
	ended, cancel := context.WithCancel(e.ctx())
	cancel()
	_, err1 := e.session.Find(ended, e.apex)
	_, err2 := e.session.Find(e.ctx(), "no-such-zone.invalid")
	_, err3 := e.session.Read(ended, e.zone)
	for _, err := range []error{err1, err2, err3} {
		if bad := clean(err); bad != nil {
			return bad
		}
	}
	return e.withCanary(func(_ string, err error) error { return clean(err) })
}

func credentialPrint(e *env) error {
	js, err := json.Marshal(e.creds)
	if err != nil {
		return err
	}
	for _, text := range []string{fmt.Sprint(e.creds), fmt.Sprintf("%+v %#v %s %q %x", e.creds, e.creds, e.creds, e.creds, e.creds), string(js)} {
		for k, v := range e.creds {
			if v != "" && strings.Contains(text, v) {
				return fmt.Errorf("the value of %s is printed", k)
			}
		}
	}
	return nil
}

package providers_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// The canary is two halves, as some hosts hand their credentials out, with
// everything in them that some spelling escapes. mark is in each half and no
// spelling but base64 changes it.
const (
	mark       = "c4naryc4nary"
	canaryKey  = "k/" + mark + `+"Ä`
	canaryHalf = `<s&` + mark + `/=\é`
	canary     = canaryKey + ":" + canaryHalf
)

// canaryForms is how drivers, clients and hosts spell a credential.
func canaryForms() map[string]string {
	forms := map[string]string{}
	for name, v := range map[string]string{"whole": canary, "key": canaryKey, "secret": canaryHalf} {
		quoted, _ := json.Marshal(v)
		forms[name] = v
		forms[name+" in a URL's query"] = url.QueryEscape(v)
		forms[name+" in a URL's path"] = url.PathEscape(v)
		forms[name+" quoted"] = fmt.Sprintf("%q", v)
		forms[name+" in JSON"] = string(quoted)
		forms[name+" in HTML"] = html.EscapeString(v)
		forms[name+" in base64"] = base64.StdEncoding.EncodeToString([]byte(v))
		forms[name+" in base64 for URLs"] = base64.RawURLEncoding.EncodeToString([]byte(v))
		for _, user := range []string{"u", "us", "use", "user"} {
			forms[name+" in basic authentication of "+user] = "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+v))
			forms[name+" before "+user] = base64.StdEncoding.EncodeToString([]byte(v + ":" + user))
		}
	}
	return forms
}

var base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{12,}`)

// sings reports whether the canary can be read from a text.
func sings(text string) bool {
	if strings.Contains(text, mark) {
		return true
	}
	standard := strings.NewReplacer("-", "+", "_", "/")
	for _, run := range base64Run.FindAllString(text, -1) {
		for from := range 4 {
			cut := standard.Replace(run[from:])
			raw, _ := base64.RawStdEncoding.DecodeString(cut[:len(cut)/4*4])
			if bytes.Contains(raw, []byte(mark)) {
				return true
			}
		}
	}
	return false
}

// TestCanarySings: what looks for the canary finds it in every form.
func TestCanarySings(t *testing.T) {
	for name, form := range canaryForms() {
		if text := `{"text":` + strconv.Quote("401: "+form+" is wrong") + "}"; !sings(text) {
			t.Errorf("%s is not found in %s", name, text)
		}
	}
	if sings("an innocent text, c4nary and AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") {
		t.Error("it is found where it is not")
	}
}

// cage collects everything that somebody could read.
type cage struct{ texts map[string]string }

func (c *cage) add(where string, v any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s"} {
		c.texts[where+" "+verb] = fmt.Sprintf(verb, v)
	}
	for name, h := range map[string]func(io.Writer) slog.Handler{
		"slog JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
		"slog text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
	} {
		var b bytes.Buffer
		slog.New(h(&b)).Info("event", "v", v)
		c.texts[where+" "+name] = b.String()
	}
	if text, err := json.Marshal(v); err == nil {
		c.texts[where+" JSON"] = string(text)
	}
}

// addError adds an error and all that it wraps, and its *Error as a value.
func (c *cage) addError(where string, err error) {
	for e := err; e != nil; e = errors.Unwrap(e) {
		c.add(where, e)
	}
	if e, ok := errors.AsType[*providers.Error](err); ok {
		c.add(where+" value", *e)
	}
}

func (c *cage) addFiles(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		c.texts["file "+path] = path + string(text)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// printing collects what f prints.
func (c *cage) printing(t *testing.T, f func()) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "printed"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stdout, stderr, logger := os.Stdout, os.Stderr, slog.Default()
	os.Stdout, os.Stderr = file, file
	log.SetOutput(file)
	slog.SetDefault(slog.New(slog.NewTextHandler(file, nil)))
	defer func() {
		os.Stdout, os.Stderr = stdout, stderr
		slog.SetDefault(logger)
		log.SetOutput(stderr)
	}()
	f()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Error(err)
	}
	c.texts["printed"] = string(text)
}

// leaks is the ways in which a driver with faults puts a credential into an
// error or a panic.
func leaks(form string) map[string]func() error {
	return map[string]func() error{
		"plain": func() error { return fmt.Errorf("401: token %s is wrong", form) },
		"typed": func() error {
			return &providers.Error{Code: providers.AccessDenied, Err: fmt.Errorf("get https://host.example/?token=%s: denied", form)}
		},
		"wrapped": func() error {
			return fmt.Errorf("with %s: %w", form, &providers.Error{Code: providers.Conflict, Err: fmt.Errorf("token %s", form)})
		},
		"challenge": func() error {
			return &providers.Error{Code: providers.Challenge, Prompt: "the code for " + form, State: []byte("state " + form)}
		},
		"code": func() error { return &providers.Error{Code: providers.Code(form), Reason: providers.Reason(form)} },
		"lost": func() error {
			return &providers.Error{Code: providers.Timeout, Wrote: providers.WroteUnknown, Err: errors.New(form)}
		},
		"joined":    func() error { return errors.Join(errors.New("a"), errors.New(form)) },
		"panic":     func() error { panic("bad token " + form) },
		"error":     func() error { panic(fmt.Errorf("bad token %s", form)) },
		"any value": func() error { panic(struct{ Token string }{form}) },
	}
}

// TestCanaryErrors: a driver that puts its credential into every error and
// panic of every method harms nobody but itself.
func TestCanaryErrors(t *testing.T) {
	forms, methods := canaryForms(), []string{"Find", "Write"}
	if os.Getenv("MOORING_LONG") != "1" { // all at once, not one after the other
		forms = map[string]string{"every form": strings.Join(slices.Sorted(maps.Values(forms)), " ")}
		methods = []string{"Open", "Find", "Check", "Read", "Write"}
	}
	for spelled, form := range forms {
		for kind, leak := range leaks(form) {
			for _, method := range methods {
				c := &cage{texts: map[string]string{}}
				dir := t.TempDir()
				c.printing(t, func() { c.walk(t, dir, method, leak) })
				c.addFiles(t, dir)
				for where, text := range c.texts {
					if sings(text) {
						t.Fatalf("%s, %s in %s: the canary is in %s: %s", spelled, kind, method, where, text)
					}
				}
			}
		}
	}
}

// walk does everything with an account whose driver leaks in one method.
func (c *cage) walk(t *testing.T, dir, method string, leak func() error) {
	t.Helper()
	host := memoryHost(t, providers.Caps{Grain: providers.GrainRRset})
	wrote := false
	d := hooked{
		Driver: host.Driver(),
		info: func(i *providers.Info) {
			i.Fields = []providers.Field{{Name: "token", Secret: true}}
		},
		hook: func(_ context.Context, m string, _ providers.Credentials) error {
			switch {
			case m == "Write":
				wrote = true
			case m == "Read" && method == "Read" && !wrote:
				return nil // it leaks when it reads back
			}
			if m == method {
				return leak()
			}
			return nil
		},
	}
	creds := providers.Credentials{"token": canary}
	var limits providers.Limits
	journal := providers.JournalDir(dir)
	acct, err := providers.Open(d, creds, providers.Options{Journal: journal, Lost: 1, ReadBack: time.Millisecond, Limits: &limits})
	c.add("credentials", creds)
	c.addError("Open", err)
	if method == "Open" {
		if err == nil {
			t.Error("the driver did not leak")
		}
		return
	}
	c.add("account", acct)
	z, err := acct.Find(t.Context(), apex)
	c.addError("Find", err)
	c.addError("Check", acct.Check(t.Context()))
	if z.ID == "" {
		z = providers.Zone{ID: "memory:" + string(apex), Apex: apex, Caps: providers.Caps{Grain: providers.GrainRRset}}
	}
	run := &providers.Run{}
	outcomes := acct.Apply(t.Context(), z, threeChanges(t), run)
	c.add("outcomes", outcomes)
	c.add("run", *run)
	_, err = acct.Read(t.Context(), z)
	c.addError("Read", err)
	_, err = acct.Transact(t.Context(), z, func(zone.Snapshot) ([]zone.Change, *providers.Run, error) { return nil, run, nil })
	c.addError("Transact", err)
	recovered, err := acct.RecoverAll(t.Context(), z)
	c.addError("RecoverAll", err)
	for _, r := range recovered {
		c.add("recovered", r)
		c.addError("Recover", r.Err)
	}
}

// telling is a driver that puts its credential into what it says of a zone.
type telling struct {
	memory.Driver
	zone func(*providers.Zone)
	snap func(*zone.Snapshot)
}

func (d telling) Info() providers.Info {
	i := d.Driver.Info()
	i.Fields = []providers.Field{{Name: "token", Secret: true}}
	return i
}

func (d telling) Open(providers.Credentials) (providers.Session, error) {
	s, err := d.Driver.Open(nil)
	return tellingSession{s, d}, err
}

type tellingSession struct {
	providers.Session
	d telling
}

func (s tellingSession) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	z, err := s.Session.Find(ctx, apex)
	if s.d.zone != nil {
		s.d.zone(&z)
	}
	return z, err
}

func (s tellingSession) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	snap, err := s.Session.Read(ctx, z)
	if s.d.snap != nil {
		s.d.snap(&snap)
	}
	return snap, err
}

// TestCanaryZone: a zone or a reading that holds the credential is refused,
// since plans and journals would keep it.
func TestCanaryZone(t *testing.T) {
	for name, d := range map[string]telling{
		"the zone's ID":      {zone: func(z *providers.Zone) { z.ID = canary }},
		"a name server":      {zone: func(z *providers.Zone) { z.NameServers = []zone.Name{canary} }},
		"half in the source": {zone: func(z *providers.Zone) { z.Caps.Source = "https://host.example/?key=" + url.QueryEscape(canaryKey) }},
		"a record's Meta": {snap: func(s *zone.Snapshot) {
			s.Records[2].Meta = "auth=" + base64.StdEncoding.EncodeToString([]byte(canary))
		}},
		"the last one's":  {snap: func(s *zone.Snapshot) { s.Records[len(s.Records)-1].Meta = "secret=" + canaryHalf }},
		"the zone's Meta": {snap: func(s *zone.Snapshot) { s.Meta = canary }},
		"the zone's Tag":  {snap: func(s *zone.Snapshot) { s.Tag = canary }},
	} {
		t.Run(name, func(t *testing.T) {
			host := memoryHost(t, providers.Caps{Grain: providers.GrainZone})
			d.Driver = host.Driver()
			c := &cage{texts: map[string]string{}}
			dir := t.TempDir()
			acct, err := providers.Open(d, providers.Credentials{"token": canary}, providers.Options{Journal: providers.JournalDir(dir)})
			if err != nil {
				t.Fatal(err)
			}
			z, err := acct.Find(t.Context(), apex)
			c.addError("Find", err)
			if err == nil {
				c.add("zone", z)
				_, err = acct.Read(t.Context(), z)
				c.addError("Read", err)
				c.add("outcomes", acct.Apply(t.Context(), z, threeChanges(t), &providers.Run{}))
			}
			if providers.CodeOf(err) != providers.Internal || host.Writes() > 0 {
				t.Errorf("got %v, %d writes; want Internal and none", err, host.Writes())
			}
			c.addFiles(t, dir)
			for where, text := range c.texts {
				if sings(text) {
					t.Errorf("the canary is in %s: %s", where, text)
				}
			}
		})
	}
}

// TestShortSecrets: a password that is a word does not make the zone suspicious
// in which it stands.
func TestShortSecrets(t *testing.T) {
	host := memoryHost(t, providers.Caps{})
	for _, password := range []string{"customer", "memory", "a", ""} {
		acct, err := providers.Open(telling{Driver: host.Driver()}, providers.Credentials{"token": "x" + password, "other": password}, providers.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := acct.Find(t.Context(), apex); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}

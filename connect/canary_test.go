package connect_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// The canary is a credential of two halves. canarySong is in each of them, and
// canaryForms what a driver with faults spells of it.
const (
	canarySong = "c4naryc4nary"
	canaryKey  = "k+" + canarySong + `"k`
	canary     = canaryKey + ":/s" + canarySong + "<s"
)

func canaryForms() string {
	quoted, _ := json.Marshal(canary)
	return strings.Join([]string{
		canary, canaryKey, url.QueryEscape(canary), url.PathEscape(canary), fmt.Sprintf("%q", canary), string(quoted),
		base64.StdEncoding.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString([]byte("user:" + canaryKey)),
	}, " ")
}

// sings reports whether the canary can be read from a text.
func sings(text string) bool {
	for _, before := range []string{"", "a", "aa"} { // the three ways in which base64 spells it
		song := base64.RawStdEncoding.EncodeToString([]byte(before + canarySong))
		if strings.Contains(text, song[4:len(song)-2]) {
			return true
		}
	}
	return strings.Contains(text, canarySong)
}

// cuckoo is a driver that puts its credential into what it answers on, an error
// or a panic.
type cuckoo struct {
	memory.Driver
	on   *string // the method
	code providers.Code
}

func (d cuckoo) call(method string) error {
	if *d.on != method {
		return nil
	}
	if d.code == "" {
		panic(errors.New("panic over " + canaryForms()))
	}
	return &providers.Error{
		Code: d.code, Reason: providers.Reason(canary), Prompt: "code for " + canaryForms(), State: []byte(canary),
		Err: errors.New("get https://host.example/: " + canaryForms()),
	}
}

func (d cuckoo) Open(c providers.Credentials) (providers.Session, error) {
	if err := d.call("Open"); err != nil {
		return nil, err
	}
	s, err := d.Driver.Open(c)
	return cuckooSession{s, d}, err
}

type cuckooSession struct {
	providers.Session
	d cuckoo
}

func (s cuckooSession) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	if err := s.d.call("Find"); err != nil {
		return providers.Zone{}, err
	}
	return s.Session.Find(ctx, apex)
}

func (s cuckooSession) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	if err := s.d.call("Read"); err != nil {
		return zone.Snapshot{}, err
	}
	return s.Session.Read(ctx, z)
}

func (s cuckooSession) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	if err := s.d.call("Write"); err != nil {
		return err
	}
	return s.Session.Write(ctx, z, e)
}

// aviary is a walk with the canary as its credential, and all that it lets out.
type aviary struct {
	engine *connect.Engine
	host   *memory.Host
	on     string // the method that leaks
	dir    string // of the journal
	texts  map[string]string
}

func newAviary(t *testing.T, code providers.Code) *aviary {
	t.Helper()
	a := &aviary{dir: t.TempDir(), texts: map[string]string{}}
	w := verifytest.New(t, verifytest.Options{Text: []string{read(t, "zone.txt"), read(t, "app.example.txt")}})
	a.host = memory.New(memory.Options{
		Token: canary, NameServers: []string{"ns?.customer.example"},
		Zones: []zone.Snapshot{zoneOf(t, read(t, "zone.txt"))},
	})
	var err error
	a.engine, err = connect.New(connect.Options{
		Drivers: []providers.Driver{cuckoo{a.host.Driver(), &a.on, code}}, Journal: providers.JournalDir(a.dir), Lost: 1,
		Verify: verify.Options{Start: w.Start(), Map: w.Map, MinDelay: 10 * time.Millisecond, Timeout: patience},
		Event:  func(e connect.Event) { a.note("event", e) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// note keeps what somebody could read of a value.
func (a *aviary) note(where string, v any) {
	text := fmt.Sprintf("%v %+v %#v", v, v, v)
	if js, err := json.Marshal(v); err == nil {
		text += string(js)
	}
	if err, ok := v.(error); ok {
		for ; err != nil; err = errors.Unwrap(err) {
			text += fmt.Sprintf(" %#v", err)
		}
	}
	if p, ok := v.(connect.Plan); ok {
		text += p.Text()
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("event", "v", v)
	slog.New(slog.NewTextHandler(&log, nil)).Info("event", "v", v)
	a.texts[fmt.Sprintf("%s %d", where, len(a.texts))] = text + log.String()
}

func (a *aviary) notes(where string, v any, err error) {
	a.note(where, v)
	if err != nil {
		a.note(where+"'s error", err)
	}
}

// walk goes as far as it can get, and leaks in one method from a stage on.
func (a *aviary) walk(ctx context.Context, t *testing.T, method, stage string) {
	t.Helper()
	creds := providers.Credentials{"token": canary}
	a.note("credentials", creds)
	at := func(now string) {
		if now == stage {
			a.on = method
		}
	}
	site, err := a.engine.Detect(ctx, string(customer))
	if err != nil {
		t.Fatal(err)
	}
	a.note("site", site)
	want := []plan.Intent{plan.TXT("@", "app=1"), plan.SPF("@", "include:_spf.app.customer.example")}
	at("prepare")
	p, err := a.engine.Prepare(ctx, site, creds, want)
	a.notes("plan", p, err)
	at("apply")
	run, err := a.engine.Apply(ctx, creds, p)
	a.notes("run", run, err)
	a.on = ""
	at("recover")
	run, how, err := a.engine.Recover(ctx, creds, run.ID)
	a.notes("recovery "+string(how), run, err)
	recovered, err := a.engine.RecoverAll(ctx, func(context.Context, connect.Site) (providers.Credentials, error) { return creds, nil })
	a.notes("recoveries", recovered, err)
	at("undo")
	p, err = a.engine.Disconnect(ctx, site, creds)
	a.notes("disconnecting plan", p, err)
	run, err = a.engine.Apply(ctx, creds, p)
	a.notes("disconnecting run", run, err)
}

func (a *aviary) silent(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(a.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		a.texts[path] = path + string(text)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for where, text := range a.texts {
		if sings(text) {
			t.Errorf("the canary is in %s: %s", where, text)
		}
	}
}

// TestCanary: no plan, run, event, error or journal of a walk holds the
// credential that it was made with, whatever the driver does.
func TestCanary(t *testing.T) {
	if !sings(canaryForms()) || !sings(base64.StdEncoding.EncodeToString([]byte("user:"+canary))) || sings("c4nary") {
		t.Fatal("what looks for the canary does not find it")
	}
	for _, code := range []providers.Code{"", providers.InvalidCredentials, providers.AccessDenied, providers.Challenge, providers.Invalid} {
		for _, method := range []string{"none", "Open", "Find", "Read", "Write"} {
			for _, stage := range []string{"prepare", "apply", "recover", "undo"} {
				t.Run(fmt.Sprintf("%q in %s at %s", code, method, stage), func(t *testing.T) {
					a := newAviary(t, code)
					a.walk(t.Context(), t, method, stage)
					if len(a.texts) < 10 {
						t.Errorf("only %d texts were seen", len(a.texts))
					}
					if method == "none" && a.host.Writes() < 2 {
						t.Errorf("%d writes: the walk did not get anywhere", a.host.Writes())
					}
					a.silent(t)
				})
			}
		}
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const accountHelp = `{"zone": "test-zone.example", "credentials": {"token": "…"}, "empty": true}
The suite removes every record of that zone, which "empty": true allows. More
cases run with "second", another zone of the account, and "other", another
account {"zone": …, "credentials": …}; these are emptied too.`

// conformance runs the suite on a plugin, through a process as in production.
func conformance(ctx context.Context, t *tool, a *answer) error {
	if t.account == "" {
		return usageError{errors.New("embed: plugins conformance: -account is missing, the file that names a zone to empty")}
	}
	if _, err := providertest.Named(nil, t.account); err != nil { // before anything is started
		return usageError{fmt.Errorf("embed: -account: %w", err)}
	}
	s, end, err := t.stage(ctx)
	defer end()
	if err != nil {
		return err
	}
	host, err := plugins.Load(s.options)
	if err != nil {
		return fmt.Errorf("embed: %w", err)
	}
	defer func() { _ = host.Close() }()
	h, err := providertest.Named(host.Drivers()[0], t.account)
	if err != nil {
		return usageError{fmt.Errorf("embed: -account: %w", err)}
	}
	if err := answers(ctx, h); err != nil {
		return fmt.Errorf("embed: %s: %w", t.account, err)
	}
	given, n := h.New, 0
	h.New = func(tb providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
		n++
		t.step("case %d of %d", n, len(providertest.Cases()))
		return given(tb)
	}
	h.Name = s.ID + "-" + s.Version
	report, err := providertest.Check(ctx, h)
	t.step("")
	a.Report = &report
	if err != nil {
		return fmt.Errorf("embed: %w", err)
	}
	t.say("%s", report.Text())
	if err := t.save(report); err != nil {
		return err
	}
	for _, s := range host.Status() {
		if s.Crashes > 0 {
			fmt.Fprintf(t.progress, "embed: the process of %s ended %d times unasked: %s\n", s.ID, s.Crashes, s.Err)
		}
	}
	return verdict(report)
}

func verdict(r providertest.Report) error {
	if r.Conforms() {
		return nil
	}
	return fmt.Errorf("embed: %s does not conform: %d of %d cases failed", r.Driver, len(r.Of(providertest.Failed)), len(r.Cases))
}

// answers reports what keeps the account from being used at all, lest every
// case say so.
func answers(ctx context.Context, h providertest.Harness) error {
	d, creds, apex := h.New(nil)
	s, err := d.Open(creds)
	if err == nil {
		_, err = s.Find(ctx, apex)
	}
	return err
}

// step overwrites a line of progress, where somebody sees it.
func (t *tool) step(format string, args ...any) {
	if f, ok := t.progress.(*os.File); ok && escapes(f) {
		fmt.Fprintf(f, "\r\x1b[K"+format, args...)
	}
}

// save leaves the report where -report says.
func (t *tool) save(r providertest.Report) error {
	if t.report == "" {
		return nil
	}
	data, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(t.report, 0o755); err != nil {
		return fmt.Errorf("embed: -report: %w", err)
	}
	path := filepath.Join(t.report, r.Name)
	if err := errors.Join(os.WriteFile(path+".json", append(data, '\n'), 0o600), os.WriteFile(path+".txt", []byte(r.Text()), 0o600)); err != nil {
		return fmt.Errorf("embed: -report: %w", err)
	}
	return nil
}

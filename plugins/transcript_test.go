package plugins_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/providertest"
)

// TestTranscript: the suite finds the same of a driver in this process, behind a
// connection in memory, and in a process of its own: no case tells them apart.
func TestTranscript(t *testing.T) {
	carried := carriedDrivers(t)
	for _, d := range transcribed() {
		name := strings.TrimSuffix(d.Info().ID, "-placed")
		t.Run(name, func(t *testing.T) {
			if raced && name != "memory-batch-cas" && name != "godaddy" {
				t.Skip("the race detector looks at one driver of each kind")
			}
			t.Parallel() // the suite waits for hosts that hang
			transcripts(t, name, d, connect(t, d), carried[d.Info().ID])
		})
	}
}

// transcripts compares what the suite finds of one driver in the three ways.
func transcripts(t *testing.T, name string, direct, memory, process providers.Driver) {
	t.Helper()
	var (
		wg      sync.WaitGroup
		ways    = []providers.Driver{direct, memory, process}
		reports = make([]providertest.Report, len(ways))
		errs    = make([]error, len(ways))
	)
	for i, d := range ways {
		h := harness(t, d)
		wg.Go(func() { reports[i], errs[i] = providertest.Check(t.Context(), h) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if !reports[0].Conforms() {
		t.Errorf("the driver itself does not conform:\n%s", reports[0].Text())
	}
	inMemory := same(t, "in memory", ways[0], ways[1], reports[0], reports[1])
	inProcess := same(t, "in a process", ways[0], ways[2], reports[0], reports[2])
	if inMemory && inProcess {
		fmt.Fprintf(os.Stdout, "transcript %s: direct = in-memory = process, %d/%d\n", name, len(reports[0].Of(providertest.Passed)), len(reports[0].Cases))
	}
}

// same reports whether the driver describes itself in the same way, and whether
// two runs found the same: every case, what became of it, and, but for the words
// of a failure, why.
func same(t *testing.T, way string, direct, other providers.Driver, want, got providertest.Report) bool {
	t.Helper()
	info := cmp.Diff(direct.Info(), other.Info())
	if info != "" {
		t.Errorf("%s: Info (-direct +%s):\n%s", way, way, info)
	}
	cases := cmp.Diff(bare(want), bare(got))
	if cases != "" {
		t.Errorf("%s: the suite finds otherwise (-direct +%s):\n%s\n%s", way, way, cases, failures(got))
	}
	return info == "" && cases == ""
}

// failures is what went wrong in a run, in words.
func failures(r providertest.Report) string {
	var b strings.Builder
	for _, c := range r.Of(providertest.Failed) {
		fmt.Fprintf(&b, "%s: %s\n", c.Case, c.Reason)
	}
	return b.String()
}

// bare is a report without its name and without the words of failures.
func bare(r providertest.Report) providertest.Report {
	r.Name = ""
	cases := make([]providertest.Result, len(r.Cases))
	for i, c := range r.Cases {
		if c.Status == providertest.Failed {
			c.Reason = ""
		}
		cases[i] = c
	}
	r.Cases = cases
	return r
}

// carriedDrivers is the drivers in processes of this test binary, by ID.
func carriedDrivers(t *testing.T) map[string]providers.Driver {
	t.Helper()
	host, err := plugins.Load(plugins.Options{State: stateDir(t), Carried: transcribed()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	out := map[string]providers.Driver{}
	for _, d := range host.Drivers() {
		out[d.Info().ID] = d
	}
	return out
}

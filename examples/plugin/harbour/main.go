// Harbour runs the fake of Harbour's API as a program, with name servers that
// serve its zones, so that the plugin can be tried by hand. It says where both
// are and ends with an interrupt. See ../README.md.
//
//	go run ./examples/plugin/harbour [-beside FILE]... [ZONEFILE]...
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/mooring-dns/mooring/examples/plugin/harbourtest"
	"github.com/mooring-dns/mooring/providers/zone"
)

//go:embed customer.example.zone
var customer string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "harbour:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	var besides []string
	f := flag.NewFlagSet("harbour", flag.ContinueOnError)
	f.Func("beside", "a zone `file` of somebody else's that the name servers serve too; may be repeated", func(v string) error {
		besides = append(besides, v)
		return nil
	})
	if err := f.Parse(args); err != nil {
		return err
	}
	zones, err := read(f.Args())
	if err != nil {
		return err
	}
	if len(zones) == 0 {
		one, err := zone.ReadText(strings.NewReader(customer), zone.Root)
		if err != nil {
			return err
		}
		zones = append(zones, one)
	}
	beside, err := read(besides)
	if err != nil {
		return err
	}
	fake, err := harbourtest.Start(harbourtest.Options{Zones: zones})
	if err != nil {
		return err
	}
	defer fake.Close()
	bridge, err := fake.Bridge()
	if err != nil {
		return err
	}
	for _, s := range beside {
		bridge.Set(s)
	}
	for _, s := range zones {
		parent := s.Zone.Parent()
		known := func(o zone.Snapshot) bool { return o.Zone == parent }
		if parent != zone.Root && !slices.ContainsFunc(zones, known) && !slices.ContainsFunc(beside, known) {
			bridge.Set(zone.NewSnapshot(parent, nil)) // where CAA records are looked for too
		}
	}
	fmt.Fprintf(out, "api    %s\ndns    %s\ntoken  %s\n", fake.Endpoint(), bridge.Addr(), fake.Credentials()["token"])
	for _, s := range zones {
		fmt.Fprintf(out, "zone   %s\n", s.Zone)
	}
	<-ctx.Done()
	return nil
}

func read(files []string) ([]zone.Snapshot, error) {
	var out []zone.Snapshot
	for _, name := range files {
		text, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		s, err := zone.ReadText(text, zone.Root)
		_ = text.Close() // it was only read
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, s)
	}
	return out, nil
}

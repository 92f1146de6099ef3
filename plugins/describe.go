package plugins

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/mooring-dns/mooring/providers"
)

// Description is what a plugin says of itself.
type Description struct {
	Info    providers.Info `json:"info"`
	Version string         `json:"version"`         // of the plugin, semantic versioning, without a "v"
	SDK     string         `json:"sdk,omitempty"`   // what it was built with, for people
	Minor   uint32         `json:"minor,omitempty"` // of the protocol, as the plugin knows it
	Hosts   []string       `json:"hosts,omitempty"` // names that it sends requests to, "*.host.example" for all below; empty: not limited
}

// Describe starts a binary, asks what it says of itself, and stops it. It runs
// the file as it is, whatever a lock says: it is for the one who writes the
// lock. Of o it uses State, Args (those of "" where the file does not have the
// name of a plugin), Env, Log and Start.
func Describe(ctx context.Context, binary string, o Options) (Description, error) {
	s, err := openState(o.State)
	if err != nil {
		return Description{}, err
	}
	defer func() { _ = s.close() }()
	name, ok := parseName(filepath.Base(binary))
	p := program{path: binary, source: binary}
	if ok {
		p.id = name.id
	}
	p.args = o.Args[p.id]
	printer := newPrinter(o.log().With(slog.String("plugin", binary)), func() []providers.Field { return nil })
	within, cancel := context.WithTimeout(ctx, o.start())
	defer cancel()
	proc, err := launch(within, p, o, s, printer)
	if err != nil {
		return Description{}, fmt.Errorf("plugins: describe %s: %w", binary, err)
	}
	proc.stop()
	return Description(proc.desc), nil
}

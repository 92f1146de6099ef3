package sdk

import (
	"cmp"
	"fmt"
	"io"
	"log" //nolint:depguard // modules print to it, and what they print must lose its credentials
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

// Serve is Options{}.Serve.
func Serve(d providers.Driver) { Options{}.Serve(d) }

// Serve is the whole main of a plugin: it serves the driver to the host that has
// started the process, and ends the process when the host is done with it or
// gone. Where a person has started it, it says what it is:
//
//	PLUGIN describe    what it tells a host of itself, as JSON
//	PLUGIN version     its version
//	PLUGIN help        how it is used
//
// The arguments are those that the host is configured with; a driver may read
// them from os.Args. A plugin that is built with -tags mooringtest takes
// "-redirect HOST=URL" beside them, which leads its HTTP requests for HOST to a
// fake on this machine.
func (o Options) Serve(d providers.Driver) {
	if started() {
		os.Exit(o.plugin(d, os.Args[1:])) //nolint:forbidigo // it is the main of a program
	}
	p := person{name: filepath.Base(os.Args[0]), out: os.Stdout, err: os.Stderr}
	os.Exit(p.answer(o, d, os.Args[1:])) //nolint:forbidigo // it is the main of a program
}

// lastWords is how long the end waits for what was printed.
const lastWords = 50 * time.Millisecond

// started reports whether a host has started this process.
func started() bool {
	h := wire.Handshake()
	return os.Getenv(h.MagicCookieKey) == h.MagicCookieValue
}

// plugin serves until the host is done and returns the status to exit with.
func (o Options) plugin(d providers.Driver, args []string) int {
	first := *os.Stderr // as it was: capture puts another file behind the value that modules may hold
	stderr := &first
	description, list, redirects, err := o.check(d, args)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "[ERROR] the plugin cannot be served: %v\n", err)
		return 1
	}
	noCore()
	kept := newSessions(d, description.Info)
	kept.late = cmp.Or(o.overtime, overtime)
	out := newOutput(stderr, kept.secrets)
	kept.choked = func() {
		out.say(fmt.Appendf(nil, "[ERROR] %d calls go on though their callers have given up: the driver does not heed their contexts", maxStuck))
		out.flush(time.Second)
		os.Exit(1) //nolint:forbidigo // the host starts another
	}
	watchHost(os.Stdin, func() {
		out.flush(lastWords)
		os.Exit(0) //nolint:forbidigo // nobody is left to answer
	})
	newEgress(list, redirects).install()
	log.SetOutput(out.writer())
	var served atomic.Bool
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: wire.ServedPlugins(kept.service(description)),
		Logger:           hclog.New(&hclog.LoggerOptions{Name: "plugin", Level: hclog.Warn, Output: stderr, JSONFormat: true}),
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			served.Store(true)
			return grpc.NewServer(append(opts, serverOptions(out.capture)...)...)
		},
	})
	out.flush(time.Second)
	if !served.Load() { // it has said why
		return 1
	}
	return 0
}

// check reads everything that can be wrong before a host waits for the answer.
func (o Options) check(d providers.Driver, args []string) (wire.Description, hosts, map[string]*url.URL, error) {
	description, err := o.describe(d)
	if err != nil {
		return description, nil, nil, err
	}
	list, err := parseHosts(o.Hosts)
	if err != nil {
		return description, nil, nil, err
	}
	_, redirects, err := arguments(args, redirectable)
	return description, list, redirects, err
}

// service is the sessions as the wire asks for them.
func (s *sessions) service(d wire.Description) *wire.Service {
	return &wire.Service{Description: d, Session: s.open, Sessions: s.count}
}

// serverOptions is how the plugin's gRPC server is set up; first is called
// before any call is.
func serverOptions(first func()) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(wire.MaxEdit),
		grpc.MaxSendMsgSize(wire.MaxMessage),
		grpc.MaxConcurrentStreams(8 * maxCalls),                  // a call that waits for its place must not keep Health from being asked
		grpc.NumStreamWorkers(uint32(4 * runtime.GOMAXPROCS(0))), // a goroutine for each call grows its stack anew
		grpc.UnaryInterceptor(unary(first)),
		grpc.StreamInterceptor(stream(first)),
		// Hosts may look whether the process is there as often as they like.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
	}
}

// person is somebody who has started a plugin by hand.
type person struct {
	name     string
	out, err io.Writer
}

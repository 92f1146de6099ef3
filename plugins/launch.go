package plugins

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	pluginrunner "github.com/hashicorp/go-plugin/runner"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
)

// launch starts a program and lets it introduce itself. It returns when ctx
// ends, whatever the program does. out gets what the program prints.
func launch(ctx context.Context, p program, o Options, s *state, out *printer) (_ *process, err error) {
	run := s.runDir()
	if err := os.MkdirAll(run, 0o700); err != nil { // somebody cleans up
		return nil, fmt.Errorf("make the directory for sockets: %w", err)
	}
	verified := make(chan error, 1)
	go func() { verified <- p.verify() }() // while go-plugin makes a certificate
	var r *runner
	config := &goplugin.ClientConfig{
		HandshakeConfig: wire.Handshake(), VersionedPlugins: wire.HostPlugins(),
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		AutoMTLS:         true, SkipHostEnv: true,
		StartTimeout: o.start() + time.Minute, Logger: hclog.NewNullLogger(),
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: run},
		RunnerFunc: func(_ hclog.Logger, spec *exec.Cmd, dir string) (pluginrunner.Runner, error) {
			if err := <-verified; err != nil {
				return nil, errors.Join(err, os.RemoveAll(dir))
			}
			r = newRunner(command(p, o, spec.Env), dir, out)
			return r, nil
		},
	}
	addr, err := handshake(ctx, config, &r)
	if err != nil {
		discard(r)
		if refused, ok := errors.AsType[*Refused](err); ok {
			return nil, refused
		}
		return nil, notIntroduced(ctx, r, o, err)
	}
	proc := &process{
		program: p, runner: r, since: time.Now(), used: time.Now(),
		lost: make(chan struct{}), gone: make(chan struct{}), retiring: make(chan struct{}), idle: make(chan struct{}),
	}
	if err := proc.connect(ctx, addr, config, out); err != nil {
		ended := proc.runner.wait(0) || proc.runner.wait(pipeGrace) && !errors.Is(err, ErrDescription)
		proc.runner.kill()
		proc.discard()
		if ended || ctx.Err() != nil {
			return nil, notIntroduced(ctx, r, o, err)
		}
		return nil, err
	}
	return proc, nil
}

// command is what is executed: with the variables that the operator has named,
// and what go-plugin wants to tell.
func command(p program, o Options, env []string) *exec.Cmd {
	cmd := exec.Command(p.path, p.args...)
	cmd.Args[0] = p.source // for who looks at the processes
	cmd.Env = []string{}
	for _, name := range o.Env {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Env = append(cmd.Env, env...) // the last one counts (os/exec.Cmd)
	return cmd
}

// handshake starts the process and waits for its address, or for the end of ctx.
func handshake(ctx context.Context, config *goplugin.ClientConfig, r **runner) (net.Addr, error) {
	type answer struct {
		addr net.Addr
		err  error
	}
	started := make(chan struct{})
	inner := config.RunnerFunc
	config.RunnerFunc = func(l hclog.Logger, spec *exec.Cmd, dir string) (pluginrunner.Runner, error) {
		defer close(started)
		return inner(l, spec, dir)
	}
	answers := make(chan answer, 1)
	go func() {
		addr, err := goplugin.NewClient(config).Start()
		answers <- answer{addr, err}
	}()
	select {
	case a := <-answers:
		return a.addr, a.err
	case <-ctx.Done():
	}
	// Nothing but the end of the process makes go-plugin stop waiting for it.
	select {
	case <-started:
	case a := <-answers:
		answers <- a
	}
	if *r != nil {
		(*r).kill()
	}
	<-answers
	return nil, context.Cause(ctx)
}

// notIntroduced says why a process has not become a plugin.
func notIntroduced(ctx context.Context, r *runner, o Options, err error) error {
	if r == nil {
		return fmt.Errorf("it does not start: %w", err)
	}
	ran, killed, fault := r.state()
	said := ""
	if words := r.said.words(); words != "" {
		said = fmt.Sprintf("; the last it printed is %q", words)
	}
	switch {
	case errors.Is(context.Cause(ctx), errClosed):
		return errClosed
	case !ran && errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("it does not start: %w: does the file system of Options.State let programs be executed (no noexec)?", err)
	case !ran:
		return fmt.Errorf("it does not start: %w", err)
	case fault != "":
		return errors.New(fault)
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("it was stopped before it introduced itself: %w", context.Cause(ctx))
	case ctx.Err() != nil:
		return fmt.Errorf("it has not introduced itself within %v (Options.Start)%s", o.start(), said)
	case !killed:
		return fmt.Errorf("it %s before it introduced itself%s", r.how(), said)
	case strings.Contains(err.Error(), "incompatible API version"):
		return fmt.Errorf("it speaks another version of the protocol than %d: a version of the plugin for this host is needed (%s)", wire.Protocol, firstLine(err))
	}
	return errors.New(firstLine(err) + said)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line[:min(len(line), 300)]
}

// discard removes what a process that has not become a plugin leaves behind.
func discard(r *runner) {
	if r == nil {
		return
	}
	if ran, _, _ := r.state(); ran {
		r.kill()
		if r.wait(time.Second) {
			r.reading.Wait()
		}
	}
	_ = os.RemoveAll(r.dir)
}

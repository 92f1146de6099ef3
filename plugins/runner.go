package plugins

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxHandshake = 16 << 10               // octets of the line that a plugin introduces itself with
	pipeGrace    = 200 * time.Millisecond // for what an ended process has printed
)

// runner is one operating system process, as go-plugin wants it. It differs
// from go-plugin's own in what it promises:
//
//   - The process has a standard input that is never written to. When the host
//     is gone, however it went, the system closes it, and the plugin ends. On
//     Linux the kernel kills it as well.
//   - It leads a process group, and is killed with all of it.
//   - Its end is seen when it ends, and not when the last one who inherited its
//     standard output has ended too.
//   - Only a line that can be a handshake gets through to go-plugin, which reads
//     all else as a broken one.
type runner struct {
	cmd       *exec.Cmd
	dir       string  // of its sockets
	out, errs *stream // get what it prints
	said      *tail   // the last of it, for the error of a start that fails

	stdin, stdout, stderr *os.File // our ends
	handshake             *io.PipeReader
	toHandshake           *io.PipeWriter
	reading               sync.WaitGroup

	exited chan struct{} // closed when it has ended and its group is killed

	mu      sync.Mutex
	process *os.Process // nil: it does not run yet
	reaped  bool        // its number may be another's now
	killed  bool        // by us
	mute    bool        // it has closed its standard output without a line
	fault   string
}

func newRunner(cmd *exec.Cmd, dir string, to *printer) *runner {
	r := &runner{cmd: cmd, dir: dir, said: &tail{}, exited: make(chan struct{})}
	r.out, r.errs = to.stream("stdout", r.ID), to.stream("stderr", r.ID)
	r.handshake, r.toHandshake = io.Pipe()
	return r
}

// Start returns when the process runs.
func (r *runner) Start(context.Context) error {
	var theirs []*os.File
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
	}()
	pipe := func(in bool) (our, their *os.File, err error) {
		their, our, err = os.Pipe()
		if err == nil && !in {
			our, their = their, our
		}
		if err == nil {
			theirs = append(theirs, their)
		}
		return our, their, err
	}
	in, childIn, err := pipe(true)
	if err != nil {
		return err
	}
	out, childOut, err := pipe(false)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	errs, childErrs, err := pipe(false)
	if err != nil {
		return errors.Join(err, in.Close(), out.Close())
	}
	r.stdin, r.stdout, r.stderr = in, out, errs
	r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = childIn, childOut, childErrs
	apart(r.cmd)
	r.reading.Add(1) // live, which may be at its end before the readers begin, waits for them
	defer r.reading.Done()
	started := make(chan error, 1)
	go r.live(started)
	if err := <-started; err != nil {
		return errors.Join(err, r.stdin.Close(), r.stdout.Close(), r.stderr.Close(), r.toHandshake.Close())
	}
	r.reading.Go(r.readStdout)
	r.reading.Go(func() {
		_, _ = io.Copy(io.MultiWriter(r.said, r.errs), r.stderr)
		r.errs.flush()
	})
	return nil
}

// live starts the process and stays until it has ended. On Linux a process is
// killed when the thread that has started it ends (prctl(2),
// PR_SET_PDEATHSIG), and Go ends threads when it likes (golang/go#27505), so
// this goroutine keeps one to itself.
func (r *runner) live(started chan<- error) {
	if runtime.GOOS == "linux" {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	err := r.cmd.Start()
	if err != nil {
		started <- err
		return
	}
	release, err := bind(r.cmd)
	if err != nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
		started <- err
		return
	}
	r.mu.Lock()
	r.process = r.cmd.Process
	if r.killed { // before it was there
		killGroup(r.process)
	}
	r.mu.Unlock()
	started <- nil
	r.reap()
	release()
	close(r.exited)
	r.closePipes()
}

// closePipes ends the reading of what the process has printed, whoever else
// holds the other end.
func (r *runner) closePipes() {
	_ = r.stdin.Close()
	read := make(chan struct{})
	go func() { r.reading.Wait(); close(read) }()
	select {
	case <-read:
	case <-time.After(pipeGrace):
	}
	_, _ = r.stdout.Close(), r.stderr.Close()
}

// kill ends the process and its whole group, and waits for neither.
func (r *runner) kill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reaped {
		return
	}
	r.killed = true
	if r.process != nil {
		killGroup(r.process)
	}
}

// state is whether the process runs or has run, whether we have killed it, and
// what it has done wrong.
func (r *runner) state() (ran, killed bool, fault string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.process != nil, r.killed, r.fault
}

// wait waits for the end of the process, and reports whether it has come.
func (r *runner) wait(most time.Duration) bool {
	select {
	case <-r.exited:
		return true
	case <-time.After(most):
		return false
	}
}

// end asks the process to end by closing its standard input, and kills it when
// it does not.
func (r *runner) end(grace time.Duration) {
	_ = r.stdin.Close()
	if !r.wait(grace) {
		r.kill()
	}
}

// how says how the process has ended, as the end of a sentence.
func (r *runner) how() string {
	select {
	case <-r.exited:
	default:
		return "runs"
	}
	if s := r.cmd.ProcessState; s != nil {
		return "ended (" + s.String() + ")"
	}
	return "ended"
}

// The rest is what go-plugin asks of a runner.

func (r *runner) Wait(context.Context) error {
	<-r.exited
	return nil
}

// Kill is called when there was no handshake. The end of a process that has
// closed its standard output tells more than that it was killed.
func (r *runner) Kill(context.Context) error {
	r.mu.Lock()
	mute := r.mute
	r.mu.Unlock()
	if mute && r.wait(pipeGrace) {
		return nil
	}
	r.kill()
	return nil
}

func (r *runner) Stdout() io.ReadCloser           { return r.handshake }
func (r *runner) Stderr() io.ReadCloser           { return io.NopCloser(strings.NewReader("")) } // it is read here
func (r *runner) Name() string                    { return filepath.Base(r.cmd.Path) }
func (r *runner) Diagnose(context.Context) string { return "" }
func (r *runner) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}

func (r *runner) ID() string {
	if pid := r.pid(); pid != 0 {
		return strconv.Itoa(pid)
	}
	return ""
}

func (r *runner) pid() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == nil {
		return 0
	}
	return r.process.Pid
}

// PluginToHost refuses any address but one in the directory that the plugin was
// given or, where go-plugin has no such sockets, on this machine.
func (r *runner) PluginToHost(network, address string) (string, string, error) {
	if network == "unix" && filepath.Dir(address) == r.dir {
		return network, address, nil
	}
	if runtime.GOOS == "windows" && network == "tcp" && strings.HasPrefix(address, "127.0.0.1:") {
		return network, address, nil
	}
	return "", "", fmt.Errorf("it listens at %.20q %.120q, which is not where it was told to", network, address)
}

package peers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The stages that this test binary runs itself in, by the environment.
const (
	stageKey  = "MOORING_PEERS_STAGE"
	resolvKey = "MOORING_PEERS_RESOLV" // the file that becomes /etc/resolv.conf

	prepareStage = "prepare" // in the new namespaces: make them ready, then become the race
	raceStage    = "race"    // the test proper
	serveStage   = "serve"   // the name servers
)

// impossible is the exit code of prepare where the namespaces cannot be made
// ready, and the reason is on its output.
const impossible = 77

func TestMain(m *testing.M) {
	switch os.Getenv(stageKey) {
	case prepareStage:
		err := prepare()
		fmt.Println(err)
		os.Exit(impossible)
	case serveStage:
		fmt.Fprintln(os.Stderr, serve())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// prepare brings the loopback device up and puts our resolver into
// /etc/resolv.conf, which both peers read when they start: so it returns only
// with an error, and becomes the race otherwise.
func prepare() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("bring lo up: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount(os.Getenv(resolvKey), "/etc/resolv.conf", "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount over /etc/resolv.conf: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.Setenv(stageKey, raceStage); err != nil {
		return err
	}
	return fmt.Errorf("exec: %w", unix.Exec(self, os.Args, os.Environ()))
}

// inNamespace runs this test again in namespaces of its own, and tells what it
// says.
func inNamespace(t *testing.T) {
	t.Helper()
	resolv := filepath.Join(t.TempDir(), "resolv.conf")
	text := fmt.Sprintf("nameserver %s\noptions timeout:5 attempts:1\n", resolverAddr)
	if err := os.WriteFile(resolv, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var why []string
	for _, flags := range []uintptr{0, unix.CLONE_NEWUSER} {
		out, err := again(t, resolv, flags|unix.CLONE_NEWNET|unix.CLONE_NEWNS)
		exit, ran := errors.AsType[*exec.ExitError](err)
		switch {
		case err == nil:
			t.Logf("in a namespace of its own:\n%s", out)
			return
		case ran && exit.ExitCode() != impossible:
			t.Fatalf("%v\n%s", err, out)
		case ran:
			why = append(why, strings.TrimSpace(string(out)))
		default:
			why = append(why, err.Error())
		}
	}
	// No program is missing that could be installed: whether there are
	// namespaces is for the machine to say, so MOORING_REQUIRE does not count.
	t.Skip("no network namespace can be had here: " + strings.Join(why, "; "))
}

func again(t *testing.T, resolv string, flags uintptr) ([]byte, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.v", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), stageKey+"="+prepareStage, resolvKey+"="+resolv, "GODEBUG=netdns=go")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Pdeathsig: syscall.SIGKILL}
	if flags&unix.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return cmd.CombinedOutput()
}

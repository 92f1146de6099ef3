//go:build unix

package plugins

import (
	"os"
	"os/exec"
	"syscall"
)

// bind has nothing to do: a group needs no handle.
func bind(*exec.Cmd) (release func(), err error) { return func() {}, nil }

// killGroup kills all that the process has started and that has stayed with it,
// and the process itself, which may have moved to another group (setpgid(2)).
func killGroup(p *os.Process) {
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL)
	_ = p.Kill()
}

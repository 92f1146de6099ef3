package plugins

import (
	"errors"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// apart gives the process a group of its own, and lets the kernel kill it when
// we are gone.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// reap waits for the end of the process. Until it is reaped its number cannot
// be another's, so what is left of its group is killed before (waitid(2),
// WNOWAIT).
func (r *runner) reap() {
	err := error(unix.EINTR)
	for errors.Is(err, unix.EINTR) {
		err = unix.Waitid(unix.P_PID, r.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	killGroup(r.cmd.Process)
	_ = r.cmd.Wait()
	r.reaped = true
}

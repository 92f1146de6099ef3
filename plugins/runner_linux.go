package plugins

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// apart gives the process a group of its own, and lets the kernel kill it when
// we are gone.
func apart(cmd *exec.Cmd) {
	// Older kernels know nothing of it, or not of its flag (close_range(2)).
	if unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC) != nil {
		keepFiles()
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// keepFiles keeps from plugins what this program was started with, such as
// systemd's sockets or a shell's 9<FILE. Go does so with the files that it opens,
// and exec.Cmd.ExtraFiles are handed on all the same.
func keepFiles() {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, e := range open {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
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

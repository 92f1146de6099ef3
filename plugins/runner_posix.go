//go:build unix && !linux

package plugins

import (
	"os/exec"
	"syscall"
)

// apart gives the process a group of its own.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// reap waits for the end of the process, and kills what is left of its group
// before its number is given to another: a group keeps that from happening as
// long as anything is in it.
func (r *runner) reap() {
	_ = r.cmd.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	killGroup(r.cmd.Process)
	r.reaped = true
}

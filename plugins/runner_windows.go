package plugins

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// apart keeps the interrupts of the host's console from the process.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP, HideWindow: true}
}

// bind puts the process into a job whose only handle is ours: the system ends
// the job, and all that is in it, when the handle is closed, which it is when we
// are gone (JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, learn.microsoft.com "Job
// Objects"). What it has started before is not in it.
func bind(cmd *exec.Cmd) (release func(), err error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, fmt.Errorf("make a job object: %w", err)
	}
	release = func() { _ = windows.CloseHandle(job) }
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))) //nolint:gosec // the call takes a pointer to this very struct
	if err == nil {
		assigned := error(nil)
		err = cmd.Process.WithHandle(func(h uintptr) { assigned = windows.AssignProcessToJobObject(job, windows.Handle(h)) })
		if err == nil {
			err = assigned
		}
	}
	if err != nil {
		release()
		return nil, fmt.Errorf("put the process into a job object: %w", err)
	}
	return release, nil
}

func killGroup(p *os.Process) { _ = p.Kill() }

func (r *runner) reap() {
	_ = r.cmd.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reaped = true
}

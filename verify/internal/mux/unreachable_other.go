//go:build !linux

package mux

import "syscall"

// reportErrors does nothing: elsewhere a socket that is not connected is not
// told what ICMP says, and questions to a closed port time out.
func reportErrors(string, string, syscall.RawConn) error { return nil }

// collect finds no reports.
func (s *socket) collect() (reports int) { return 0 }

// Package httpapitest is what the fakes of hosts' HTTP APIs share: a server on
// loopback that misbehaves when it is told to ([Server]), and name servers that
// answer what the fake's zones hold ([Bridge]), so that a whole walk can be run
// and proven against a fake.
//
//	s, err := httpapitest.Start(api, func(r *http.Request) bool { return r.Method != http.MethodGet })
//	defer s.Close()
//	s.FailWrite(1, httpapitest.Fault{Land: true, Drop: true}) // the next write lands, and its answer is lost
package httpapitest

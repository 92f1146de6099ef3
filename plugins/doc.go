// Package plugins runs providers' drivers in processes of their own, so that
// third parties can ship them as binaries and none can take the program down,
// read its environment or outlive it.
//
//	host, err := plugins.Load(plugins.Options{Dirs: []string{"/usr/lib/mooring"}})
//	…
//	defer host.Close()
//	for _, d := range host.Drivers() { … } // ordinary providers.Driver values
//
// Binaries come from the directories that the program names, and only those
// run whose SHA-256 a lock pins ([Pin] makes it). A program can also carry its
// drivers, and run them in processes of itself ([Options.Carried] here,
// sdk.Carry in its main).
//
// A process is started by the first call, and serves all accounts. What the
// package promises of it:
//
//   - It is a private copy of the pinned bytes, hashed before each start, and
//     must describe itself as it was pinned.
//   - It gets no variable of the host's environment that is not named in
//     [Options.Env], and credentials only with the calls that need them.
//   - One that crashes is started again with the next call, at first at once and
//     then ever later; one that no longer answers is killed. A call that it had
//     is answered with Unavailable, and is not made again here: after a write
//     nobody knows what has become of it, and Wrote says so.
//   - After a crash calls are let in slowly, at all times no more than
//     [Options.Calls], and of one account [Options.CallsPerAccount].
//   - What it answers is checked: a zone's records that lie outside of it are
//     an error.
//   - What it prints goes to [Options.Log], without credentials, and bounded.
//   - It does not outlive the host, however that ends: its standard input is a
//     pipe from the host, whose end it sees; on Linux the kernel kills it too, on
//     Windows the system ends its job.
//
// What it does not promise: a plugin runs as the same user as the host. It can
// read that user's files and, on Linux, the memory and environment of the user's
// processes, unless the system keeps it from that; and it is told credentials,
// since it needs them. Pinning says which bytes run and not that they mean well.
// Another user, or a container, is what keeps a hostile plugin away.
package plugins

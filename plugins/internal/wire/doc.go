// Package wire is what a host and a plugin process say to each other: the
// messages and the service of plugin.proto, and their one translation to the
// types of package providers, which both sides use.
//
//	host side                               plugin side
//	providers.Driver ─► Client ─► gRPC ─► Service ─► providers.Session
//
// Nothing that a plugin answers is trusted: Client checks it, and what does not
// hold is an Internal error of that call alone. It cannot know whether a record
// that a plugin shows is one that its host has.
package wire

//go:generate go tool -modfile=buf.mod buf lint
//go:generate go tool -modfile=buf.mod buf breaking --against testdata/v1.binpb
//go:generate go tool -modfile=buf.mod buf generate

// Package modules holds no code of its own: its tests run published libdns
// modules through libdnsdriver. It is a module of its own, so that nobody else
// carries their dependencies.
package modules

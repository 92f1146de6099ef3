// Package modules holds no code of its own: its tests run published libdns
// modules through libdnsdriver, in this process and as the plugins that the
// folders below plugin make of them. It is a module of its own, so that nobody
// else carries their dependencies.
package modules

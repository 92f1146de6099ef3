// Package memory is a DNS host that lives in memory, and the driver for it.
//
//	host := memory.New(memory.Options{Zones: []zone.Snapshot{snap}})
//	acct, err := providers.Open(host.Driver(), nil, providers.Options{})
//
// The host writes at whatever grain its Caps say, with or without
// compare-and-set, and is as strict as real ones are: it refuses an edit that
// does not fit its grain, a CNAME beside other records, and values its Caps do
// not allow. Without compare-and-set it overwrites what stands at its grain,
// as real ones do. It can be told to lose answers, to be slow, to refuse, and
// to call a function before and after each write.
//
// It serves no DNS; a function called after each write can hand the zone to a
// server that does. It keeps nothing unless Options.File is set.
package memory

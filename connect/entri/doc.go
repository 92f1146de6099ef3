// Package entri speaks Entri's vocabulary: it reads the configuration that
// entri.showEntri and Entri's REST bodies take, and says what that asks of DNS
// in the planner's terms.
//
//	cfg, err := entri.Parse(data)
//	want, err := cfg.Intents(entri.HostOptions{CNAMETarget: "edge.app.example"}, entri.Facts{Domain: "shop.customer.example"})
//
// Field names, defaults, result names and their texts are those of Entri's
// API reference, byte for byte, so that a page or a backend written for Entri
// need not change.
//
// It promises that an error names the field, its value, and what to do; that
// all problems of a configuration are reported together; that a variable is
// replaced or refused, never left standing in a record; and that a field which
// changes what DNS should hold is honoured or refused, never dropped. Keys it
// does not know are ignored.
//
// It reads no zone and asks no DNS. Certificates, proxying, monitoring and the
// modal are kept in [Config] for the packages that do them.
package entri

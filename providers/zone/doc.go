// Package zone holds DNS records as values: names, records, snapshots of a
// zone, and the changes and edits that turn one into another.
//
//	snap, err := zone.ReadText(file, "customer.example")
//	for _, r := range snap.Set("customer.example", "TXT") {
//		fmt.Println(r.Text())
//	}
//
// Data is made canonical once, when a record or a snapshot is made, so that
// equal data is an equal string from then on. What cannot be read is kept byte
// for byte and marked Opaque; no record is lost for being strange.
//
// The package reads and prints; it asks no server and holds no policy on what
// may change.
package zone

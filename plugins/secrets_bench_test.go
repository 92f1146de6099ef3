package plugins

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
)

// How long one line takes when as many accounts are known as can be, and how
// long it takes when one of them is new with each line.
func BenchmarkRedactFull(b *testing.B) {
	p := newPrinter(slog.New(slog.DiscardHandler), func() []providers.Field { return nil })
	add := func(n int) {
		p.secrets.add(account{byte(n), byte(n >> 8), byte(n >> 16)}, providers.Credentials{"token": fmt.Sprint("tokentokentokentoken-", n)})()
	}
	n := 0
	for range maxRecent {
		add(n)
		n++
	}
	for _, octets := range []int{80, 8000} {
		line := strings.Repeat("x", octets)
		b.Run(fmt.Sprint(octets, " octets"), func(b *testing.B) {
			for b.Loop() {
				p.secrets.redactor(p.fields()).Redact(line)
			}
		})
		b.Run(fmt.Sprint(octets, " octets of a new account"), func(b *testing.B) {
			for b.Loop() {
				add(n)
				n++
				p.secrets.redactor(p.fields()).Redact(line)
			}
		})
	}
}

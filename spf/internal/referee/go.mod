module github.com/mooring-dns/mooring/spf/internal/referee

go 1.26.0

require (
	blitiri.com.ar/go/spf v1.6.0
	github.com/mooring-dns/mooring v0.0.0
)

replace github.com/mooring-dns/mooring => ../../..

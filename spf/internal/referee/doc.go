// Package referee holds no code of its own: its tests let another
// implementation of check_host, blitiri.com.ar/go/spf, judge and race ours,
// and nobody else should carry it.
package referee

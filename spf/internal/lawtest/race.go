//go:build race

package lawtest

// raced says that the race detector is at work.
const raced = true

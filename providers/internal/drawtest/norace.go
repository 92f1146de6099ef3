//go:build !race

package drawtest

// raced says that the race detector is at work.
const raced = false

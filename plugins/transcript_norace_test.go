//go:build !race

package plugins_test

// raced says that the race detector is at work.
const raced = false

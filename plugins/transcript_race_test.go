//go:build race

package plugins_test

// raced says that the race detector is at work, which makes the suite some ten
// times as slow.
const raced = true

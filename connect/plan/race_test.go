//go:build race

package plan_test

const raceEnabled = true // the detector makes everything ten times slower

//go:build race

package verify_test

// raced: every case takes some ten times as long.
const raced = true

//go:build !race

package verify_test

// publications is how many random publish times TestWatchDelay draws.
const publications = 300

// batchMany is how many domains TestBatchFarm proves.
const batchMany = 2000

//go:build race

package verify_test

// publications is few where the detector makes everything ten times slower.
const publications = 30

// batchMany is how many domains TestBatchFarm proves.
const batchMany = 500

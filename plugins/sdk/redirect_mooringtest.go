//go:build mooringtest

package sdk

// redirectable says that requests may be led to a fake: this build is for tests.
const redirectable = true

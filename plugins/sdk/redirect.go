//go:build !mooringtest

package sdk

// redirectable says that requests may be led to a fake.
const redirectable = false

// Package libdnstest holds no code of its own: its tests run the test suite of
// libdns, which only a later version than ours has, over libdnsdriver.Provider.
package libdnstest

package plugins_test

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/mooring-dns/mooring/plugins"
)

// What a tool for operators does after a new version of a plugin was put into
// the directory.
func ExamplePin() {
	const dir = "/opt/mooring/plugins"
	lock, err := plugins.Pin(context.Background(), plugins.Options{Dirs: []string{dir}})
	if err != nil {
		fmt.Println(err) // names every binary that is refused, and why
		return
	}
	for _, b := range lock.Builds {
		fmt.Println(b.ID, b.Version, b.SHA256, b.Description.Hosts)
	}
	if err := lock.Write(filepath.Join(dir, plugins.LockFile)); err != nil {
		fmt.Println(err)
	}
}

package plugins

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

func stdio(channel uint64, data string) []byte {
	msg := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), channel)
	return protowire.AppendString(protowire.AppendTag(msg, 2, protowire.BytesType), data)
}

func TestStdioData(t *testing.T) {
	cases := []struct {
		name    string
		msg     []byte
		channel uint64
		data    string
	}{
		{"both fields", stdio(2, "hello"), 2, "hello"},
		{"a field that came later", protowire.AppendVarint(protowire.AppendTag(stdio(1, "hello"), 9, protowire.VarintType), 7), 1, "hello"},
		{"empty", nil, 0, ""},
		{"broken off", stdio(2, "hello")[:6], 0, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			channel, data := stdioData(c.msg)
			if channel != c.channel || string(data) != c.data {
				t.Errorf("it is %d, %q, want %d, %q", channel, data, c.channel, c.data)
			}
		})
	}
}

// FuzzStdioData: a plugin may send anything.
func FuzzStdioData(f *testing.F) {
	f.Add(stdio(1, "hello"))
	f.Add([]byte{0x12, 0xff})
	f.Fuzz(func(t *testing.T, msg []byte) {
		if _, data := stdioData(msg); len(data) > len(msg) {
			t.Errorf("%d octets of %d", len(data), len(msg))
		}
	})
}

func TestIntroduces(t *testing.T) {
	cases := []struct {
		name, line string
		want       bool
	}{
		{"go-plugin's", "1|1|unix|/tmp/plugin|grpc|MII\n", true},
		{"a later core", "2|1|unix|/tmp/plugin\n", true}, // go-plugin says what is wrong with it
		{"words", "listening on port 80\n", false},
		{"a table", "name|value|unit|note\n", false},
		{"too few parts", "1|1|unix\n", false},
		{"nothing", "\n", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := introduces([]byte(c.line)); got != c.want {
				t.Errorf("%q introduces a plugin: %v, want %v", c.line, got, c.want)
			}
		})
	}
}

func TestTail(t *testing.T) {
	cases := []struct {
		name, want string
		writes     []string
	}{
		{"nothing", "", nil},
		{"the last line", "no licence", []string{"hello\nno ", "licence\n\n"}},
		{"bounded", strings.Repeat("x", 200), []string{strings.Repeat("x", 3*maxTail)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var l tail
			for _, w := range c.writes {
				_, _ = l.Write([]byte(w))
			}
			if got := l.words(); got != c.want {
				t.Errorf("the last words are %q, want %q", got, c.want)
			}
		})
	}
}

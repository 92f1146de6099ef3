package verify

// roots are the root name servers, from the root hints file
// https://www.internic.net/domain/named.root, version of root zone 2024041801
// (2024-04-18). IPv4 stands first: a machine without IPv6 is common, and walks
// try servers in this order.
var roots = [...]struct{ name, addr string }{
	{"a.root-servers.net", "198.41.0.4"},
	{"b.root-servers.net", "170.247.170.2"},
	{"c.root-servers.net", "192.33.4.12"},
	{"d.root-servers.net", "199.7.91.13"},
	{"e.root-servers.net", "192.203.230.10"},
	{"f.root-servers.net", "192.5.5.241"},
	{"g.root-servers.net", "192.112.36.4"},
	{"h.root-servers.net", "198.97.190.53"},
	{"i.root-servers.net", "192.36.148.17"},
	{"j.root-servers.net", "192.58.128.30"},
	{"k.root-servers.net", "193.0.14.129"},
	{"l.root-servers.net", "199.7.83.42"},
	{"m.root-servers.net", "202.12.27.33"},
	{"a.root-servers.net", "2001:503:ba3e::2:30"},
	{"b.root-servers.net", "2801:1b8:10::b"},
	{"c.root-servers.net", "2001:500:2::c"},
	{"d.root-servers.net", "2001:500:2d::d"},
	{"e.root-servers.net", "2001:500:a8::e"},
	{"f.root-servers.net", "2001:500:2f::f"},
	{"g.root-servers.net", "2001:500:12::d0d"},
	{"h.root-servers.net", "2001:500:1::53"},
	{"i.root-servers.net", "2001:7fe::53"},
	{"j.root-servers.net", "2001:503:c27::2:30"},
	{"k.root-servers.net", "2001:7fd::1"},
	{"l.root-servers.net", "2001:500:9f::42"},
	{"m.root-servers.net", "2001:dc3::35"},
}

package connect_test

// drivers are the hosts with a driver, a fake and a plugin of their own; NAME in the lattice stands for each of them.
const drivers = "cloudflare godaddy namecheap rfc2136 memory"

// A row says what the non-test files of one package may import.
type row struct {
	pkg     string // below our module; NAME stands for each driver
	foreign string // prefixes of foreign import paths that its own files may import, "*" for any
	not     string // prefixes of standard library paths that its own files must not import
}

// lattice lists every package of the module from the bottom up: a package may import the packages above its row,
// through any chain, but for what strangers and barriers keep apart. A package without a row fails the test.
//
// Do not change these rows to make a build pass. A row changes when the design does; otherwise the code is in the wrong
// package: move it down, pass it in as a value, or hand it over in an interface.
var lattice = []row{
	// Leaves: strings in, values out.
	{pkg: "spf"},
	{pkg: "spf/internal/lawtest"},
	{pkg: "dkim"},
	{pkg: "dkim/dmarc"},

	// DNS: records as values, and what servers say.
	{pkg: "providers/zone", foreign: "github.com/miekg/dns"},
	{pkg: "verify/internal/wire"},
	{pkg: "verify/internal/mux", foreign: "golang.org/x/sys"},
	{pkg: "verify", foreign: "github.com/miekg/dns golang.org/x/sys"},
	{pkg: "verify/safehttp"},
	{pkg: "verify/verifytest", foreign: "github.com/miekg/dns golang.org/x/sys"},

	// The provider contract, its drivers and their fakes, its suite.
	{pkg: "providers", foreign: "golang.org/x/time/rate"},
	{pkg: "providers/httpapi"},
	{pkg: "providers/httpapi/httpapitest"},
	{pkg: "providers/libdnsdriver", foreign: "github.com/libdns/libdns"},
	{pkg: "providers/NAME", foreign: "github.com/libdns/NAME github.com/libdns/libdns github.com/miekg/dns golang.org/x/net"},
	{pkg: "providers/NAME/NAMEtest", foreign: "github.com/libdns/NAME github.com/libdns/libdns github.com/miekg/dns golang.org/x/net"},
	{pkg: "providers/providertest"},
	{pkg: "providers/internal/conformance"},
	{pkg: "providers/internal/drawtest"},

	// Plugin processes: the wire, the host's side, the author's side, the mains.
	{pkg: "plugins/internal/wire", foreign: pluginModules},
	{pkg: "plugins", foreign: pluginModules + " golang.org/x/sys golang.org/x/time/rate"},
	{pkg: "plugins/sdk", foreign: pluginModules + " github.com/libdns/libdns golang.org/x/time/rate"},
	{pkg: "plugins/NAME"},

	// The engine: the pure planner, Entri's vocabulary, the walk. No database, no HTTP server.
	{pkg: "connect/plan", not: "context net os time"},
	{pkg: "connect/entri", foreign: "golang.org/x/net", not: "net/http database/sql"},
	{pkg: "connect", foreign: "golang.org/x/net", not: "net/http database/sql"},

	// The service around it: storage, durable connections, one noun each, HTTP.
	{pkg: "connect/store", foreign: "modernc.org/sqlite github.com/jackc/pgx/v5 github.com/tink-crypto/tink-go/v2"},
	{pkg: "connect/flow", foreign: jobModules},
	{pkg: "connect/webhook", foreign: jobModules},
	{pkg: "connect/cert", foreign: jobModules + " github.com/caddyserver/certmagic github.com/mholt/acmez/v3"},
	{pkg: "connect/proxy", foreign: jobModules},
	{pkg: "connect/registrar", foreign: jobModules},
	{pkg: "connect/subdomain", foreign: jobModules + " github.com/miekg/dns github.com/wneessen/go-mail"},
	{pkg: "connect/user", foreign: jobModules + " github.com/wneessen/go-mail github.com/go-webauthn/webauthn github.com/pquerna/otp"},
	{pkg: "connect/modal", foreign: jobModules},
	{pkg: "connect/api", foreign: "github.com/golang-jwt/jwt/v5 golang.org/x/time/rate"},
	{pkg: "connect/connecttest"},

	// Programs.
	{pkg: "examples/embed", foreign: "*"},
	{pkg: "examples/plugin/harbourtest", foreign: "*"},
	{pkg: "examples/plugin", foreign: "*"},
	{pkg: "examples/plugin/harbour", foreign: "*"},
	{pkg: "examples/server", foreign: "*"},
}

const (
	pluginModules = "github.com/hashicorp/go-plugin github.com/hashicorp/go-hclog google.golang.org/grpc google.golang.org/protobuf"
	jobModules    = "github.com/riverqueue/river"

	testPackages = "spf/internal/lawtest providers/internal/drawtest verify/verifytest providers/httpapi/httpapitest providers/NAME/NAMEtest providers/providertest connect/connecttest"
)

// strangers do not know each other: no package of one entry reaches a package of another entry on the same line.
// "x/..." is x and everything below it.
var strangers = []string{
	"providers/NAME/...",
	"plugins plugins/sdk",
	"connect/webhook connect/cert connect/proxy connect/registrar connect/subdomain connect/user connect/modal",
}

// barriers keep whole parts apart, whatever the order of the rows says.
var barriers = []struct{ from, except, to, why string }{
	{from: "connect/...", to: "plugins/...", why: "nothing under connect imports plugins"},
	{
		from: "...", except: testPackages + " providers/internal/conformance plugins/NAME examples/...", to: testPackages,
		why: "test helpers stay out of libraries",
	},
}

// harmless lies below a forbidden standard library path and makes no system call.
const harmless = "net/netip"

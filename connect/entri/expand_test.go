package entri

import (
	"regexp"
	"testing"
)

func customer(subdomain, mailSPF string) values {
	v := sample()
	v.domain = Domain{Domain: "customer.co.uk", Subdomain: subdomain, SLD: "customer", TLD: "co.uk"}
	v.target, v.mailSPF = "edge.app.example", mailSPF
	return v
}

func TestExpand(t *testing.T) {
	full, bare := customer("blog", "include:spf.example"), customer("", "")
	for _, c := range []struct {
		v        values
		in, want string
	}{
		{full, "", ""},
		{full, "no variable", "no variable"},
		{full, "{DOMAIN} {SUBDOMAIN} {SLD} {TLD} {CNAME_TARGET} {emailProviderSPF}", "customer.co.uk blog customer co.uk edge.app.example include:spf.example"},
		{full, "{SLD}.{TLD}", "customer.co.uk"},
		{full, "{SLD}{TLD}", "customerco.uk"},
		{full, `{"json": {"a": 1}}`, `{"json": {"a": 1}}`},
		{full, "{} {1} { DOMAIN } {-} {", "{} {1} { DOMAIN } {-} {"},
		{full, "v=spf1 exists:%{ir}.%{v}.%{d2}._spf.{DOMAIN} include:%{d} exp=%{L1r-}.{DOMAIN} ?all", "v=spf1 exists:%{ir}.%{v}.%{d2}._spf.customer.co.uk include:%{d} exp=%{L1r-}.customer.co.uk ?all"},
		{full, "100%{SLD}", "100%customer"},
		{bare, "{SUBDOMAIN}", ""},
		{bare, "{SUBDOMAIN}.x", "x"},
		{bare, "x.{SUBDOMAIN}", "x"},
		{bare, "x.{SUBDOMAIN}.y", "x.y"},
		{bare, "x.{SUBDOMAIN}.{SUBDOMAIN}.y", "x.y"},
		{bare, "x-{SUBDOMAIN}", "x-"},
		{bare, "see {SUBDOMAIN}.{DOMAIN} now", "see customer.co.uk now"},
		{bare, "a {SUBDOMAIN} b", "a b"},
		{bare, "v=spf1 {emailProviderSPF} ~all", "v=spf1 ~all"},
		{bare, "v=spf1  {emailProviderSPF}  {emailProviderSPF} ~all", "v=spf1 ~all"},
		{bare, "v=spf1 ~all {emailProviderSPF}", "v=spf1 ~all"},
		{bare, "{emailProviderSPF} x", "x"},
		{bare, "a  b {emailProviderSPF} c", "a  b c"}, // spaces elsewhere are the text's own
	} {
		got, f := c.v.expand(c.in)
		if f != nil || got != c.want {
			t.Errorf("expand(%q) = %q, %+v, want %q", c.in, got, f, c.want)
		}
	}
	www := customer("", "")
	www.hostRequired = true
	if got, f := www.expand("x.{SUBDOMAIN}"); f != nil || got != "x.www" {
		t.Errorf("got %q, %+v, want x.www", got, f)
	}
}

// TestExpandOnce has what a variable stands for look like a variable. Split and
// the checks of options refuse such values; expand must not depend on that.
func TestExpandOnce(t *testing.T) {
	v := customer("blog", "{DOMAIN}")
	if got, f := v.expand("{emailProviderSPF}"); f == nil {
		t.Errorf("got %q, want an error", got)
	}
}

var variable = regexp.MustCompile(`\{[A-Za-z_][A-Za-z0-9_]*\}`)

// FuzzExpand wants no variable to be left, whatever the text.
func FuzzExpand(f *testing.F) {
	for _, s := range []string{
		"{DOMAIN}", "{{DOMAIN}}", "{x{SLD}}", "%{d}", "%{DOMAIN}", "%%{i}", "{SUBDOMAIN}.x", "v=spf1 {emailProviderSPF} ~all", "{FOO}", "{DOMAIN",
		"{ENTRI_SERVERS}", "{domain}", "{\x00}", "}{", "%{{SLD}}", "{%{i}}", "{SUB{SUBDOMAIN}DOMAIN}",
	} {
		f.Add(s, "blog", "include:spf.example")
		f.Add(s, "", "")
	}
	f.Fuzz(func(t *testing.T, text, subdomain, mailSPF string) {
		got, bad := customer(subdomain, mailSPF).expand(text)
		if bad != nil {
			if bad.code == "" || bad.reason == "" || got != "" {
				t.Fatalf("expand(%q) = %q, %+v", text, got, bad)
			}
			return
		}
		for _, at := range variable.FindAllStringIndex(got, -1) {
			if at[0] == 0 || got[at[0]-1] != '%' || spfMacro(got[at[0]:]) == 0 {
				t.Fatalf("expand(%q) = %q leaves %s", text, got, got[at[0]:at[1]])
			}
		}
		if !variable.MatchString(text) && got != text {
			t.Fatalf("expand(%q) = %q, and there is no variable in it", text, got)
		}
	})
}

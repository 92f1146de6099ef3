package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/mooring-dns/mooring/providers"
)

// Description is what a plugin says of itself. It does not change while its
// process lives.
type Description struct {
	Info    providers.Info
	Version string   // semantic, without "v"
	SDK     string   // what it was built with, for people
	Minor   uint32   // of the protocol
	Hosts   []string // names that it sends requests to; empty: not limited
}

// Digest names what an operator has agreed to: the driver's Info, the version
// and the hosts. It is a SHA-256 in hex.
func (d Description) Digest() string {
	data, err := json.Marshal(struct {
		Info    providers.Info `json:"info"`
		Version string         `json:"version"`
		Hosts   []string       `json:"hosts"`
	}{d.Info, d.Version, d.Hosts})
	if err != nil { // it holds nothing that JSON cannot say
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Check says what is wrong with a description.
func (d Description) Check() error { return checkCaps(d.Info.Caps) }

func descriptionTo(d Description) *DescribeResponse {
	return &DescribeResponse{Info: infoTo(d.Info), Version: d.Version, Sdk: d.SDK, Minor: d.Minor, Hosts: slices.Clone(d.Hosts)}
}

func descriptionFrom(d *DescribeResponse) Description {
	return Description{Info: infoFrom(d.GetInfo()), Version: d.GetVersion(), SDK: d.GetSdk(), Minor: d.GetMinor(), Hosts: slices.Clone(d.GetHosts())}
}

func infoTo(i providers.Info) *Info {
	return &Info{
		Id: i.ID, Name: i.Name, Fields: each(i.Fields, fieldTo), NameServers: slices.Clone(i.NameServers),
		Panel: i.Panel, Form: formTo(i.Form), Caps: capsTo(i.Caps),
	}
}

func infoFrom(i *Info) providers.Info {
	return providers.Info{
		ID: i.GetId(), Name: i.GetName(), Fields: each(i.GetFields(), fieldFrom), NameServers: slices.Clone(i.GetNameServers()),
		Panel: i.GetPanel(), Form: formFrom(i.GetForm()), Caps: capsFrom(i.GetCaps()),
	}
}

func fieldTo(f providers.Field) *Field {
	return &Field{Name: f.Name, Label: f.Label, Help: f.Help, Url: f.URL, Secret: f.Secret, Optional: f.Optional}
}

func fieldFrom(f *Field) providers.Field {
	return providers.Field{Name: f.GetName(), Label: f.GetLabel(), Help: f.GetHelp(), URL: f.GetUrl(), Secret: f.GetSecret(), Optional: f.GetOptional()}
}

func formTo(f providers.Form) *Form {
	return &Form{
		Name: f.Name, Value: f.Value, Blank: f.Blank, Full: f.Full,
		Dot: f.Dot, Quotes: f.Quotes, Inline: f.Inline, Sets: f.Sets,
	}
}

func formFrom(f *Form) providers.Form {
	return providers.Form{
		Name: f.GetName(), Value: f.GetValue(), Blank: f.GetBlank(), Full: f.GetFull(),
		Dot: f.GetDot(), Quotes: f.GetQuotes(), Inline: f.GetInline(), Sets: f.GetSets(),
	}
}

func capsTo(c providers.Caps) *Caps {
	return &Caps{
		Grain: string(c.Grain), Cas: c.CAS, Types: slices.Clone(c.Types), NoTypes: slices.Clone(c.NoTypes),
		MinTtl: c.MinTTL, MaxTtl: c.MaxTTL, Ttls: slices.Clone(c.TTLs),
		MaxTxt: int64(c.MaxTXT), RefusedText: c.RefusedText, AsciiText: c.ASCIIText, TrimsTxt: c.TrimsTXT,
		ApexAlias: c.ApexAlias, NoWildcard: c.NoWildcard, ApexNs: c.ApexNS, NoDelegation: c.NoDelegation,
		UniqueMx: c.UniqueMX, NoNullMx: c.NoNullMX, NoCaaParameters: c.NoCAAParameters,
		MaxBatch: int64(c.MaxBatch), Rates: each(c.Rates, rateTo), Redirects: c.Redirects,
		Settle: durationTo(c.Settle), Source: c.Source, Date: c.Date,
	}
}

func capsFrom(c *Caps) providers.Caps {
	return providers.Caps{
		Grain: providers.Grain(c.GetGrain()), CAS: c.GetCas(), Types: slices.Clone(c.GetTypes()), NoTypes: slices.Clone(c.GetNoTypes()),
		MinTTL: c.GetMinTtl(), MaxTTL: c.GetMaxTtl(), TTLs: slices.Clone(c.GetTtls()),
		MaxTXT: int(c.GetMaxTxt()), RefusedText: c.GetRefusedText(), ASCIIText: c.GetAsciiText(), TrimsTXT: c.GetTrimsTxt(),
		ApexAlias: c.GetApexAlias(), NoWildcard: c.GetNoWildcard(), ApexNS: c.GetApexNs(), NoDelegation: c.GetNoDelegation(),
		UniqueMX: c.GetUniqueMx(), NoNullMX: c.GetNoNullMx(), NoCAAParameters: c.GetNoCaaParameters(),
		MaxBatch: int(c.GetMaxBatch()), Rates: each(c.GetRates(), rateFrom), Redirects: c.GetRedirects(),
		Settle: c.GetSettle().AsDuration(), Source: c.GetSource(), Date: c.GetDate(),
	}
}

func rateTo(r providers.Rate) *Rate {
	return &Rate{Requests: int64(r.Requests), Per: durationTo(r.Per)}
}

func rateFrom(r *Rate) providers.Rate {
	return providers.Rate{Requests: int(r.GetRequests()), Per: r.GetPer().AsDuration()}
}

func durationTo(d time.Duration) *durationpb.Duration {
	if d == 0 {
		return nil
	}
	return durationpb.New(d)
}

// checkCaps says what is wrong with the powers that a plugin names.
func checkCaps(c providers.Caps) error {
	switch c.Grain {
	case providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone:
	default:
		if c.Grain == "" {
			return fmt.Errorf("the driver says nothing of Caps.Grain: fill in Info().Caps, and Zone.Caps in what Find returns")
		}
		return fmt.Errorf("the plugin writes at the grain %.40q, which this version does not know", string(c.Grain))
	}
	if !slices.IsSorted(c.TTLs) {
		return fmt.Errorf("the plugin's list of TTLs is not ascending")
	}
	return nil
}

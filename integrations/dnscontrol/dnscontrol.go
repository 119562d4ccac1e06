// Package dnscontrolhoster is a DNS service provider for dnscontrol over package
// hoster. Register makes it known under the type HOSTER; the program
// dnscontrol-hoster is dnscontrol with it. An entry of creds.json has TYPE, token,
// and one of brand and base_url:
//
//	{"hoster": {"TYPE": "HOSTER", "brand": "acme", "token": "$API_TOKEN"}}
//
// All changes of a zone are one correction: a plan that is applied whole where the
// provider has a batch. Record sets that came into the zone after dnscontrol read
// it, and that the configuration does not name, stay. The nameservers of the apex
// are the provider's own and are left out.
package dnscontrolhoster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/StackExchange/dnscontrol/v4/models"
	"github.com/StackExchange/dnscontrol/v4/pkg/diff2"
	"github.com/StackExchange/dnscontrol/v4/providers"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// Type is the provider's type in creds.json.
const Type = "HOSTER"

// Register makes the provider known to dnscontrol. It must be called once, before
// dnscontrol runs.
func Register() {
	can := providers.Can()
	mayBe := providers.Can("Some brands take no records of this type")
	providers.RegisterDomainServiceProviderType(Type, providers.DspFuncs{Initializer: newProvider, RecordAuditor: AuditRecords}, providers.DocumentationNotes{
		providers.CanConcur:              can,
		providers.CanGetZones:            can,
		providers.CanUseCAA:              can,
		providers.CanUseSRV:              can,
		providers.CanUsePTR:              mayBe,
		providers.CanUseDNAME:            mayBe,
		providers.CanUseDSForChildren:    mayBe,
		providers.CanUseHTTPS:            mayBe,
		providers.CanUseLOC:              mayBe,
		providers.CanUseNAPTR:            mayBe,
		providers.CanUseSSHFP:            mayBe,
		providers.CanUseSVCB:             mayBe,
		providers.CanUseTLSA:             mayBe,
		providers.DocOfficiallySupported: providers.Cannot(),
	})
}

// Provider reads and writes the zones of an account.
type Provider struct {
	Client *hoster.Client
}

func newProvider(entry map[string]string, _ json.RawMessage) (providers.DNSServiceProvider, error) {
	options := []hoster.Option{hoster.WithToken(entry["token"]), hoster.WithUserAgent("hoster-dnscontrol")}
	if entry["brand"] != "" {
		options = append(options, hoster.WithBrand(entry["brand"]))
	}
	if entry["base_url"] != "" {
		options = append(options, hoster.WithBaseURL(entry["base_url"]))
	}
	client, err := hoster.NewClient(options...)
	if err != nil {
		return nil, err
	}
	return &Provider{Client: client}, nil
}

// ListZones returns the zones of [hoster.DNSService.Zones].
func (p *Provider) ListZones() (zones []string, err error) {
	domains, err := p.Client.DNS.Zones(context.Background())
	for _, d := range domains {
		zones = append(zones, d.Name)
	}
	return zones, err
}

// GetNameservers returns the nameservers at the apex of a zone.
func (p *Provider) GetNameservers(domain string) ([]*models.Nameserver, error) {
	records, err := p.Client.DNS.List(context.Background(), domain, &hoster.RecordListOptions{Name: "@", Type: dnszone.TypeNS})
	if err != nil {
		return nil, err
	}
	hosts := make([]string, len(records))
	for i, r := range records {
		hosts[i] = r.Value
	}
	return models.ToNameservers(hosts)
}

// GetZoneRecords returns the records of a zone but for the nameservers of the apex.
func (p *Provider) GetZoneRecords(domain string, _ map[string]string) (models.Records, error) {
	records, err := p.Client.DNS.List(context.Background(), domain, nil)
	if err != nil {
		return nil, err
	}
	var found models.Records
	for _, r := range records {
		if r.Name == "@" && r.Type == dnszone.TypeNS {
			continue
		}
		config, err := configOf(r, domain)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", r.Name, r.Type, err)
		}
		found = append(found, config)
	}
	return found, nil
}

// GetZoneRecordsCorrections returns one correction that makes the zone as desired, and
// the number of changes in it.
func (p *Provider) GetZoneRecordsCorrections(dc *models.DomainConfig, existing models.Records) ([]*models.Correction, int, error) {
	var desired models.Records
	for _, rc := range dc.Records {
		if rc.Type != "NS" || rc.GetLabel() != "@" {
			desired = append(desired, rc)
		}
	}
	dc.Records = desired
	result, err := diff2.ByZone(existing, dc, nil)
	if err != nil {
		return nil, 0, err
	}
	var corrections []*models.Correction
	if !result.HasChanges {
		for _, message := range result.Msgs {
			corrections = append(corrections, &models.Correction{Msg: message})
		}
		return corrections, 0, nil
	}
	apply := func() error { return p.apply(dc.Name, existing, result.DesiredPlus) }
	return []*models.Correction{{Msg: strings.Join(result.Msgs, "\n"), F: apply}}, result.ActualChangeCount, nil
}

// apply makes a zone as desired. It owns the sets that are desired, and those that
// dnscontrol read and decided about.
func (p *Provider) apply(domain string, existing, desired models.Records) error {
	var creates []hoster.RecordCreate
	owned := map[models.RecordKey]bool{}
	for _, rc := range existing {
		owned[rc.Key()] = true
	}
	for _, rc := range desired {
		owned[rc.Key()] = true
		data, err := dataOf(rc)
		if err != nil {
			return fmt.Errorf("%s %s: %w", rc.GetLabel(), rc.Type, err)
		}
		create := hoster.NewRecord(rc.GetLabel(), data)
		create.TTL = hoster.Set(int(rc.TTL))
		creates = append(creates, create)
	}
	ctx := context.Background()
	plan, err := p.Client.DNS.PlanZone(ctx, domain, creates, &hoster.ZonePlanOptions{
		AllTypes: true, AllowEmpty: true, MaxDeleteShare: 1,
		Owned: func(r hoster.Record) bool {
			config, err := configOf(r, domain)
			return err == nil && owned[config.Key()]
		},
	})
	if err != nil {
		return err
	}
	_, err = p.Client.DNS.Apply(ctx, plan, nil)
	return err
}

// AuditRecords says which records the API cannot hold.
func AuditRecords(records []*models.RecordConfig) (problems []error) {
	for _, rc := range records {
		data, err := dataOf(rc)
		if err == nil {
			err = errors.Join(dnszone.Validate(data), dnszone.ValidateTTL(int(rc.TTL)))
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s %s: %w", rc.GetLabelFQDN(), rc.Type, err))
		}
	}
	return problems
}

const unknownType = "UNKNOWN" // is how dnscontrol marks a type that it does not know

func configOf(r hoster.Record, domain string) (*models.RecordConfig, error) {
	data, err := r.Data()
	if err != nil {
		return nil, err
	}
	config := &models.RecordConfig{TTL: uint32(r.TTL)}
	if name, ok := strings.CutSuffix(r.Name, "."); ok {
		config.SetLabelFromFQDN(name, domain)
	} else {
		config.SetLabel(r.Name, domain)
	}
	switch d := data.(type) {
	case dnszone.TXT:
		return config, config.SetTargetTXT(d.Text)
	case dnszone.CAA:
		config.Type = string(dnszone.TypeCAA)
		return config, config.SetTargetCAA(d.Flags, d.Tag, d.Value)
	}
	return config, config.PopulateFromStringFunc(string(r.Type), data.String(), domain, nil)
}

func dataOf(rc *models.RecordConfig) (dnszone.Data, error) {
	switch rc.Type {
	case "TXT":
		return dnszone.TXT{Text: rc.GetTargetTXTJoined()}, nil
	case "CAA":
		return dnszone.CAA{Flags: rc.CaaFlag, Tag: rc.CaaTag, Value: rc.GetTargetField()}, nil
	case unknownType:
		return dnszone.Parse(dnszone.Type(rc.UnknownTypeName), rc.GetTargetField())
	}
	return dnszone.Parse(dnszone.Type(rc.Type), rc.GetTargetCombined())
}

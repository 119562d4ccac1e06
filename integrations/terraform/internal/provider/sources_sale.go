package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
)

type availabilityModel struct {
	Domains []string     `tfsdk:"domains"`
	Results []offerEntry `tfsdk:"results"`
}

type offerEntry struct {
	Domain    types.String `tfsdk:"domain"`
	Available types.Bool   `tfsdk:"available"`
	Premium   types.Bool   `tfsdk:"premium"`
	Register  types.String `tfsdk:"register_price"`
	Renew     types.String `tfsdk:"renew_price"`
	Transfer  types.String `tfsdk:"transfer_price"`
	Currency  types.String `tfsdk:"currency"`
	Reason    types.String `tfsdk:"reason"`
}

func newAvailabilitySource() datasource.DataSource {
	return &source[availabilityModel]{
		name: "hoster_domain_availability", title: "Availability", text: "Whether domains can be registered, and at which price.",
		uses: []hoster.Operation{"Domains.Availability"},
		attributes: map[string]schema.Attribute{
			"domains": schema.ListAttribute{Required: true, ElementType: types.StringType, Description: "The domains, 1 to 50."},
			"results": nested("One result for each domain.", map[string]schema.Attribute{
				"domain":         text("The domain in lower case and A-labels."),
				"available":      schema.BoolAttribute{Computed: true, Description: "Whether it can be registered."},
				"premium":        schema.BoolAttribute{Computed: true, Description: "Whether it has prices of its own."},
				"register_price": text("The price of a registration for one year."), "renew_price": text("The price of a renewal for one year."),
				"transfer_price": text("The price of a transfer."), "currency": text("The currency, ISO 4217."), "reason": text("Why it is not available."),
			}),
		},
		read: func(ctx context.Context, a *api, m *availabilityModel) error {
			all, err := a.client.Domains.Availability(ctx, m.Domains)
			m.Results = []offerEntry{}
			for _, o := range all {
				var prices hoster.DomainPrices
				if o.Prices != nil {
					prices = *o.Prices
				}
				m.Results = append(m.Results, offerEntry{
					Domain: types.StringValue(o.Domain), Available: types.BoolValue(o.Available), Premium: types.BoolValue(o.Premium),
					Register: priceOf(prices.Register), Renew: priceOf(prices.Renew), Transfer: priceOf(prices.Transfer),
					Currency: types.StringValue(o.Currency), Reason: types.StringValue(o.Reason),
				})
			}
			return err
		},
	}
}

func priceOf(amount *hoster.Amount) types.String {
	if amount == nil {
		return types.StringNull()
	}
	return types.StringValue(amount.String())
}

type plansModel struct {
	Plans []planEntry `tfsdk:"plans"`
}

type planEntry struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	Prices      []priceEntry `tfsdk:"prices"`
}

type priceEntry struct {
	BillingCycle types.String `tfsdk:"billing_cycle"`
	Amount       types.String `tfsdk:"amount"`
	Currency     types.String `tfsdk:"currency"`
}

func newPlansSource() datasource.DataSource {
	return &source[plansModel]{
		name: "hoster_hosting_plans", title: "Hosting plans", text: "The hosting plans that are sold.",
		uses: []hoster.Operation{"HostingPlans.List"},
		attributes: map[string]schema.Attribute{
			"plans": nested("The plans.", map[string]schema.Attribute{
				"id": text("The id."), "name": text("The name."), "description": text("The description."),
				"prices": nested("The prices, one for each billing cycle.", map[string]schema.Attribute{
					"billing_cycle": text("The billing cycle, such as monthly."), "amount": text("The price for one cycle."), "currency": text("The currency, ISO 4217."),
				}),
			}),
		},
		read: func(ctx context.Context, a *api, m *plansModel) error {
			all, err := a.client.HostingPlans.List(ctx, nil)
			m.Plans = []planEntry{}
			for _, p := range all {
				entry := planEntry{ID: types.StringValue(string(p.ID)), Name: types.StringValue(p.Name), Description: types.StringValue(p.Description), Prices: []priceEntry{}}
				for _, price := range p.Prices {
					entry.Prices = append(entry.Prices, priceEntry{types.StringValue(string(price.BillingCycle)), types.StringValue(price.Amount.String()), types.StringValue(price.Currency)})
				}
				m.Plans = append(m.Plans, entry)
			}
			return err
		},
	}
}

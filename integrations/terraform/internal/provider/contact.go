package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
)

type contactModel struct {
	ID      types.String  `tfsdk:"id"`
	Name    types.String  `tfsdk:"name"`
	Email   types.String  `tfsdk:"email"`
	Phone   types.String  `tfsdk:"phone"`
	Company types.String  `tfsdk:"company"`
	Address *addressModel `tfsdk:"address"`
	limits
}

type addressModel struct {
	Street     types.String `tfsdk:"street"`
	City       types.String `tfsdk:"city"`
	State      types.String `tfsdk:"state"`
	PostalCode types.String `tfsdk:"postal_code"`
	Country    types.String `tfsdk:"country"`
}

func newContact() resource.Resource {
	return &kind[contactModel]{
		name: "hoster_contact", title: "Contact", identity: "id",
		text: "A person or company that domains refer to.",
		uses: []hoster.Operation{"Contacts.List", "Contacts.Create"},
		attributes: map[string]schema.Attribute{
			"id":      schema.StringAttribute{Computed: true, Description: "The id.", PlanModifiers: keepString},
			"name":    schema.StringAttribute{Required: true, Description: "The name of the person."},
			"email":   schema.StringAttribute{Required: true, Description: "The email address."},
			"phone":   schema.StringAttribute{Required: true, Description: "The telephone number, such as +1.5555550100."},
			"company": schema.StringAttribute{Optional: true, Description: "The company."},
			"address": schema.SingleNestedAttribute{Required: true, Description: "The postal address.", Attributes: map[string]schema.Attribute{
				"street":      schema.StringAttribute{Required: true, Description: "Street and number."},
				"city":        schema.StringAttribute{Required: true, Description: "The city."},
				"state":       schema.StringAttribute{Optional: true, Description: "The state or province, where the country has any."},
				"postal_code": schema.StringAttribute{Optional: true, Description: "The postal code, where the country has any."},
				"country":     schema.StringAttribute{Required: true, Description: "The country, two upper-case letters of ISO 3166."},
			}},
		},
		create: func(ctx context.Context, c *change[contactModel]) error {
			contact, err := c.client.Contacts.Create(ctx, c.plan.describe())
			if errors.Is(err, hoster.ErrOutcomeUnknown) {
				contact, err = c.madeContact(ctx, c.plan.describe(), err)
			}
			c.plan.ID = types.StringValue(string(contact.ID))
			return err
		},
		read: readContact,
		update: func(ctx context.Context, c *change[contactModel]) error {
			want := c.plan.describe()
			company := want.Company
			if company.IsZero() {
				company = hoster.Null[string]()
			}
			_, err := c.client.Contacts.Update(ctx, hoster.ContactID(c.plan.ID.ValueString()), hoster.ContactUpdate{
				Name: hoster.Set(want.Name), Email: hoster.Set(want.Email), Phone: hoster.Set(want.Phone), Company: company, Address: hoster.Set(want.Address),
			})
			return err
		},
		remove: func(ctx context.Context, c *change[contactModel]) error {
			return c.client.Contacts.Delete(ctx, hoster.ContactID(c.state.ID.ValueString()))
		},
		key: func(id string) (map[string]any, error) {
			if strings.Contains(id, "@") {
				return map[string]any{"email": id}, nil
			}
			return map[string]any{"id": id}, nil
		},
	}
}

func (m *contactModel) describe() hoster.ContactCreate {
	c := hoster.ContactCreate{
		Name: m.Name.ValueString(), Email: m.Email.ValueString(), Phone: m.Phone.ValueString(),
		Address: hoster.Address{
			Street: m.Address.Street.ValueString(), City: m.Address.City.ValueString(), State: m.Address.State.ValueString(),
			PostalCode: m.Address.PostalCode.ValueString(), Country: m.Address.Country.ValueString(),
		},
	}
	if !m.Company.IsNull() {
		c.Company = hoster.Set(m.Company.ValueString())
	}
	return c
}

// madeContact looks for the contact that a call of unknown outcome may have made.
func (c *change[M]) madeContact(ctx context.Context, want hoster.ContactCreate, unknown error) (hoster.Contact, error) {
	all, err := c.client.Contacts.List(ctx, nil)
	if err != nil {
		return hoster.Contact{}, errors.Join(unknown, err)
	}
	company, _ := want.Company.Get()
	for _, made := range slices.Backward(all) {
		if made.Name == want.Name && made.Email == want.Email && made.Phone == want.Phone && made.Company == company && made.Address != nil && *made.Address == want.Address {
			return made, nil
		}
	}
	return hoster.Contact{}, unknown
}

// readContact reads the contact by its id, or after an import by its email.
func readContact(ctx context.Context, c *change[contactModel]) error {
	var contact hoster.Contact
	var err error
	if c.state.ID.IsNull() {
		all, listed := c.client.Contacts.List(ctx, nil)
		all = slices.DeleteFunc(all, func(other hoster.Contact) bool { return !strings.EqualFold(other.Email, c.state.Email.ValueString()) })
		if err = listed; err == nil && len(all) != 1 {
			return fmt.Errorf("%d contacts have the email %s: import one by its id", len(all), c.state.Email.ValueString())
		} else if err == nil {
			contact = all[0]
		}
	} else {
		contact, err = c.client.Contacts.Get(ctx, hoster.ContactID(c.state.ID.ValueString()))
	}
	if err != nil {
		return err
	}
	m := &c.state
	m.ID, m.Name, m.Email = types.StringValue(string(contact.ID)), types.StringValue(contact.Name), types.StringValue(contact.Email)
	m.Phone, m.Company = types.StringValue(contact.Phone), textOr(m.Company, contact.Company)
	var now hoster.Address
	if contact.Address != nil {
		now = *contact.Address
	}
	old := m.Address
	if old == nil {
		old = new(addressModel)
	}
	m.Address = &addressModel{
		Street: types.StringValue(now.Street), City: types.StringValue(now.City), State: textOr(old.State, now.State),
		PostalCode: textOr(old.PostalCode, now.PostalCode), Country: types.StringValue(now.Country),
	}
	return nil
}

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/go-hoster/hoster"
)

// text is an attribute that the data source fills in.
func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, Description: description}
}

func textList(description string) schema.ListAttribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, Description: description}
}

func nested(description string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{Computed: true, Description: description, NestedObject: schema.NestedAttributeObject{Attributes: attributes}}
}

type accountModel struct {
	ID      types.String `tfsdk:"id"`
	Name    types.String `tfsdk:"name"`
	Email   types.String `tfsdk:"email"`
	Company types.String `tfsdk:"company"`
	Phone   types.String `tfsdk:"phone"`
	TaxID   types.String `tfsdk:"tax_id"`
}

func newAccountSource() datasource.DataSource {
	return &source[accountModel]{
		name: "hoster_account", title: "Account", text: "The profile of the account.",
		uses: []hoster.Operation{"Account.Profile"},
		attributes: map[string]schema.Attribute{
			"id": text("The id of the customer."), "name": text("The name."), "email": text("The email address."),
			"company": text("The company."), "phone": text("The telephone number."), "tax_id": text("The tax id."),
		},
		read: func(ctx context.Context, a *api, m *accountModel) error {
			p, err := a.client.Account.Profile(ctx)
			*m = accountModel{
				ID: types.StringValue(string(p.ID)), Name: types.StringValue(p.Name), Email: types.StringValue(p.Email),
				Company: types.StringValue(p.Company), Phone: types.StringValue(p.Phone), TaxID: types.StringValue(p.TaxID),
			}
			return err
		},
	}
}

type currentTokenModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Scopes      []string     `tfsdk:"scopes"`
	Status      types.String `tfsdk:"status"`
	CreatedAt   types.String `tfsdk:"created_at"`
	ExpiresAt   types.String `tfsdk:"expires_at"`
	IPAllowlist []string     `tfsdk:"ip_allowlist"`
	Prefix      types.String `tfsdk:"prefix"`
}

func newCurrentTokenSource() datasource.DataSource {
	return &source[currentTokenModel]{
		name: "hoster_current_token", title: "Current token", text: "The token that Terraform uses, without its secret.",
		uses: []hoster.Operation{"Tokens.Current"},
		attributes: map[string]schema.Attribute{
			"id": text("The id."), "name": text("The name."), "scopes": textList("The scopes."), "status": text("The status."),
			"created_at": text("When it was made, RFC 3339."), "expires_at": text("When it expires, RFC 3339; null: never."),
			"ip_allowlist": textList("The addresses and CIDR ranges that may use it; empty: all."), "prefix": text("The first characters of its secret."),
		},
		read: func(ctx context.Context, a *api, m *currentTokenModel) error {
			t, err := a.client.Tokens.Current(ctx)
			*m = currentTokenModel{
				ID: types.StringValue(string(t.ID)), Name: types.StringValue(t.Name), Scopes: texts(t.Scopes), Status: types.StringValue(string(t.Status)),
				CreatedAt: timeOf(&t.CreatedAt), ExpiresAt: timeOf(t.ExpiresAt), IPAllowlist: texts(t.IPAllowlist), Prefix: types.StringValue(t.Prefix),
			}
			return err
		},
	}
}

func texts[T ~string](all []T) []string {
	list := []string{}
	for _, s := range all {
		list = append(list, string(s))
	}
	return list
}

type ordersModel struct {
	Status types.String `tfsdk:"status"`
	Orders []orderEntry `tfsdk:"orders"`
}

type orderEntry struct {
	ID         types.String `tfsdk:"id"`
	Number     types.String `tfsdk:"number"`
	Status     types.String `tfsdk:"status"`
	CreatedAt  types.String `tfsdk:"created_at"`
	Items      []string     `tfsdk:"items"`
	Total      types.String `tfsdk:"total"`
	Currency   types.String `tfsdk:"currency"`
	InvoiceIDs []string     `tfsdk:"invoice_ids"`
}

func newOrdersSource() datasource.DataSource {
	return &source[ordersModel]{
		name: "hoster_orders", title: "Orders", text: "The orders of the account; without the scope those that the token placed.",
		uses: []hoster.Operation{"Orders.List"},
		attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{Optional: true, Description: "Only orders with this status: pending, active, fraud or cancelled."},
			"orders": nested("The orders, oldest first.", map[string]schema.Attribute{
				"id": text("The id."), "number": text("The number."), "status": text("The status."), "created_at": text("When it was placed, RFC 3339."),
				"items": textList("What was ordered."), "total": text("The total before tax."), "currency": text("The currency, ISO 4217."), "invoice_ids": textList("The ids of its invoices."),
			}),
		},
		read: func(ctx context.Context, a *api, m *ordersModel) error {
			all, err := a.client.Orders.List(ctx, &hoster.OrderListOptions{Status: hoster.OrderStatus(m.Status.ValueString())})
			m.Orders = []orderEntry{}
			for _, o := range all {
				items := []string{}
				for _, item := range o.Items {
					items = append(items, item.Description)
				}
				m.Orders = append(m.Orders, orderEntry{
					ID: types.StringValue(string(o.ID)), Number: types.StringValue(o.Number), Status: types.StringValue(string(o.Status)), CreatedAt: timeOf(&o.CreatedAt),
					Items: items, Total: types.StringValue(o.Total.String()), Currency: types.StringValue(o.Currency), InvoiceIDs: texts(o.InvoiceIDs),
				})
			}
			return err
		},
	}
}

type invoicesModel struct {
	Status   types.String   `tfsdk:"status"`
	Type     types.String   `tfsdk:"type"`
	Invoices []invoiceEntry `tfsdk:"invoices"`
}

type invoiceEntry struct {
	ID         types.String `tfsdk:"id"`
	Number     types.String `tfsdk:"number"`
	Type       types.String `tfsdk:"type"`
	Status     types.String `tfsdk:"status"`
	IssuedAt   types.String `tfsdk:"issued_at"`
	DueAt      types.String `tfsdk:"due_at"`
	Total      types.String `tfsdk:"total"`
	BalanceDue types.String `tfsdk:"balance_due"`
	Currency   types.String `tfsdk:"currency"`
	OrderID    types.String `tfsdk:"order_id"`
	PaymentURL types.String `tfsdk:"payment_url"`
}

func newInvoicesSource() datasource.DataSource {
	return &source[invoicesModel]{
		name: "hoster_invoices", title: "Invoices", text: "The invoices of the account.",
		uses: []hoster.Operation{"Invoices.List"},
		attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{Optional: true, Description: "Only invoices with this status, such as unpaid or overdue."},
			"type":   schema.StringAttribute{Optional: true, Description: "Only invoices of this type: proforma or tax."},
			"invoices": nested("The invoices, oldest first.", map[string]schema.Attribute{
				"id": text("The id."), "number": text("The number."), "type": text("The type."), "status": text("The status."),
				"issued_at": text("When it was issued, RFC 3339."), "due_at": text("When it is due, RFC 3339."),
				"total": text("The total."), "balance_due": text("What is still to be paid."), "currency": text("The currency, ISO 4217."),
				"order_id": text("The id of the order."), "payment_url": text("Where it is paid by hand."),
			}),
		},
		read: func(ctx context.Context, a *api, m *invoicesModel) error {
			all, err := a.client.Invoices.List(ctx, &hoster.InvoiceListOptions{Status: hoster.InvoiceStatus(m.Status.ValueString()), Type: hoster.InvoiceType(m.Type.ValueString())})
			m.Invoices = []invoiceEntry{}
			for _, i := range all {
				m.Invoices = append(m.Invoices, invoiceEntry{
					ID: types.StringValue(string(i.ID)), Number: types.StringValue(i.Number), Type: types.StringValue(string(i.Type)), Status: types.StringValue(string(i.Status)),
					IssuedAt: timeOf(&i.IssuedAt), DueAt: timeOf(&i.DueAt), Total: types.StringValue(i.Total.String()), BalanceDue: types.StringValue(i.BalanceDue.String()),
					Currency: types.StringValue(i.Currency), OrderID: types.StringValue(string(i.OrderID)), PaymentURL: types.StringValue(i.PaymentURL),
				})
			}
			return err
		},
	}
}

package sandbox

import (
	"slices"

	"github.com/go-hoster/hoster/sandbox/internal/shop"
)

var invoiceFilters = []filter{
	{"status", oneOf(shop.InvoiceStatuses)},
	{"type", oneOf(shop.InvoiceTypes)},
}

func listInvoices(c *call) *answer {
	status, kind := c.query.Get("status"), c.query.Get("type")
	var found []*Invoice
	for _, inv := range c.st.Invoices {
		if (status == "" || inv.Status == status) && (kind == "" || inv.Type == kind) {
			found = append(found, inv)
		}
	}
	return list(c, found, shop.ShowInvoice)
}

// invoice finds the invoice that the path names.
func (c *call) invoice() (*Invoice, *answer) {
	if inv := c.st.Invoice(c.params["id"]); inv != nil {
		return inv, nil
	}
	return nil, notFound("invoice")
}

func getInvoice(c *call) *answer {
	inv, missing := c.invoice()
	if missing != nil {
		return missing
	}
	return c.tagged(ok(shop.ShowInvoice(inv)), tagOf(shop.ShowInvoice(inv)))
}

func getInvoicePDF(c *call) *answer {
	inv, missing := c.invoice()
	if missing != nil {
		return missing
	}
	a := ok(nil)
	a.payload, a.file = nil, invoicePDF(inv, c.srv.pdfSize)
	a.header.Set("Content-Type", "application/pdf")
	return a
}

var orderFilters = []filter{{"status", oneOf(shop.OrderStatuses)}}

// readsOrders lets a token without account:read in to the list, which holds the
// orders that it placed itself, and to each of those.
func readsOrders(st *State, x *exchange) bool {
	id, one := x.params["id"]
	return !one || slices.ContainsFunc(st.Orders, func(o *Order) bool {
		return o.PlacedBy == x.token.ID && o.ID == id
	})
}

func listOrders(c *call) *answer {
	status, all := c.query.Get("status"), c.token.has("account:read")
	var found []*Order
	for _, o := range c.st.Orders {
		if (status == "" || o.Status == status) && (all || o.PlacedBy == c.token.ID) {
			found = append(found, o)
		}
	}
	return list(c, found, shop.ShowOrder)
}

func getOrder(c *call) *answer {
	o := c.st.Order(c.params["id"])
	if o == nil {
		return notFound("order")
	}
	return c.tagged(ok(shop.ShowOrder(o)), tagOf(shop.ShowOrder(o)))
}

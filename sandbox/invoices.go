package sandbox

var invoiceFilters = []filter{
	{"status", oneOf(invoiceStatuses)},
	{"type", oneOf(invoiceTypes)},
}

func listInvoices(c *call) *answer {
	status, kind := c.query.Get("status"), c.query.Get("type")
	var found []*Invoice
	for _, inv := range c.st.Invoices {
		if (status == "" || inv.Status == status) && (kind == "" || inv.Type == kind) {
			found = append(found, inv)
		}
	}
	return list(c, found, (*Invoice).shown)
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
	return c.tagged(ok(inv.shown()), tagOf(inv.shown()))
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

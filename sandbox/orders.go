package sandbox

import "slices"

var orderFilters = []filter{{"status", oneOf(orderStatuses)}}

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
	return list(c, found, (*Order).shown)
}

func getOrder(c *call) *answer {
	o := c.st.Order(c.params["id"])
	if o == nil {
		return notFound("order")
	}
	return c.tagged(ok(o.shown()), tagOf(o.shown()))
}

package hoster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/go-hoster/hoster/internal/printable"
)

// OrdersService reads orders. Orders are placed by the calls that buy, such as
// [DomainsService.Register] and [HostingService.Provision].
type OrdersService struct{ service }

// List returns all orders that match, oldest first. It needs
// [ScopeAccountRead]; without it a token reads the orders that it placed itself.
func (s *OrdersService) List(ctx context.Context, options *OrderListOptions, opts ...CallOption) ([]Order, error) {
	return list[Order](ctx, s.client, opOrdersList, request{query: options}, opts)
}

// All walks the orders page by page. It needs [ScopeAccountRead], or reads the
// token's own.
// An error ends the walk and comes as the second variable; what came before it is
// good.
func (s *OrdersService) All(ctx context.Context, options *OrderListOptions, opts ...CallOption) iter.Seq2[Order, error] {
	return listAll[Order](ctx, s.client, opOrdersList, request{query: options}, opts)
}

// ListPage returns one page. It needs [ScopeAccountRead], or reads the token's
// own orders.
func (s *OrdersService) ListPage(ctx context.Context, options *OrderListOptions, opts ...CallOption) (Page[Order], error) {
	return listPage[Order](ctx, s.client, opOrdersList, request{query: options}, opts)
}

// Get returns one order. It needs [ScopeAccountRead], or that the token placed
// the order itself.
func (s *OrdersService) Get(ctx context.Context, id OrderID, opts ...CallOption) (Order, error) {
	return do[Order](ctx, s.client, opOrdersGet, request{path: []string{string(id)}}, opts)
}

// OrderID names an order.
type OrderID string

// OrderStatus is the state of an order.
type OrderStatus string

// Known values; new ones can appear.
const (
	OrderStatusPending   OrderStatus = "pending" // unpaid, in fraud review, or waiting for manual activation
	OrderStatusActive    OrderStatus = "active"
	OrderStatusFraud     OrderStatus = "fraud"
	OrderStatusCancelled OrderStatus = "cancelled"
)

// OrderItemType is what an item of an order is.
type OrderItemType string

// Known values; new ones can appear.
const (
	OrderItemTypeDomainRegistration OrderItemType = "domain_registration"
	OrderItemTypeDomainRenewal      OrderItemType = "domain_renewal"
	OrderItemTypeDomainTransfer     OrderItemType = "domain_transfer"
	OrderItemTypeHosting            OrderItemType = "hosting"
	OrderItemTypeHostingRenewal     OrderItemType = "hosting_renewal"
	OrderItemTypeHostingUpgrade     OrderItemType = "hosting_upgrade"
)

// Order is what was bought. It is pending until its invoice is paid, and while
// the provider reviews or activates it by hand.
type Order struct {
	ID         OrderID     `json:"id" read:"required"`
	Number     string      `json:"number"`
	Status     OrderStatus `json:"status"`
	CreatedAt  time.Time   `json:"created_at"`
	Items      []OrderItem `json:"items"`
	Total      Amount      `json:"total"`
	Currency   string      `json:"currency" canon:"currency"` // ISO 4217
	InvoiceIDs []InvoiceID `json:"invoice_ids"`
}

func (o Order) key() string { return string(o.ID) }

// OrderItem is one thing of an order. Domain, ServiceID, PlanID and Years are
// empty where they have no meaning.
type OrderItem struct {
	Type        OrderItemType `json:"type"`
	Description string        `json:"description"`
	Domain      string        `json:"domain" canon:"domain"`
	ServiceID   HostingID     `json:"service_id"`
	PlanID      HostingPlanID `json:"plan_id"`
	Years       int           `json:"years"`
	Amount      Amount        `json:"amount"`
}

// OrderListOptions filter a list of orders. The zero value lists all.
type OrderListOptions struct {
	Status OrderStatus `url:"status,omitempty"`

	Page    int `url:"page,omitempty"`     // from 1; for ListPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 100; List and All ask for 100 without it
}

// Purchase is what every call that buys answers: the order is pending, and its
// proforma invoice unpaid. Nothing is bought yet. The invoice is paid by hand
// in the provider's portal ([Invoice.PaymentURL]); then the order turns active,
// and the item with it. An order whose invoice is not paid lapses by itself.
//
// A call that buys is repeated only when the first request provably was not
// processed, or under an idempotency key that the provider is known to honour.
type Purchase struct {
	Order   Order   `json:"order" read:"required"`
	Invoice Invoice `json:"invoice"`
}

// ErrPriceChanged matches a purchase that was refused because it would cost
// more than MaxPrice: by the API ([ErrorCodePriceChanged]), or by a [PriceError]
// before anything was ordered.
var ErrPriceChanged = errors.New("hoster: the price is higher than allowed")

// PriceError refuses a purchase after its price was looked up, before anything
// was ordered.
type PriceError struct {
	Operation Operation
	Item      string // the domain or plan
	Max       Amount
	Price     *Amount // nil where the provider names no price
	Currency  string  // of the price; empty where the provider names none

	// MaxCurrency is that of Max; empty where the order names none.
	MaxCurrency string
}

// Error names the price and the bound.
func (e *PriceError) Error() string {
	return printable.Whole(fmt.Sprintf("hoster: %s: %s", e.Operation, e.reason()))
}

func (e *PriceError) reason() string {
	if e.Price == nil {
		return fmt.Sprintf("%s: the provider names no price, so it cannot be held to %s", e.Item, e.Max)
	}
	if e.MaxCurrency != "" && !strings.EqualFold(e.Currency, e.MaxCurrency) {
		return fmt.Sprintf("%s costs %s %s, and the bound is %s %s", e.Item, e.Price, cmp.Or(e.Currency, "of a currency that is not named"), e.Max, e.MaxCurrency)
	}
	return fmt.Sprintf("%s costs %s %s, more than the %s allowed", e.Item, e.Price, e.Currency, e.Max)
}

// Is matches ErrPriceChanged.
func (e *PriceError) Is(target error) bool { return target == ErrPriceChanged }

// priceCheck is a purchase that wants its price looked up first.
type priceCheck struct {
	op       Operation
	item     string
	max      Opt[Amount]
	currency string // of max
	times    int    // years; 1 for a billing cycle
}

// hold compares the price that was found with the bound.
func (p priceCheck) hold(price *Amount, currency string) error {
	most, _ := p.max.Get()
	refused := &PriceError{Operation: p.op, Item: p.item, Max: most, Currency: currency, MaxCurrency: p.currency}
	if price == nil {
		return refused
	}
	var total Amount
	for range p.times {
		total = total.Add(*price)
	}
	if total.Cmp(most) > 0 || p.currency != "" && !strings.EqualFold(p.currency, currency) {
		refused.Price = &total
		return refused
	}
	return nil
}

// buy makes a call that buys. All of its arguments are checked first, then its
// price, and then it is sent. check can be nil.
func buy[T any](ctx context.Context, c *Client, op *operation, req request, opts []CallOption, check func(context.Context) error) (T, error) {
	var result, none T
	call, err := c.newCall(ctx, op, req, opts)
	if err != nil {
		return none, err
	}
	if check != nil {
		if err := check(ctx); err != nil {
			return none, err
		}
	}
	call.target = &result
	if err := call.run(); err != nil {
		return none, err
	}
	return result, nil
}

// priceOf holds a purchase to the price that Availability tells, where that is
// wanted.
func (s *DomainsService) priceOf(wanted bool, p priceCheck, which func(DomainPrices) *Amount) func(context.Context) error {
	if !wanted {
		return nil
	}
	return func(ctx context.Context) error {
		found, err := s.Availability(ctx, []string{p.item})
		if err != nil {
			return err
		}
		domain, err := canonicalDomain(p.op, "domain", p.item)
		if err != nil {
			return err
		}
		for _, a := range found {
			if a.Domain == domain && a.Prices != nil {
				return p.hold(which(*a.Prices), a.Currency)
			}
		}
		return p.hold(nil, "")
	}
}

// priceOf holds an order to the plan's price for the billing cycle, where that is
// wanted.
func (s *HostingService) priceOf(order HostingOrder) func(context.Context) error {
	if !order.CheckPrice {
		return nil
	}
	p := priceCheck{opHostingProvision.name, string(order.PlanID), order.MaxPrice, order.Currency, 1}
	return func(ctx context.Context) error {
		for plan, err := range s.client.HostingPlans.All(ctx, nil) {
			if err != nil {
				return err
			}
			if plan.ID != order.PlanID {
				continue
			}
			for _, price := range plan.Prices {
				if strings.EqualFold(string(price.BillingCycle), string(order.BillingCycle)) {
					return p.hold(&price.Amount, price.Currency)
				}
			}
		}
		return p.hold(nil, "")
	}
}

package hoster

import (
	"context"
	"iter"
	"time"
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

// OrderStatus is the state of an order. New values can appear at any time.
type OrderStatus string

// The states of the contract.
const (
	OrderStatusPending   OrderStatus = "pending" // unpaid, in fraud review, or waiting for manual activation
	OrderStatusActive    OrderStatus = "active"
	OrderStatusFraud     OrderStatus = "fraud"
	OrderStatusCancelled OrderStatus = "cancelled"
)

// OrderItemType is what an item of an order is. New values can appear.
type OrderItemType string

// The types of the contract.
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
type Purchase struct {
	Order   Order   `json:"order" read:"required"`
	Invoice Invoice `json:"invoice"`
}

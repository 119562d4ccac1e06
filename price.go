package hoster

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-hoster/hoster/internal/printable"
)

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
	Currency  string
}

// Error names the price and the bound.
func (e *PriceError) Error() string {
	if e.Price == nil {
		return printable.Whole(fmt.Sprintf("hoster: %s: %s: the provider names no price, so it cannot be held to %s", e.Operation, e.Item, e.Max))
	}
	return printable.Whole(fmt.Sprintf("hoster: %s: %s costs %s %s, more than the %s allowed", e.Operation, e.Item, e.Price, e.Currency, e.Max))
}

// Is matches ErrPriceChanged.
func (e *PriceError) Is(target error) bool { return target == ErrPriceChanged }

// priceCheck is a purchase that wants its price looked up first.
type priceCheck struct {
	op    Operation
	item  string
	max   Opt[Amount]
	times int // years; 1 for a billing cycle
}

// hold compares the price that was found with the bound.
func (p priceCheck) hold(price *Amount, currency string) error {
	most, _ := p.max.Get()
	refused := &PriceError{Operation: p.op, Item: p.item, Max: most, Currency: currency}
	if price == nil {
		return refused
	}
	var total Amount
	for range p.times {
		total = total.Add(*price)
	}
	if total.Cmp(most) > 0 {
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
	p := priceCheck{opHostingProvision.name, string(order.PlanID), order.MaxPrice, 1}
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

package hoster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-hoster/hoster/internal/once"
)

// Outcome is how something came to be there.
type Outcome string

// What an Ensure method found or did.
const (
	OutcomeBought  Outcome = "bought"  // this call placed an order, which is to be paid
	OutcomeOrdered Outcome = "ordered" // it was ordered before, and that order is still open
	OutcomeOwned   Outcome = "owned"   // it is there: nothing was ordered
)

// Ensured is what [DomainsService.EnsureRegistered] and its kin found or ordered.
//
// They look for the thing and for an open order of it, and order it where there is
// neither. However often they are called and wherever a call ends, be it by kill -9,
// there is one order: its idempotency key follows from the order itself, so that a
// provider that honours keys gives the same answer again for 24 h. A refusal that is
// repeated in this way, such as that of an invoice overdue this morning, or an order
// that was cancelled since, is asked again under another key, up to 20 times. After an
// answer that was lost they look, as [Settle] does, for up to 30 s; where nothing
// appears the error matches [ErrOutcomeUnknown], and the call can be made again.
//
// Where the provider is not known to honour keys two looks 2 s apart must find nothing
// before anything is ordered. Then one gap remains: a program that was killed after it
// had sent the order, and that runs again before the provider shows the order.
//
// They need the scopes of what they call, [ScopesFor]; open orders of other tokens are
// seen with [ScopeAccountRead].
type Ensured[T any] struct {
	Outcome Outcome
	Item    T        // as read or answered; at least what names it, where the provider says no more
	Order   *Order   // nil where it is owned, or its order is not to be found
	Invoice *Invoice // of an order that this call placed: paid by hand, at its PaymentURL
}

// EnsureRegistered makes sure that a domain is in the account, or ordered: a domain
// that is held in any state, or on its way by transfer, is not ordered again. See
// [Ensured] for what that means, and [DomainsService.Register] for the errors.
func (s *DomainsService) EnsureRegistered(ctx context.Context, order DomainRegistrationOrder) (Ensured[Domain], error) {
	w := s.wanted("Domains.EnsureRegistered", opDomainsRegister, order.Domain, order)
	w.buy = func(ctx context.Context, opts ...CallOption) (Purchase, *Domain, error) {
		p, err := s.Register(ctx, order, opts...)
		return p.Purchase, p.Domain, err
	}
	return w.ensure(ctx, s.client)
}

// EnsureTransferred makes sure that a domain is in the account, or that its transfer
// is ordered. See [Ensured] for what that means, and [DomainsService.Transfer] for the
// errors.
func (s *DomainsService) EnsureTransferred(ctx context.Context, order DomainTransferOrder) (Ensured[Domain], error) {
	w := s.wanted("Domains.EnsureTransferred", opDomainsTransfer, order.Domain, order)
	w.buy = func(ctx context.Context, opts ...CallOption) (Purchase, *Domain, error) {
		p, err := s.Transfer(ctx, order, opts...)
		return p.Purchase, nil, err
	}
	return w.ensure(ctx, s.client)
}

// EnsureRenewed makes sure that a domain of the account is registered until then at
// least, or that a renewal is ordered. One call orders once: where the years do not
// reach, a call after the payment orders again. See [Ensured] for what that means, and
// [DomainsService.Renew] for the errors.
func (s *DomainsService) EnsureRenewed(ctx context.Context, domain string, until time.Time, renewal DomainRenewalOrder) (Ensured[Domain], error) {
	w := s.wanted("Domains.EnsureRenewed", opDomainsRenew, domain, renewal)
	w.path = []string{domain}
	w.look = func(ctx context.Context) (Domain, once.Standing, error) {
		d, err := s.Get(ctx, domain)
		w.version = fmt.Sprint(d.ExpiresAt)
		return d, reaches(d.ExpiresAt, until), err
	}
	w.matches = func(item OrderItem) bool { return item.Type == OrderItemTypeDomainRenewal && item.Domain == w.what }
	w.gone = nil
	w.buy = func(ctx context.Context, opts ...CallOption) (Purchase, *Domain, error) {
		p, err := s.Renew(ctx, domain, renewal, opts...)
		return p.Purchase, p.Domain, err
	}
	return w.ensure(ctx, s.client)
}

// wanted is a domain that is to be in the account.
func (s *DomainsService) wanted(op Operation, row *operation, domain string, order any) *wanted[Domain] {
	name, err := canonicalDomain(row.name, "domain", domain)
	w := &wanted[Domain]{op: op, row: row, order: order, what: name, named: Domain{Name: name}, wrong: err}
	w.look = func(ctx context.Context) (Domain, once.Standing, error) {
		d, err := s.Get(ctx, name)
		if errors.Is(err, ErrNotFound) {
			return w.named, once.Absent, nil
		}
		switch d.Status {
		case DomainStatusCancelled, DomainStatusTransferredAway:
			return d, once.Absent, err
		case DomainStatusPending, DomainStatusPendingTransfer:
			return d, once.Ordered, err
		}
		return d, once.Owned, err
	}
	w.matches = func(item OrderItem) bool {
		return item.Domain == name && (item.Type == OrderItemTypeDomainRegistration || item.Type == OrderItemTypeDomainTransfer)
	}
	w.gone = func(ctx context.Context, _ Order) (bool, error) {
		_, standing, err := w.look(ctx)
		return standing == once.Absent, err
	}
	return w
}

// EnsureProvisioned makes sure that a service of the plan runs for the domain, or is
// ordered; one that was cancelled does not count. The order must have a domain, which
// tells the service from others of the same plan. See [Ensured] for what that means,
// and [HostingService.Provision] for the errors.
func (s *HostingService) EnsureProvisioned(ctx context.Context, order HostingOrder) (Ensured[HostingAccount], error) {
	const op = Operation("Hosting.EnsureProvisioned")
	given, ok := order.Domain.Get()
	if !ok {
		return Ensured[HostingAccount]{}, &ArgumentError{Operation: op, Field: "domain", Expected: "a domain, which tells the service from others of the same plan"}
	}
	domain, err := canonicalDomain(op, "domain", given)
	w := &wanted[HostingAccount]{
		op: op, row: opHostingProvision, order: order, what: domain + " " + string(order.PlanID), wrong: err,
		named: HostingAccount{Plan: HostingPlanRef{ID: order.PlanID}, Domain: domain},
	}
	w.look = func(ctx context.Context) (HostingAccount, once.Standing, error) {
		found, err := First(s.All(ctx, nil), func(a HostingAccount) bool {
			return a.Plan.ID == order.PlanID && a.Domain == domain && a.Status != HostingStatusCancelled
		})
		switch {
		case errors.Is(err, ErrNotFound):
			return w.named, once.Absent, nil
		case found.Status == HostingStatusPending:
			return found, once.Ordered, err
		}
		return found, once.Owned, err
	}
	w.matches = func(item OrderItem) bool {
		return item.Type == OrderItemTypeHosting && item.PlanID == order.PlanID && item.Domain == domain
	}
	w.gone = func(ctx context.Context, order Order) (bool, error) {
		i := slices.IndexFunc(order.Items, w.matches)
		if i < 0 || order.Items[i].ServiceID == "" {
			return false, nil
		}
		a, err := s.Get(ctx, order.Items[i].ServiceID)
		return a.Status == HostingStatusCancelled, err
	}
	w.buy = func(ctx context.Context, opts ...CallOption) (Purchase, *HostingAccount, error) {
		p, err := s.Provision(ctx, order, opts...)
		return p.Purchase, p.Service, err
	}
	return w.ensure(ctx, s.client)
}

// EnsureRenewed makes sure that a service is paid until then at least, or that a
// renewal is ordered. One call orders one term: where that does not reach, a call
// after the payment orders again. See [Ensured] for what that means, and
// [HostingService.Renew] for the errors.
func (s *HostingService) EnsureRenewed(ctx context.Context, id HostingID, until time.Time, renewal HostingRenewalOrder) (Ensured[HostingAccount], error) {
	w := &wanted[HostingAccount]{
		op: "Hosting.EnsureRenewed", row: opHostingRenew, path: []string{string(id)}, order: renewal, what: string(id),
		named: HostingAccount{ID: id},
	}
	w.look = func(ctx context.Context) (HostingAccount, once.Standing, error) {
		a, err := s.Get(ctx, id)
		w.version = fmt.Sprint(a.NextDueAt)
		return a, reaches(a.NextDueAt, until), err
	}
	w.matches = func(item OrderItem) bool { return item.Type == OrderItemTypeHostingRenewal && item.ServiceID == id }
	w.buy = func(ctx context.Context, opts ...CallOption) (Purchase, *HostingAccount, error) {
		p, err := s.Renew(ctx, id, renewal, opts...)
		return p.Purchase, p.Service, err
	}
	return w.ensure(ctx, s.client)
}

// reaches says whether a term that ends at end is long enough.
func reaches(end *time.Time, until time.Time) once.Standing {
	if end == nil || end.Before(until) {
		return once.Absent
	}
	return once.Owned
}

// wanted is something that is to be there, and how to buy it.
type wanted[T any] struct {
	op      Operation
	row     *operation // the call that orders it
	path    []string
	order   any
	what    string // is wanted: it tells it from others
	named   T      // with what names it
	wrong   error  // with the arguments
	version string // of the thing that the order changes; look fills it in
	lost    bool   // the answer to the first attempt of this call's order was lost, and then replayed
	look    func(context.Context) (T, once.Standing, error)
	matches func(OrderItem) bool                       // an order's item is what is wanted
	gone    func(context.Context, Order) (bool, error) // what an order brought is no longer there; nil where it stays
	buy     func(context.Context, ...CallOption) (Purchase, *T, error)
}

// ensure checks the arguments, waits for its turn, and buys the thing once.
func (w *wanted[T]) ensure(ctx context.Context, c *Client) (Ensured[T], error) {
	none := Ensured[T]{}
	if w.wrong != nil {
		return none, w.wrong
	}
	if _, err := c.newCall(ctx, w.row, request{path: w.path, body: w.order}, nil); err != nil {
		return none, err
	}
	unlock, err := c.zones.Lock(ctx, string(w.row.name)+" "+w.what) // no zone is named so
	if err != nil {
		return none, &TransportError{Operation: w.op, Err: err}
	}
	defer unlock()
	result, standing, bought, err := once.Do(ctx, once.Job[Ensured[T]]{
		Look: func(ctx context.Context) (once.Standing, Ensured[T], error) { return w.lookAround(ctx, c) },
		Order: func(ctx context.Context, number int) (Ensured[T], once.Verdict, error) {
			return w.place(ctx, number)
		},
		Check: func(ctx context.Context, found Ensured[T]) (once.Standing, Ensured[T], error) {
			return w.check(ctx, c, found)
		},
		Keyed:     c.keysHonoured.Load,
		InPassing: Retryable,
	})
	switch {
	case err != nil:
		if errors.Is(err, once.ErrKeysUsed) {
			err = fmt.Errorf("hoster: %s %s: %w", w.op, w.what, err)
		}
		return none, err
	case bought, w.lost:
		result.Outcome = OutcomeBought
	case standing == once.Ordered:
		result.Outcome = OutcomeOrdered
	default:
		result.Outcome = OutcomeOwned
	}
	return result, nil
}

// lookAround looks for the thing and, where it is not owned, for an open order.
func (w *wanted[T]) lookAround(ctx context.Context, c *Client) (once.Standing, Ensured[T], error) {
	thing, standing, err := w.look(ctx)
	found := Ensured[T]{Item: thing}
	if err != nil || standing == once.Owned {
		return standing, found, err
	}
	order, err := First(c.Orders.All(ctx, &OrderListOptions{Status: OrderStatusPending}), func(o Order) bool {
		return slices.ContainsFunc(o.Items, w.matches)
	})
	switch {
	case errors.Is(err, ErrNotFound):
		return standing, found, nil
	case err != nil:
		return standing, found, err
	}
	found.Order = &order
	return once.Ordered, found, nil
}

// place orders under the key of that number.
func (w *wanted[T]) place(ctx context.Context, number int) (Ensured[T], once.Verdict, error) {
	key, err := w.key(number)
	if err != nil {
		return Ensured[T]{}, once.Failed, err
	}
	w.lost = false
	var meta Response
	purchase, thing, err := w.buy(ctx, WithIdempotencyKey(key), WithResponse(&meta))
	answered, isAnswer := errors.AsType[*Error](err)
	switch {
	case err == nil:
	case errors.Is(err, ErrOutcomeUnknown), isAnswer && (answered.Applied || answered.Code == ErrorCodeIdempotencyInProgress):
		return Ensured[T]{}, once.Unknown, err
	case isAnswer && answered.FromAPI && (meta.Replayed || answered.Code == ErrorCodeIdempotencyKeyReused):
		return Ensured[T]{}, once.Stale, err
	case errors.Is(err, ErrConflict) && !errors.Is(err, ErrPriceChanged):
		return Ensured[T]{}, once.Conflicting, err
	default:
		return Ensured[T]{}, once.Failed, err
	}
	result := Ensured[T]{Item: w.named, Order: &purchase.Order, Invoice: &purchase.Invoice}
	if thing != nil {
		result.Item = *thing
	} else if found, standing, err := w.look(ctx); err == nil && standing != once.Absent {
		result.Item = found
	}
	if meta.Replayed {
		w.lost = meta.Attempts > 1
		return result, once.Replayed, nil
	}
	return result, once.Placed, nil
}

// check reads an order again whose answer was replayed: it may be as old as a day.
func (w *wanted[T]) check(ctx context.Context, c *Client, found Ensured[T]) (once.Standing, Ensured[T], error) {
	order, err := c.Orders.Get(ctx, found.Order.ID)
	if err != nil {
		return once.Absent, found, err
	}
	found.Order = &order
	if !w.lost {
		found.Invoice = nil
	}
	switch order.Status {
	case OrderStatusCancelled, OrderStatusFraud:
		return once.Absent, found, nil
	case OrderStatusPending:
		return once.Ordered, found, nil
	}
	if w.gone != nil {
		if gone, err := w.gone(ctx, order); gone || err != nil {
			return once.Absent, found, err
		}
	}
	return once.Ordered, found, nil
}

// key follows from what is ordered, but for secrets, which print as redacted.
func (w *wanted[T]) key(number int) (string, error) {
	order, err := prepare(w.row, w.what, w.order)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(canonicalForm.Copy(order))
	if err != nil {
		return "", argumentOf(w.row, "body", "a value that can be written as JSON", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%d", w.row.name, w.what, text, w.version, number))
	return "ensure-" + hex.EncodeToString(sum[:16]), nil
}

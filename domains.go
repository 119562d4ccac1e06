package hoster

import (
	"context"
	"iter"
)

// DomainsService reads, buys and manages domains. A domain is addressed by its
// name, in Unicode or as A-labels, in any case, with or without the final dot.
type DomainsService struct{ service }

// List returns all domains that match, over all pages, by name. It needs
// [ScopeDomainsRead]. Errors of the walk itself match [ErrPagination].
func (s *DomainsService) List(ctx context.Context, options *DomainListOptions, opts ...CallOption) ([]Domain, error) {
	return list[Domain](ctx, s.client, opDomainsList, request{query: options}, opts)
}

// All walks the domains that match, page by page. It needs [ScopeDomainsRead].
// An error ends the walk; domains before it were good.
func (s *DomainsService) All(ctx context.Context, options *DomainListOptions, opts ...CallOption) iter.Seq2[Domain, error] {
	return listAll[Domain](ctx, s.client, opDomainsList, request{query: options}, opts)
}

// ListPage returns one page. It needs [ScopeDomainsRead].
func (s *DomainsService) ListPage(ctx context.Context, options *DomainListOptions, opts ...CallOption) (Page[Domain], error) {
	return listPage[Domain](ctx, s.client, opDomainsList, request{query: options}, opts)
}

// Get returns one domain with all of its fields. It needs [ScopeDomainsRead].
// A domain that is not in the account matches [ErrNotFound].
func (s *DomainsService) Get(ctx context.Context, domain string, opts ...CallOption) (Domain, error) {
	return do[Domain](ctx, s.client, opDomainsGet, request{path: []string{domain}}, opts)
}

// Availability says of 1 to 50 names whether they can be registered, and at
// which prices for a year. It needs [ScopeDomainsRead].
func (s *DomainsService) Availability(ctx context.Context, domains []string, opts ...CallOption) ([]Availability, error) {
	return do[[]Availability](ctx, s.client, opDomainsAvailability, request{query: availabilityQuery{domains}}, opts)
}

// Register orders a domain. It buys: see [Purchase] for what happens next. It
// needs [ScopeDomainsWrite]. A name that is taken matches [ErrConflict] with
// [ErrorCodeDomainUnavailable], a price above MaxPrice [ErrPriceChanged], and an
// account with an overdue invoice [ErrPaymentRequired].
//
// It is never repeated unless the first request provably was not processed.
// After an error that matches [ErrOutcomeUnknown] look for the domain and its
// order before you try again.
func (s *DomainsService) Register(ctx context.Context, order DomainRegistrationOrder, opts ...CallOption) (DomainPurchase, error) {
	check := s.priceOf(order.CheckPrice, priceCheck{opDomainsRegister.name, order.Domain, order.MaxPrice, order.Years}, func(p DomainPrices) *Amount { return p.Register })
	return buy[DomainPurchase](ctx, s.client, opDomainsRegister, request{body: order}, opts, check)
}

// Renew orders more years for a domain that is active, expired or in
// redemption. It buys: see [Purchase]. It needs [ScopeDomainsWrite]. A renewal
// that is still unpaid matches [ErrConflict]. It is never repeated unless the
// first request provably was not processed.
func (s *DomainsService) Renew(ctx context.Context, domain string, renewal DomainRenewalOrder, opts ...CallOption) (DomainPurchase, error) {
	check := s.priceOf(renewal.CheckPrice, priceCheck{opDomainsRenew.name, domain, renewal.MaxPrice, renewal.Years}, func(p DomainPrices) *Amount { return p.Renew })
	return buy[DomainPurchase](ctx, s.client, opDomainsRenew, request{path: []string{domain}, body: renewal}, opts, check)
}

// Transfer orders the transfer of a domain from another provider, with its auth
// code. It buys: see [Purchase]. It needs [ScopeDomainsWrite]. The domain is
// listed as pending_transfer at once; [DomainsService.TransferStatus] tells how
// far it is. It is never repeated unless the first request provably was not
// processed.
func (s *DomainsService) Transfer(ctx context.Context, order DomainTransferOrder, opts ...CallOption) (TransferPurchase, error) {
	check := s.priceOf(order.CheckPrice, priceCheck{opDomainsTransfer.name, order.Domain, order.MaxPrice, 1}, func(p DomainPrices) *Amount { return p.Transfer })
	return buy[TransferPurchase](ctx, s.client, opDomainsTransfer, request{body: order}, opts, check)
}

// TransferStatus tells how far a transfer is. It needs [ScopeDomainsRead].
func (s *DomainsService) TransferStatus(ctx context.Context, domain string, opts ...CallOption) (Transfer, error) {
	return do[Transfer](ctx, s.client, opDomainsTransferStatus, request{path: []string{domain}}, opts)
}

// Update changes the settings that are set. It needs [ScopeDomainsWrite].
func (s *DomainsService) Update(ctx context.Context, domain string, change DomainUpdate, opts ...CallOption) (Domain, error) {
	return do[Domain](ctx, s.client, opDomainsUpdate, request{path: []string{domain}, body: change}, opts)
}

// Nameservers returns the domain's nameservers. It needs [ScopeDomainsRead].
func (s *DomainsService) Nameservers(ctx context.Context, domain string, opts ...CallOption) (Nameservers, error) {
	return do[Nameservers](ctx, s.client, opDomainsNameservers, request{path: []string{domain}}, opts)
}

// SetNameservers replaces the domain's nameservers with 2 to 13 others. It
// needs [ScopeDomainsWrite]. The change may take its time: see ChangeStatus.
// On other nameservers than the provider's own, records here have no effect and
// cannot be changed.
func (s *DomainsService) SetNameservers(ctx context.Context, domain string, nameservers []string, opts ...CallOption) (Nameservers, error) {
	return do[Nameservers](ctx, s.client, opDomainsSetNameservers, request{path: []string{domain}, body: nameserverList{nameservers}}, opts)
}

// Contacts returns the domain's contacts. It needs [ScopeDomainsRead].
func (s *DomainsService) Contacts(ctx context.Context, domain string, opts ...CallOption) (DomainContacts, error) {
	return do[DomainContacts](ctx, s.client, opDomainsContacts, request{path: []string{domain}}, opts)
}

// SetContacts replaces the domain's contacts, all four of them. It needs
// [ScopeDomainsWrite].
func (s *DomainsService) SetContacts(ctx context.Context, domain string, contacts DomainContacts, opts ...CallOption) (DomainContacts, error) {
	return do[DomainContacts](ctx, s.client, opDomainsSetContacts, request{path: []string{domain}, body: contacts}, opts)
}

// AuthCode has the code made with which the domain can be transferred away,
// and returns it or has it sent by email. It needs [ScopeDomainsWrite]. A domain
// that is locked, expired, or younger than 60 days matches [ErrConflict] with
// [ErrorCodeDomainStateProhibits]: this call never unlocks it.
func (s *DomainsService) AuthCode(ctx context.Context, domain string, opts ...CallOption) (AuthCode, error) {
	return do[AuthCode](ctx, s.client, opDomainsAuthCode, request{path: []string{domain}}, opts)
}

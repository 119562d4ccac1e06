package sandbox

import (
	"strings"
	"time"
)

// domainStatuses are the contract's, in its order.
var domainStatuses = []string{
	"active", "pending", "pending_transfer", "expired", "redemption",
	"pending_delete", "transferred_away", "cancelled",
}

var domainFilters = []filter{
	{"status", oneOf(domainStatuses)},
	{"search", nil},
	{"auto_renew", oneOf([]string{"true", "false"})},
	{"expires_before", isTime},
}

// domainItem is a domain as the list shows it.
type domainItem struct {
	ID           string     `json:"id"`
	Name         string     `json:"name"`
	Status       string     `json:"status"`
	RegisteredAt *time.Time `json:"registered_at"`
	ExpiresAt    *time.Time `json:"expires_at"`
	AutoRenew    bool       `json:"auto_renew"`
	Locked       bool       `json:"locked"`
	Nameservers  []string   `json:"nameservers"`
}

// domainShown is a domain on its own.
type domainShown struct {
	domainItem
	WhoisPrivacy    bool           `json:"whois_privacy"`
	UsesProviderDNS bool           `json:"uses_provider_dns"`
	Contacts        DomainContacts `json:"contacts"`
	CreatedAt       time.Time      `json:"created_at"`
	UpdatedAt       time.Time      `json:"updated_at"`
}

func (d *Domain) item() domainItem {
	return domainItem{d.ID, d.Name, d.Status, d.RegisteredAt, d.ExpiresAt, d.AutoRenew, d.Locked, d.Nameservers}
}

func (d *Domain) shown() domainShown {
	return domainShown{d.item(), d.WhoisPrivacy, d.UsesProviderDNS, d.Contacts, d.CreatedAt, d.UpdatedAt}
}

// domain finds the domain that the path names, in the very spelling of its name.
func (c *call) domain() (*Domain, *answer) {
	if d := c.st.Domain(c.params["domain"]); d != nil {
		return d, nil
	}
	return nil, notFound("domain")
}

func listDomains(c *call) *answer {
	status, search := c.query.Get("status"), strings.ToLower(c.query.Get("search"))
	renew, before := c.query.Get("auto_renew"), c.query.Get("expires_before")
	limit, _ := time.Parse(time.RFC3339, before) // its filter let it through
	var found []*Domain
	for _, d := range c.st.Domains {
		switch {
		case status != "" && d.Status != status:
		case !strings.Contains(d.Name, search):
		case renew != "" && d.AutoRenew != (renew == "true"):
		case before != "" && (d.ExpiresAt == nil || !d.ExpiresAt.Before(limit)):
		default:
			found = append(found, d)
		}
	}
	return list(c, found, (*Domain).item)
}

func getDomain(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	return c.tagged(ok(d.shown()), tagOf(d.shown()))
}

package sandbox

import (
	"reflect"
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/input"
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

// changeable refuses changes of a domain in a state that allows none.
func (d *Domain) changeable() *answer {
	if d.Status != "active" && d.Status != "expired" {
		return conflict("DOMAIN_STATE_PROHIBITS", "The domain is "+d.Status+": it cannot be changed.")
	}
	return nil
}

// replaceDomain puts the domain as it is to be in the place of the old one,
// unless the two look the same, and returns the one that stands there now.
func (c *call) replaceDomain(old *Domain, want Domain) *Domain {
	if reflect.DeepEqual(old.shown(), want.shown()) {
		return old
	}
	d := c.st.own(old)
	want.Records, want.zone, want.version = d.Records, d.zone, d.version
	*d = want
	d.UpdatedAt = c.now
	c.wroteTo(d.Name)
	return d
}

func updateDomain(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	if changed := c.ifMatch(tagOf(d.shown())); changed != nil {
		return changed
	}
	want := *d
	c.fields.flag("auto_renew", &want.AutoRenew)
	c.fields.flag("locked", &want.Locked)
	c.fields.flag("whois_privacy", &want.WhoisPrivacy)
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := d.changeable(); refused != nil {
		return refused
	}
	d = c.replaceDomain(d, want)
	return c.tagged(ok(d.shown()), tagOf(d.shown()))
}

// flag reads a switch, which stays as it is when it is not sent.
func (f *fields) flag(name string, value *bool) {
	sent, how := f.Boolean(name)
	switch how {
	case input.Cleared:
		f.Fail(name, "cannot be cleared")
	case input.Given:
		*value = sent
	}
}

func getDomainContacts(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	return c.tagged(ok(d.Contacts), tagOf(d.Contacts))
}

func setDomainContacts(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	if changed := c.ifMatch(tagOf(d.Contacts)); changed != nil {
		return changed
	}
	want := *d
	for _, role := range roles {
		id, how := c.fields.Text(role.name)
		switch {
		case how == input.Absent:
			c.fields.Fail(role.name, "is required: all four roles are replaced")
		case how == input.Given && c.st.Contact(id) == nil:
			c.fields.Fail(role.name, "names no contact of the account")
		}
		*role.of(&want.Contacts) = id
	}
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := d.changeable(); refused != nil {
		return refused
	}
	d = c.replaceDomain(d, want)
	return c.tagged(ok(d.Contacts), tagOf(d.Contacts))
}

const (
	codeLifetime = 14 * 24 * time.Hour
	// transferLock is how long a domain stays after a registration or a transfer.
	transferLock = 60 * 24 * time.Hour
)

// AuthCode is the code with which a domain can be transferred away.
type AuthCode struct {
	Code      string
	ExpiresAt time.Time
}

type authCodeShown struct {
	Delivery  string    `json:"delivery"`
	AuthCode  *string   `json:"auth_code"`
	ExpiresAt time.Time `json:"expires_at"`
}

// createAuthCode gives out a new code each time; it takes the place of the last.
func createAuthCode(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	if why := d.staysBecause(c.now); why != "" {
		return conflict("DOMAIN_STATE_PROHIBITS", "There is no auth code: the domain "+why+".")
	}
	code := &AuthCode{Code: newSecret()[len(secretPrefix):][:20], ExpiresAt: c.now.Add(codeLifetime)}
	d = c.st.own(d)
	d.AuthCode = code
	c.wroteTo(d.Name)
	if d.AuthCodeByEmail {
		return ok(authCodeShown{"email", nil, code.ExpiresAt})
	}
	return ok(authCodeShown{"inline", &code.Code, code.ExpiresAt})
}

// staysBecause says why the domain cannot be transferred away, or "".
func (d *Domain) staysBecause(now time.Time) string {
	recent := func(t *time.Time) bool { return t != nil && now.Before(t.Add(transferLock)) }
	switch {
	case d.Status != "active":
		return "is " + d.Status
	case d.Locked:
		return "is locked"
	case d.ExpiresAt != nil && !now.Before(*d.ExpiresAt):
		return "is expired"
	case recent(d.RegisteredAt):
		return "was registered less than 60 days ago"
	case recent(d.TransferredAt):
		return "was transferred less than 60 days ago"
	}
	return ""
}

package sandbox

import (
	"reflect"

	"github.com/go-hoster/hoster/sandbox/internal/input"
)

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

package sandbox

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-hoster/hoster/sandbox/internal/input"
	"github.com/go-hoster/hoster/sandbox/internal/shop"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

var serviceFilters = []filter{{"status", oneOf(shop.ServiceStatuses)}}

func listServices(c *call) *answer {
	status := c.query.Get("status")
	var found []*Service
	for _, s := range c.st.Services {
		if status == "" || s.Status == status {
			found = append(found, s)
		}
	}
	return list(c, found, shop.ListService)
}

// service finds the service that the path names.
func (c *call) service() (*Service, *answer) {
	if s := c.st.Service(c.params["id"]); s != nil {
		return s, nil
	}
	return nil, notFound("service")
}

func getService(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	return c.tagged(ok(shop.ShowService(s)), tagOf(shop.ShowService(s)))
}

func listPlans(c *call) *answer { return list(c, c.st.Plans, shop.ShowPlan) }

func getUsage(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	return ok(s.Usage)
}

func cancelService(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	f := c.fields
	when, how := f.Text("when")
	if how == input.Absent || how == input.Given && when != "immediate" && when != "end_of_term" {
		f.Fail("when", "must be immediate or end_of_term")
	}
	reason, _ := f.Text("reason")
	if refused := f.refused(); refused != nil {
		return refused
	}
	if refused := shop.InState(s, "active", "suspended"); refused != nil {
		return refuse(refused)
	}
	s, changed := c.shop().CancelService(s, when == "end_of_term", reason)
	if changed {
		c.wroteTo(s.ID)
	}
	return ok(shop.ShowService(s))
}

const (
	minPassword = 8
	maxPassword = 128
)

type passwordShown struct {
	Password *string `json:"password"` // only one that the server made
}

func setPassword(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	password, how := c.fields.Text("password")
	if n := utf8.RuneCountInString(password); how == input.Given && (n < minPassword || n > maxPassword) {
		c.fields.Fail("password", "must be 8 to 128 characters")
	}
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := shop.InState(s, "active"); refused != nil {
		return refuse(refused)
	}
	c.wroteTo(s.ID)
	if how == input.Given {
		return ok(passwordShown{})
	}
	made := strings.TrimPrefix(newSecret(), secretPrefix)[:20]
	return ok(passwordShown{&made})
}

// linkLifetime is how long a login link can be used.
const linkLifetime = 15 * time.Minute

type loginLink struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

func createLoginLink(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	if refused := shop.InState(s, "active"); refused != nil {
		return refuse(refused)
	}
	c.wroteTo(s.ID)
	var key [24]byte
	_, _ = rand.Read(key[:]) // it never returns an error
	host := "panel.example.com"
	if s.Server != nil && s.Server.Hostname != "" {
		host = s.Server.Hostname
	}
	return ok(loginLink{"https://" + host + ":2083/login?key=" + hex.EncodeToString(key[:]), c.now.Add(linkLifetime)})
}

// plan reads the plan that is wanted. usual is the billing cycle where none is
// sent; "" makes one required.
func (c *call) plan(usual string) (*Plan, *PlanPrice) {
	f := c.fields
	id, how := f.Text("plan_id")
	plan := c.st.Plan(id)
	switch {
	case how == input.Absent:
		f.Fail("plan_id", "is required")
	case how == input.Given && plan == nil:
		f.Fail("plan_id", "is no plan")
	}
	cycle, how := f.Text("billing_cycle")
	switch {
	case how == input.Absent && usual == "":
		f.Fail("billing_cycle", "is required")
	case how == input.Given && !slices.Contains(shop.BillingCycles, cycle):
		f.Fail("billing_cycle", "must be one of "+strings.Join(shop.BillingCycles, ", "))
		return nil, nil
	}
	if plan == nil || how == input.Invalid {
		return nil, nil
	}
	price := shop.PriceOf(plan, cmp.Or(cycle, usual))
	if price == nil && cmp.Or(cycle, usual) != "" {
		f.Fail("billing_cycle", "has no price in this plan")
	}
	return plan, price
}

func provisionService(c *call) *answer {
	f := c.fields
	plan, price := c.plan("")
	var domain *string
	if sent, how := f.Text("domain"); how == input.Given {
		name, problem := zone.CanonicalHost(sent)
		if problem != "" || !strings.Contains(name, ".") {
			f.Fail("domain", "must be a domain name in A-labels")
		}
		domain = &name
	}
	by := c.buyer()
	if refused := f.refused(); refused != nil {
		return refused
	}
	return c.serviceBought(c.shop().Provision(by, plan, price, domain))
}

func (c *call) serviceBought(sale *shop.Sale, refused *shop.Refusal) *answer {
	if refused != nil {
		return refuse(refused)
	}
	return c.bought(sale, nil)
}

func renewService(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	by := c.buyer()
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	return c.serviceBought(c.shop().RenewService(by, s))
}

func upgradeService(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	plan, price := c.plan(s.BillingCycle)
	by := c.buyer()
	if price != nil && plan.ID == s.Plan.ID && price.BillingCycle == s.BillingCycle {
		c.fields.Fail("plan_id", "is what the service has already")
	}
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	return c.serviceBought(c.shop().UpgradeService(by, s, plan, price))
}

package sandbox

import (
	"slices"

	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

// available is one answer of the availability check.
type available struct {
	Domain    string        `json:"domain"`
	Available bool          `json:"available"`
	Premium   bool          `json:"premium"`
	Prices    *domainPrices `json:"prices"`
	Currency  *string       `json:"currency"`
	Reason    *string       `json:"reason"`
}

type domainPrices struct {
	Register Money `json:"register"`
	Renew    Money `json:"renew"`
	Transfer Money `json:"transfer"`
}

const maxNames = 50

func checkAvailability(c *call) *answer {
	names := slices.DeleteFunc(slices.Clone(c.query["domain"]), func(name string) bool { return name == "" })
	if len(names) < 1 || len(names) > maxNames {
		return badRequest("The query parameter domain must be there 1 to 50 times.")
	}
	found := make([]available, 0, len(names))
	for _, sent := range names {
		name, problem := zone.CanonicalHost(sent)
		if problem != "" {
			return badRequest("The query parameter domain " + problem + ".")
		}
		found = append(found, c.st.availability(name))
	}
	return ok(found)
}

// availability names the prices of every name that is sold, also of one that
// cannot be registered: it can be renewed or transferred.
func (st *State) availability(name string) available {
	a := available{Domain: name, Premium: isPremium(name)}
	offer := st.offer(name)
	switch {
	case offer == nil:
		a.Premium, a.Reason = false, new("not offered")
	case st.held(name):
		a.Reason = new("in this account")
	case st.elsewhere(name):
		a.Reason = new("registered")
	default:
		a.Available = true
	}
	if offer != nil {
		a.Prices, a.Currency = &domainPrices{offer.Register, offer.Renew, offer.Transfer}, new(offer.Currency)
	}
	return a
}

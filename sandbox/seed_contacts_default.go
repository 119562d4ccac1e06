package sandbox

import "time"

// defaultContacts are a contact for each role and one that no domain refers to.
func defaultContacts(now time.Time) []Contact {
	contacts := []Contact{
		{ID: "con_7d31e0b4", Name: "Domain Administration", Email: "domains@example.com", Company: new("Example Company")},
		{ID: "con_2c86f9a3", Name: "Network Operations", Email: "noc@example.com", Company: new("Example Company")},
		{ID: "con_91b4d5e7", Name: "Accounts Payable", Email: "billing@example.com", Company: new("Example Company")},
		{ID: "con_e06a3f18", Name: "Sample Contact", Email: "contact@example.net"},
	}
	for i := range contacts {
		contacts[i].Phone = "+1.5555550101"
		contacts[i].Address = &Address{Street: "1 Example Street", City: "Sampletown", State: "EX", PostalCode: "00000", Country: "US"}
		contacts[i].CreatedAt = daysFrom(now, -1650).Add(time.Duration(i) * time.Minute)
	}
	return contacts
}

// defaultRoles gives example.com a contact of its own in some roles; the other
// domains have one in all.
func defaultRoles(domain string) DomainContacts {
	if domain == "example.com" {
		return DomainContacts{Registrant: "con_7d31e0b4", Tech: "con_2c86f9a3", Billing: "con_91b4d5e7"}
	}
	return DomainContacts{Registrant: "con_7d31e0b4"}
}

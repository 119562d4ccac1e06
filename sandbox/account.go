package sandbox

func getProfile(c *call) *answer {
	return c.tagged(ok(c.st.Profile), tagOf(c.st.Profile))
}

// updateProfile passes over the id and the email, which are read-only.
func updateProfile(c *call) *answer {
	old := c.st.Profile
	if changed := c.ifMatch(tagOf(old)); changed != nil {
		return changed
	}
	profile := old
	c.fields.needed("name", &profile.Name)
	c.fields.optional("company", &profile.Company)
	c.fields.optional("phone", &profile.Phone)
	c.fields.address("address", &profile.Address, false)
	c.fields.optional("tax_id", &profile.TaxID)
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if tagOf(profile) != tagOf(old) {
		c.st.Profile = profile
		c.wroteTo(profile.ID)
	}
	return c.tagged(ok(profile), tagOf(profile))
}

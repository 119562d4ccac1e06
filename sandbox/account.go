package sandbox

func getProfile(c *call) *answer {
	return c.tagged(ok(c.st.Profile), tagOf(c.st.Profile))
}

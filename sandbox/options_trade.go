package sandbox

// WithFraudReview makes paid orders wait, pending, for [Server.ReviewOrder].
func WithFraudReview() Option {
	return func(c *config) { c.fraudReview = true }
}

// WithManualActivation makes paid orders wait, pending, for
// [Server.ActivateOrder]: after the review where there is one.
func WithManualActivation() Option {
	return func(c *config) { c.manual = true }
}

// WithPDFSize fills invoices as PDF up to that size, so that there is something
// to stream. The filling is made while it is sent, and the PDF stays valid.
func WithPDFSize(bytes int64) Option {
	return func(c *config) { c.pdfSize = bytes }
}

//go:build !slow

package provider

const (
	interruptions = 2     // by each signal
	everything    = false // every combination of fault and brand
	hostingFaults = 3
)

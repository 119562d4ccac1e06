//go:build !slow

package provider

// interruptions is how often a run is interrupted by each signal.
const interruptions = 2

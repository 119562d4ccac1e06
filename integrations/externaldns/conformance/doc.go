// Package conformance tests the webhook provider with external-dns itself: its
// webhook client, its TXT registry and its plan. The tests have the build tag
// "outside"; check.sh of the module above runs them.
package conformance

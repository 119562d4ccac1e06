// Package conformance issues certificates: Pebble is the certificate authority, and
// lego, certmagic, and Debian's lego and certbot are the clients. The tests have the
// build tag "outside"; check.sh of the module above runs them.
package conformance

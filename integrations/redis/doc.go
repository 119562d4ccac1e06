// Package hosterredis keeps what several processes of one account share in Redis
// or Valkey: the budget of requests, as a [hoster.SharedBudget], and a lock, for the
// rotation of their token.
//
// Both take a universal client of go-redis, and with it TLS, ACL, Sentinel and
// Cluster. Make it with ContextTimeoutEnabled, so that a server that does not answer
// is given up in time. Every key begins with the account's prefix and expires. Each
// question is one script on one key, by the server's clock: the clocks of the
// processes do not matter.
//
// A server of version 5 or later will do, without persistence: what is lost with it
// is learned again from the provider's next answer.
package hosterredis

// Package peers has five SDKs of other providers as contenders: each with its
// own types, its own wire shape, and its own way through the pages.
package peers

import (
	"github.com/go-hoster/hoster/benchmarks/contest"
)

// All are the five.
func All() []contest.Contender {
	return []contest.Contender{
		{Name: "godo", Peer: true, New: newGodo},
		{Name: "govultr", Peer: true, New: newVultr},
		{Name: "hcloud-go", Peer: true, New: newHcloud},
		{Name: "linodego", Peer: true, New: newLinode},
		{Name: "cloudflare-go", Peer: true, New: newCloudflare},
	}
}

// found takes the first item's name and the last one's value.
func found[T any](items []T, name, value func(*T) string) contest.Found {
	if len(items) == 0 {
		return contest.Found{}
	}
	return contest.Found{Items: len(items), First: name(&items[0]), Last: value(&items[len(items)-1])}
}

// domain is a domain that says its name.
func domain(name string) contest.Found {
	return contest.Found{Items: 1, First: name, Last: name}
}

//go:build hoster_plainjson

package hoster

const plainJSON = true

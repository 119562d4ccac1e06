//go:build !hoster_plainjson

package hoster

// plainJSON is set by the build tag hoster_plainjson: every answer is then read
// by the tolerant decoder alone, which is what the quick one is held against.
const plainJSON = false

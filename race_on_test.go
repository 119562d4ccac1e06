//go:build race

package hoster_test

// raced tells whether the race detector slows the tests down.
const raced = true

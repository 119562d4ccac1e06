//go:build !race

package hoster

const raceEnabled = false

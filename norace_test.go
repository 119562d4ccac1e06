//go:build !race

package hoster_test

const raceEnabled = false

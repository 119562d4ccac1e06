//go:build race

package hoster_test

// raceEnabled says that the race detector runs, which changes what is counted.
const raceEnabled = true

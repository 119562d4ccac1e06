//go:build race

package hoster

// raceEnabled says that the race detector runs, which changes what is counted.
const raceEnabled = true

// Package benchmarks measures hoster beside five SDKs of other providers,
// beside net/http with encoding/json written by hand (raw), and beside a
// request whose body is read and thrown away (floor). It is a module of its
// own, so that what it depends on never reaches a user of the SDK.
//
//	go run ./cmd/compare        everything, and docs/performance.md with it
//	go test -bench . -benchmem  the same benchmarks as a Go programmer knows them
//	go run ./cmd/guard          the short form that guards each change
//	go run ./cmd/memory         the zone of a million records, the large PDF
//
// Package wire makes the bodies that are served, contest holds what is measured
// and how, peers the five SDKs, and cmd/server answers from a process of its
// own, so that the CPU time of this one is the client's alone.
package benchmarks

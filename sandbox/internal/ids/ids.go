// Package ids makes the ids of the sandbox's objects.
package ids

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// Random returns a new opaque id.
func Random(prefix string) string {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // it never returns an error
	return prefix + hex.EncodeToString(raw[:])
}

// Of returns the same id for the same words.
func Of(prefix, words string) string {
	sum := sha256.Sum256([]byte(prefix + words))
	return prefix + hex.EncodeToString(sum[:8])
}

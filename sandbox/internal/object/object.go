// Package object holds what the objects of the account have in common: ids,
// optional members and times.
package object

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// RandomID returns a new opaque id.
func RandomID(prefix string) string {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // it never returns an error
	return prefix + hex.EncodeToString(raw[:])
}

// IDOf returns the same id for the same words.
func IDOf(prefix, words string) string {
	sum := sha256.Sum256([]byte(prefix + words))
	return prefix + hex.EncodeToString(sum[:8])
}

// Copied returns a pointer to a copy, or nil.
func Copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

// UTC returns the time in UTC, or nil.
func UTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}

// TimeOr returns t in UTC, or other where t is not set.
func TimeOr(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t.UTC()
}

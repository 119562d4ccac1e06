package tokencare

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-hoster/hoster"
)

// Store is where a program keeps its token, and finds it when it starts: a file
// or a secrets manager. Several processes may share one.
type Store interface {
	// TokenSource gives the token that the store holds now.
	hoster.TokenSource

	// Save replaces it, whole: at every moment the store holds the old token or
	// the new one. An error that matches [ErrNotSaved] promises that this token
	// is not in the store and never will be; any other leaves that open.
	Save(ctx context.Context, token hoster.CreatedToken) error
}

// ErrNotSaved is for errors of [Store.Save] after which the store does not hold
// the new token, so that it can be revoked.
var ErrNotSaved = errors.New("the new token is not in the store")

// FileStore is a file, named by its path, that holds the token and nothing else.
// It is read as [hoster.TokenFromFile] reads it and replaced as by
// [hoster.WriteTokenFile].
type FileStore string

// Token reads the file.
func (f FileStore) Token(ctx context.Context) (hoster.Secret, error) {
	return hoster.TokenFromFile(string(f)).Token(ctx)
}

// Save replaces the file.
func (f FileStore) Save(ctx context.Context, token hoster.CreatedToken) error {
	err := hoster.WriteTokenFile(string(f), token.Secret)
	if err == nil {
		return nil
	}
	if held, readErr := f.Token(ctx); readErr == nil && !held.Equal(token.Secret) {
		return fmt.Errorf("%w: %w", ErrNotSaved, err)
	}
	return err // it may have been renamed, and not reached the disk
}

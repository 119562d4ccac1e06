package tokencare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-hoster/hoster"
)

// finish switches the client to the new token and revokes the old one. If the
// new one is refused, another process may have rotated on from it.
func (r *rotation) finish(ctx context.Context) error {
	for {
		err := r.switchClient(ctx)
		if err == nil {
			err = r.end(ctx)
		}
		if !errors.Is(err, hoster.ErrUnauthorized) && !errors.Is(err, errOtherToken) || !r.follow(ctx) {
			return err
		}
	}
}

// follow takes the stored token for the new one, if it is another and works.
func (r *rotation) follow(ctx context.Context) bool {
	for last := r.fresh.secret; ; {
		stored, err := r.options.Store.Token(ctx)
		if err != nil || stored.Equal(last) {
			return false
		}
		last = stored
		other, err := r.holder(stored)
		if err != nil {
			return false
		}
		other.token, err = other.client.Tokens.Current(ctx)
		switch {
		case errors.Is(err, hoster.ErrUnauthorized):
			continue // rotated on once more
		case err != nil, other.token.ID == r.old.token.ID:
			return false
		}
		r.fresh, r.adopted = other, true
		return true
	}
}

// end revokes the old token after the overlap, when the store says that nobody
// needs it.
func (r *rotation) end(ctx context.Context) error {
	if err := pause(ctx, r.options.Overlap); err != nil {
		return r.stopped(StepRevoke, r.fresh.token.ID, err, r.old.token)
	}
	inStore, err := r.lookAtStore(ctx)
	listErr := r.findLeftover(ctx, inStore)
	if err == nil {
		err = r.revoke(ctx)
	}
	if err != nil {
		return r.stopped(StepRevoke, r.fresh.token.ID, err, r.old.token)
	}
	if listErr != nil {
		return r.stopped(StepList, r.fresh.token.ID, listErr)
	}
	return nil
}

// switchClient proves that the client sends the new token: it may have been
// made with another source.
func (r *rotation) switchClient(ctx context.Context) error {
	inUse := r.fresh.token.ID
	err := r.options.Source.Replace(ctx, r.fresh.secret)
	if err == nil {
		var own hoster.Token
		own, err = r.client.Tokens.Current(ctx)
		if err == nil && own.ID != inUse {
			inUse, err = own.ID, errOtherToken
		}
	}
	switch {
	case err == nil:
		return nil
	case inUse == r.old.token.ID:
		return r.stopped(StepSwitch, inUse, err)
	}
	return r.stopped(StepSwitch, inUse, err, r.old.token)
}

// lookAtStore returns an error unless the store holds a token that works and is
// not the old one. It is not the new one either where another process has saved
// one since: a later run adopts that.
func (r *rotation) lookAtStore(ctx context.Context) (hoster.TokenID, error) {
	stored, err := r.options.Store.Token(ctx)
	if err != nil {
		return "", err
	}
	if stored.Equal(r.fresh.secret) {
		return r.fresh.token.ID, nil
	}
	other, err := r.holder(stored)
	if err != nil {
		return "", err
	}
	own, err := other.client.Tokens.Current(ctx)
	if err == nil && own.ID == r.old.token.ID {
		err = errors.New("the store holds the old token again")
	}
	return own.ID, err
}

// findLeftover lists the valid tokens of the line beside the new one, the old
// one and the one in the store.
func (r *rotation) findLeftover(ctx context.Context, inStore hoster.TokenID) error {
	tokens, err := r.old.client.Tokens.List(ctx, nil)
	if errors.Is(err, hoster.ErrUnauthorized) { // revoked by another process
		tokens, err = r.fresh.client.Tokens.List(ctx, nil)
	}
	if err != nil {
		return err
	}
	known := []hoster.TokenID{r.old.token.ID, r.fresh.token.ID, inStore}
	for _, token := range r.leftover {
		known = append(known, token.ID)
	}
	lines := []string{line(r.fresh.token.Name)}
	if r.old.token.ID != "" {
		lines = append(lines, line(r.old.token.Name))
	}
	for _, token := range tokens {
		if isValid(token) && !slices.Contains(known, token.ID) && slices.Contains(lines, line(token.Name)) {
			r.leftover = append(r.leftover, token)
		}
	}
	return nil
}

// revoke ends the old token: with the new one where that may, else by itself.
// Then an old token that is refused has been revoked before, or has expired.
func (r *rotation) revoke(ctx context.Context) error {
	if r.old.token.ID == "" {
		return nil
	}
	err := r.fresh.client.Tokens.RevokeAny(ctx, r.old.token.ID)
	if !errors.Is(err, hoster.ErrForbidden) {
		return err
	}
	err = r.old.client.Tokens.RevokeAny(ctx, r.old.token.ID)
	if errors.Is(err, hoster.ErrUnauthorized) {
		return nil
	}
	return err
}

// pause does not begin a wait that cannot end in time.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return fmt.Errorf("the overlap of %s would outlast the deadline: %w", d, context.DeadlineExceeded)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

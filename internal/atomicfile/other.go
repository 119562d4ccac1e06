//go:build !unix

package atomicfile

import (
	"errors"
	"io/fs"
)

// Users are compared, and directories synchronised, where Unix is.

func ofAnotherUser(fs.FileInfo) bool { return false }

func syncDir(string) error { return nil }

func isReadOnly(err error) bool { return errors.Is(err, fs.ErrPermission) }

func isBusy(error) bool { return false }

// Package atomicfile replaces small files whole: whoever reads one finds its old
// content or its new one, also when two processes write it or one is killed.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// staleAge is far above the time that any writer takes.
const staleAge = time.Hour

// Write gives the file at path this content, readable by its owner alone. The
// content is on the disk when Write returns nil. It refuses what a rename would
// replace by something else: a symbolic link, what is no regular file, and a
// file of another user. Temporary files that killed writers have left behind in
// the directory are removed an hour later.
func Write(path string, content []byte) error {
	if err := check(path); err != nil {
		return err
	}
	dir, prefix := filepath.Dir(path), "."+filepath.Base(path)+"."
	removeStale(dir, prefix)
	name, err := fill(dir, prefix, content)
	if err != nil {
		return explain(err)
	}
	if err := os.Rename(name, path); err != nil {
		_ = os.Remove(name)
		return explain(err)
	}
	return syncDir(dir)
}

func check(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return errors.New("it is a symbolic link, as in a mounted Kubernetes secret: name a regular file in a directory that can be written")
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	case ofAnotherUser(info):
		return errors.New("it belongs to another user, who could not read its replacement")
	}
	return nil
}

// fill makes a temporary file beside the target, where a rename is atomic.
func fill(dir, prefix string, content []byte) (name string, err error) {
	f, err := os.CreateTemp(dir, prefix+"*.tmp") // with mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync() // before the rename, or a power failure could leave an empty file
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// removeStale does what it can: a file that stays is in nobody's way.
func removeStale(dir, prefix string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), prefix) || !strings.HasSuffix(entry.Name(), ".tmp") {
			continue
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > staleAge {
			_ = os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}

// explain adds what to do, and leaves the name of the temporary file out.
func explain(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	switch {
	case isReadOnly(err):
		return fmt.Errorf("its directory cannot be written, as in a mounted Kubernetes secret: %w", err)
	case isBusy(err):
		return fmt.Errorf("it is a mount of its own and cannot be replaced: mount its directory instead: %w", err)
	}
	return err
}

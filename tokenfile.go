package hoster

import (
	"fmt"

	"github.com/go-hoster/hoster/internal/atomicfile"
)

// WriteTokenFile stores a token in the file at path, where [TokenFromFile] finds
// it, readable by the file's owner alone. The file is replaced by a rename: at
// every moment, and after a crash, it holds the old token or the new one. When
// the error is nil the new token is on the disk.
//
// The directory must be writable. A symbolic link, such as the files of a
// mounted Kubernetes secret, a file of another user, and what is no regular
// file are refused. The token is checked as [WithToken] does.
func WriteTokenFile(path string, token Secret) error {
	secret, err := checkToken(token.Reveal())
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, []byte(secret.Reveal()+"\n")); err != nil {
		return fmt.Errorf("hoster: token file %s: %w", path, err)
	}
	return nil
}

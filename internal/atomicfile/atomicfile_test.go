package atomicfile

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain is the writer too, in a process that can be killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("ATOMICFILE_WRITE"); path != "" {
		for i := 0; ; i++ {
			if err := Write(path, page(i)); err != nil {
				panic(err)
			}
		}
	}
	os.Exit(m.Run())
}

// page is content in which a mixture of two writes would show.
func page(i int) []byte { return bytes.Repeat([]byte{'a' + byte(i%26)}, 4096+i%26) }

func whole(content []byte) bool {
	return len(content) > 0 && bytes.Equal(content, page(int(content[0]-'a')))
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token")
	for _, content := range []string{"first", "second, which is longer", "3"} {
		if err := Write(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Errorf("read %q, %v", got, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left beside it: %v", entries)
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	dangling := filepath.Join(dir, "dangling")
	if err := os.Symlink(filepath.Join(dir, "nowhere"), dangling); err != nil {
		t.Fatal(err)
	}
	others := "/etc/passwd" // refused before anything is written
	if os.Geteuid() == 0 {
		others = filepath.Join(dir, "others")
		if err := os.WriteFile(others, []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(others, 12345, -1); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ path, want string }{
		{link, "symbolic link"},
		{dangling, "symbolic link"},
		{dir, "regular file"},
		{others, "another user"},
		{filepath.Join(dir, "none", "token"), "no such file"},
		{filepath.Join(file, "token"), "not a directory"},
		{"/proc/token", ""}, // whatever this system says of a directory that takes no files
	} {
		before, _ := os.ReadDir(dir)
		err := Write(c.path, []byte("new"))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), ".tmp") {
			t.Errorf("%s: %v", c.path, err)
		}
		if after, _ := os.ReadDir(dir); len(after) != len(before) {
			t.Errorf("%s: left %v", c.path, after)
		}
	}
	if got, _ := os.ReadFile(file); string(got) != "kept" {
		t.Errorf("written through the link: %q", got)
	}
}

// TestExplain holds the texts, since not every test machine can mount.
func TestExplain(t *testing.T) {
	for err, want := range map[error]string{
		&os.PathError{Op: "open", Path: "x.tmp", Err: os.ErrPermission}:         "Kubernetes secret: permission",
		&os.PathError{Op: "open", Path: "x.tmp", Err: syscall.EROFS}:            "Kubernetes secret: read-only",
		&os.LinkError{Op: "rename", Old: "x.tmp", New: "x", Err: syscall.EBUSY}: "mount its directory",
		&os.LinkError{Op: "rename", Old: "x.tmp", Err: os.ErrExist}:             "file already exists",
	} {
		if got := explain(err).Error(); !strings.Contains(got, want) || strings.Contains(got, "x.tmp") {
			t.Errorf("%v: %q", err, got)
		}
	}
}

func TestStaleFilesGo(t *testing.T) {
	dir := t.TempDir()
	long := time.Now().Add(-2 * staleAge)
	files := map[string]bool{".token.1.tmp": false, ".token.2.tmp": true, "token.3.tmp": true, ".other.4.tmp": true}
	for name := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if name != ".token.2.tmp" {
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := Write(filepath.Join(dir, "token"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	for name, stays := range files {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestKilledWriters: two processes write one file and are killed, again and
// again. Every reading in between and afterwards is a whole page.
func TestKilledWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := Write(path, page(0)); err != nil {
		t.Fatal(err)
	}
	seen := map[byte]bool{}
	for range 4 {
		var writers []*exec.Cmd
		exited := make(chan error, 2)
		for range 2 {
			writer := exec.Command(os.Args[0])
			writer.Env = append(os.Environ(), "ATOMICFILE_WRITE="+path)
			if err := writer.Start(); err != nil {
				t.Fatal(err)
			}
			writers = append(writers, writer)
			go func() { exited <- writer.Wait() }()
		}
		last := byte(0)
		for changes := 0; changes < 20; {
			select {
			case err := <-exited:
				t.Fatalf("a writer ended: %v", err)
			default:
			}
			content, err := os.ReadFile(path)
			if err != nil || !whole(content) {
				t.Fatalf("%d bytes, %v", len(content), err)
			}
			if content[0] != last {
				last = content[0]
				seen[last] = true
				changes++
			}
		}
		for _, writer := range writers {
			_ = writer.Process.Kill()
			<-exited
		}
		if content, err := os.ReadFile(path); err != nil || !whole(content) {
			t.Fatalf("after the kill: %d bytes, %v", len(content), err)
		}
	}
	if len(seen) < 3 {
		t.Errorf("the writers did not get far: %d pages", len(seen))
	}
}

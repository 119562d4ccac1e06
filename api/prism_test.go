//go:build prism

package api_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
)

// startPrism runs Prism on a loopback port until the test ends.
func startPrism(t *testing.T, mode string, args ...string) (url string) {
	t.Helper()
	program, err := filepath.Abs(filepath.Join("node_modules", ".bin", "prism"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	listener.Close()
	cmd := exec.Command(program, append([]string{mode, "-h", "127.0.0.1", "-p", strconv.Itoa(address.Port), "--cors=false", "-v", "fatal", "openapi.yaml"}, args...)...)
	var said lockedBuffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("Prism does not start; api/prism.sh installs it: %v", err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
	})
	for range 300 {
		select {
		case <-done:
			t.Fatalf("Prism ended:\n%s", said.String())
		case <-time.After(100 * time.Millisecond):
		}
		if conn, err := net.Dial("tcp", address.String()); err == nil {
			conn.Close()
			return "http://" + address.String()
		}
	}
	t.Fatalf("Prism does not listen:\n%s", said.String())
	return ""
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// classes are the errors that the SDK makes of a status.
var classes = map[int]error{
	400: hoster.ErrBadRequest, 401: hoster.ErrUnauthorized, 402: hoster.ErrPaymentRequired, 403: hoster.ErrForbidden,
	404: hoster.ErrNotFound, 405: hoster.ErrNotSupported, 409: hoster.ErrConflict, 412: hoster.ErrPreconditionFailed,
	413: hoster.ErrBadRequest, 415: hoster.ErrBadRequest, 422: hoster.ErrValidation, 429: hoster.ErrRateLimited,
	500: hoster.ErrServer, 501: hoster.ErrNotSupported, 502: hoster.ErrServer, 503: hoster.ErrServer, 504: hoster.ErrServer,
}

// TestPrismMock makes every call against a server that knows nothing but the
// document: Prism answers with the document's own examples, of success and of
// each error, and refuses requests that the document does not allow.
func TestPrismMock(t *testing.T) {
	url := startPrism(t, "mock")
	j := newJudge(t)
	for _, info := range hoster.Operations() {
		op := j.operations[string(info.Name)]
		t.Run(string(info.Name), func(t *testing.T) {
			s := &setup{recorder: &recorder{t: t, judge: j}, url: url}
			client := s.as("sample-token")
			if err := calls[info.Name](context.Background(), client); err != nil {
				t.Fatal(err)
			}
			for status, response := range op.Responses.Map() {
				media := response.Value.Content["application/json"]
				number, _ := strconv.Atoi(status)
				if number < 400 {
					continue
				}
				asked := 0
				for name := range media.Examples {
					if !slices.Contains(slices.Concat(usualCodes(op, number), op.codes()), name) {
						continue // the response is shared, and another call has this code
					}
					asked++
					s.prefer = fmt.Sprintf("code=%s, example=%s", status, name)
					want := classes[number]
					switch name {
					case "IDEMPOTENCY_KEY_REUSED":
						want = hoster.ErrConflict
					case "ROUTE_NOT_FOUND":
						want = hoster.ErrNotSupported
					}
					err := calls[info.Name](context.Background(), client)
					s.wants(err, info.Name, number, want)
					var api *hoster.Error
					if errors.As(err, &api) && string(api.Code) != name {
						t.Errorf("code %s, want %s", api.Code, name)
					}
				}
				if asked == 0 {
					t.Errorf("no example of status %s fits", status)
				}
			}
		})
	}
}

// TestPrismProxy runs all of TestSandbox with Prism between the SDK and the
// sandbox, as a second judge.
func TestPrismProxy(t *testing.T) {
	f := &front{}
	upstream := httptest.NewServer(f)
	t.Cleanup(func() {
		upstream.CloseClientConnections()
		upstream.Close()
	})
	f.url = startPrism(t, "proxy", upstream.URL+"/v1")
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	j := newJudge(t)
	j.front = f
	driveAll(t, j)
}

package hoster_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster"
)

// invoicePDF reads a document from a server of its own.
func invoicePDF(t *testing.T, answer http.HandlerFunc, options ...hoster.Option) ([]byte, error) {
	t.Helper()
	server := httptest.NewServer(answer)
	defer server.Close()
	options = append(options, hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 2}), hoster.WithMaxInFlight(1))
	client := newTestClient(t, server.URL+"/v1", testToken, options...)
	document, err := client.Invoices.PDF(context.Background(), "inv_01")
	if err != nil {
		return nil, err
	}
	defer document.Close()
	return io.ReadAll(document)
}

func TestInvoicePDFStreams(t *testing.T) {
	page := bytes.Repeat([]byte("%PDF"), 100_000)
	content, err := invoicePDF(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = w.Write(page)
	})
	if err != nil || !bytes.Equal(content, page) {
		t.Errorf("%d bytes, %v", len(content), err)
	}
}

func TestInvoicePDFIsNoPageOfAProxy(t *testing.T) {
	for contentType, want := range map[string]error{
		"text/html":        hoster.ErrIntermediary,
		"application/json": hoster.ErrDecode,
	} {
		_, err := invoicePDF(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			if contentType == "text/html" {
				_, _ = io.WriteString(w, "<html>Sign in to the guest network</html>")
				return
			}
			_, _ = io.WriteString(w, `{"status":"success","data":{}}`)
		})
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", contentType, err, want)
		}
	}
}

func TestInvoicePDFBreaksOffLoudly(t *testing.T) {
	_, err := invoicePDF(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "%PDF")
	})
	var broken *hoster.TransportError
	if !errors.As(err, &broken) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

// TestInvoicePDFThatEndsWithItsConnection: where nothing else tells the end of a
// document, its own mark does.
func TestInvoicePDFThatEndsWithItsConnection(t *testing.T) {
	const mark = "%%EOF"
	long := strings.Repeat("0123456789", 20_000)
	for name, test := range map[string]struct {
		content, header string
		whole           bool
	}{
		"with its mark":                {"%PDF" + long + mark, "", true},
		"with a line behind it":        {"%PDF" + long + mark + "\r\n", "", true},
		"with padding behind it":       {"%PDF" + mark + strings.Repeat("\x00", 1000), "", true},
		"short":                        {"%PDF" + mark, "", true},
		"broken off":                   {"%PDF" + long, "", false},
		"broken off amid its mark":     {"%PDF" + long + mark[:4], "", false},
		"broken off in a later part":   {"%PDF" + mark + long, "", false},
		"broken off at once":           {"", "", false},
		"of a known length":            {"%PDF" + long, "Content-Length: 200004\r\n", true},
		"in chunks":                    {"4\r\n%PDF\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n", true},
		"in chunks, connection closed": {"4\r\n%PDF\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\nConnection: close\r\n", true},
	} {
		for _, version := range []string{"HTTP/1.1", "HTTP/1.0"} {
			if version == "HTTP/1.0" && strings.Contains(name, "chunks") {
				continue
			}
			content, err := invoicePDF(t, func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				half := max(0, len(test.content)-3) // the mark comes in two pieces
				_, _ = io.WriteString(conn, version+" 200 OK\r\nContent-Type: application/pdf\r\n"+test.header+"\r\n"+test.content[:half])
				runtime.Gosched()
				_, _ = io.WriteString(conn, test.content[half:])
			})
			var broken *hoster.TransportError
			switch {
			case test.whole && (err != nil || !strings.HasPrefix(string(content), "%PDF")):
				t.Errorf("%s, %s: %d bytes, %v", name, version, len(content), err)
			case !test.whole && (!errors.As(err, &broken) || !errors.Is(err, io.ErrUnexpectedEOF)):
				t.Errorf("%s, %s: %d bytes, %v", name, version, len(content), err)
			}
		}
	}
}

func TestInvoicePDFThatStopsEndsByTimeout(t *testing.T) {
	_, err := invoicePDF(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = io.WriteString(w, "%PDF")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}, hoster.WithAttemptTimeout(50*time.Millisecond))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// untilDone is a document whose server sends half of it, notices that the client
// leaves, and ends it in good order.
type untilDone struct {
	ctx  context.Context
	half io.Reader
}

func (d untilDone) Read(p []byte) (int, error) {
	if n, _ := d.half.Read(p); n > 0 {
		return n, nil
	}
	<-d.ctx.Done()
	return 0, io.EOF
}

func (untilDone) Close() error { return nil }

type documents func(ctx context.Context) io.ReadCloser

func (d documents) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/pdf"}},
		Body: d(r.Context()), ContentLength: -1,
	}, nil
}

// TestHalfAnInvoicePDFIsNeverWhole: a server without HTTP/2 that notices how the
// client leaves may end a document of unknown length in good order. The client
// left because the time was up, or because the caller gave up.
func TestHalfAnInvoicePDFIsNeverWhole(t *testing.T) {
	const half = "%PDF, the first half"
	for want, takes := range map[error]time.Duration{context.DeadlineExceeded: time.Minute, context.Canceled: 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken("t0ken"), hoster.WithAttemptTimeout(time.Minute),
				hoster.WithHTTPClient(&http.Client{Transport: documents(func(ctx context.Context) io.ReadCloser { return untilDone{ctx, strings.NewReader(half)} })}))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if want == context.Canceled {
				time.AfterFunc(takes, cancel)
			}
			began := time.Now()
			document, err := client.Invoices.PDF(ctx, "inv_01")
			if err != nil {
				t.Fatal(err)
			}
			defer document.Close()
			if content, err := io.ReadAll(document); !errors.Is(err, want) || string(content) != half || time.Since(began) != takes {
				t.Errorf("%q, %v after %s, want %v", content, err, time.Since(began), want)
			}
		})
	}
}

// TestHalfAnInvoicePDFOverTLS is the same for a caller who gives up, with a
// server that can notice it.
func TestHalfAnInvoicePDFOverTLS(t *testing.T) {
	const half, times = "%PDF, the first half", 16
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = io.WriteString(w, half)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	server.StartTLS()
	defer server.Close()
	client := newTestClient(t, server.URL+"/v1", testToken, hoster.WithHTTPClient(server.Client()), hoster.WithAttemptTimeout(time.Minute))
	var reading sync.WaitGroup
	for range times {
		reading.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			document, err := client.Invoices.PDF(ctx, "inv_01")
			if err != nil {
				t.Error(err)
				return
			}
			defer document.Close()
			content := make([]byte, len(half))
			if _, err := io.ReadFull(document, content); err != nil || string(content) != half {
				t.Errorf("%q, %v", content, err)
			}
			time.AfterFunc(10*time.Millisecond, cancel) // amid the next read
			if rest, err := io.ReadAll(document); !errors.Is(err, context.Canceled) || len(rest) != 0 {
				t.Errorf("then %q, %v", rest, err)
			}
		})
	}
	reading.Wait()
}

func TestInvoicePDFGivesItsPlaceBack(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = io.WriteString(w, "%PDF")
	}))
	defer server.Close()
	client := newTestClient(t, server.URL+"/v1", testToken, hoster.WithMaxInFlight(1))
	for range 3 {
		document, err := client.Invoices.PDF(context.Background(), "inv_01")
		if err != nil {
			t.Fatal(err)
		}
		if err := document.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// zeros is a document without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestInvoicePDFOfAnySizeCostsLittle(t *testing.T) {
	const size, most = 100 << 20, 1 << 20
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = io.CopyN(w, zeros{}, size)
	}))
	defer server.Close()
	client := newTestClient(t, server.URL+"/v1", testToken)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	document, err := client.Invoices.PDF(context.Background(), "inv_01")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.Copy(io.Discard, document)
	if err := errors.Join(err, document.Close()); err != nil || got != size {
		t.Errorf("%d bytes, %v", got, err)
	}
	runtime.ReadMemStats(&after)
	if cost := after.TotalAlloc - before.TotalAlloc; cost > most {
		t.Errorf("%d bytes were allocated for a document of %d", cost, size)
	}
}

// Command memory prints what the SDK holds of what does not fit into a client:
// the heap while it walks a zone of a million records, and while it streams an
// invoice of 100 MiB. The server is a process of its own. The figures come as
// lines of Go's benchmark format: the bytes of the walk are the peak of the
// heap, dead objects that wait for the collector included; those of the stream
// are all that was allocated, dead or alive.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/benchmarks/contest"
	"github.com/go-hoster/hoster/benchmarks/server"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "memory:", err)
		os.Exit(1)
	}
}

func run() error {
	process, err := server.Start()
	if err != nil {
		return err
	}
	defer process.Close()
	client, err := hoster.NewClient(hoster.WithBaseURL(process.Sandbox), hoster.WithToken(process.Token))
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := stream(ctx, client); err != nil {
		return err
	}
	return walk(ctx, client)
}

// walk reads the whole zone, record by record.
func walk(ctx context.Context, client *hoster.Client) error {
	runtime.GC()
	heap := watch()
	begun, count := time.Now(), 0
	var last hoster.Record
	for record, err := range client.DNS.All(ctx, server.LargeDomain, nil) {
		if err != nil {
			heap.stop()
			return err
		}
		count++
		last = record
	}
	peak, live := heap.stop()
	if want := fmt.Sprintf("host-%07d", server.LargeZone-1); count != server.LargeZone || last.Name != want {
		return fmt.Errorf("%d records, the last one %q", count, last.Name)
	}
	report(contest.WalkWork, time.Since(begun), peak, float64(live), "live-heap-B")
	return nil
}

// stream reads the PDF of the first invoice through a small buffer.
func stream(ctx context.Context, client *hoster.Client) error {
	page, err := client.Invoices.ListPage(ctx, &hoster.InvoiceListOptions{PerPage: 1})
	if err != nil {
		return err
	}
	if len(page.Items) == 0 {
		return fmt.Errorf("the sandbox has no invoice")
	}
	runtime.GC()
	before, begun := allocated(), time.Now()
	document, err := client.Invoices.PDF(ctx, page.Items[0].ID)
	if err != nil {
		return err
	}
	size, err := io.Copy(io.Discard, document)
	if closed := document.Close(); err == nil {
		err = closed
	}
	if err == nil && size < server.LargePDF {
		err = fmt.Errorf("a document of %d bytes", size)
	}
	if err != nil {
		return err
	}
	report(contest.PDFWork, time.Since(begun), allocated()-before, float64(size), "document-B")
	return nil
}

// allocated is exact, where the metrics lag behind; it stops the world.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

func report(work string, took time.Duration, bytes uint64, more float64, unit string) {
	fmt.Printf("Benchmark/%s/hoster 1 %d ns/op %d B/op %.0f %s\n", work, took.Nanoseconds(), bytes, more, unit)
}

// heap samples the heap while something runs.
type heap struct {
	quit chan struct{}
	done chan struct{}
	peak uint64 // of all objects
	live uint64 // of those that a collection found alive
}

func watch() *heap {
	h := &heap{quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(h.done)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			h.peak = max(h.peak, read("/memory/classes/heap/objects:bytes"))
			h.live = max(h.live, read("/gc/heap/live:bytes"))
			select {
			case <-tick.C:
			case <-h.quit:
				return
			}
		}
	}()
	return h
}

func (h *heap) stop() (peak, live uint64) {
	close(h.quit)
	<-h.done
	return h.peak, h.live
}

func read(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

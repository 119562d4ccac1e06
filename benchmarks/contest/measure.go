package contest

import (
	"context"
	"net/http"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// CPUMetric is the unit of the CPU time that Measure reports.
const CPUMetric = "cpu-ns/op"

// Measure benchmarks one contender at one work, on a connection and pools that
// are warm, and checks each result. Beside the usual figures it reports the CPU
// time of this process, which is the client's: the server is another one.
func Measure(b *testing.B, w Work, c Contender, origin string, client *http.Client) {
	ctx := context.Background()
	sdk, err := c.New(origin, client)
	if err != nil {
		b.Fatal(err)
	}
	warm := 2
	if w.Place == Slow {
		warm = 1
	}
	for range warm {
		if err := w.Do(ctx, c, sdk); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC() // of what went before: bodies, connections, other contenders
	b.ReportAllocs()
	if w.Place == Parallel {
		b.SetParallelism(parallelism)
		b.ResetTimer()
		before := CPUTime()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := w.Do(ctx, c, sdk); err != nil {
					b.Error(err)
					return
				}
			}
		})
		reportCPU(b, before)
		return
	}
	before := CPUTime()
	for b.Loop() {
		if err := w.Do(ctx, c, sdk); err != nil {
			b.Fatal(err)
		}
	}
	reportCPU(b, before)
}

// parallelism times the number of CPUs goroutines share the client where the
// work is parallel.
const parallelism = 16

func reportCPU(b *testing.B, before time.Duration) {
	b.StopTimer()
	b.ReportMetric(float64(CPUTime()-before)/float64(b.N), CPUMetric)
}

// CPUTime is the processor time that this process has used, in user and kernel
// mode.
func CPUTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // it takes no argument that could be wrong
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

package main

import (
	"fmt"
	"math"
	"strconv"
)

// introduction is what stands above the figures.
const introduction = `# Performance

This page is printed by a program; edit the program, not the page. From the
root of the repository, in about a quarter of an hour:

` + "```sh\ncd benchmarks && go run ./cmd/compare\n```" + `

![CPU time of the client relative to raw, for hoster and five other SDKs](performance.svg)

What stands here:

- **hoster** is this SDK, with logger, hooks and limiter off. **raw** is what one
  writes without an SDK: net/http, io.ReadAll and encoding/json into structs of
  the same shape. **floor** is the request alone, its body read into a buffer that
  is used again, and not looked at. The others are SDKs of other providers, each in
  the JSON of its own provider, with its own envelope, paging and types.
- Items have the same size for all, 320 bytes, and a domain 512. The zone is read in
  pages of 500. Every result is checked: how many items, the first one's name and the
  last one's value.
- Every other type of resource is read by hoster, raw and floor alone, since other
  providers have nothing of the same shape. An invoice has 3 items and 2 taxes, an order
  2 items and 2 invoices, a token 8 scopes, a hosting plan 6 prices. Records of mixed types
  are A, AAAA, CNAME, MX, TXT with escapes and quotes, SRV and CAA. The unusual envelope
  has members before and after its data, numbers as ids, a flat meta, and unknown members
  in its items.
- CPU time is that of the client's process, user and kernel, the garbage collector's
  included. The server is another process; where the transport is stubbed, answers come
  from memory in the client's process and there is no socket.
- All contenders take turns in each round, over the same transport with connections
  that are warm. A ratio is taken within a round, and the median of the rounds is shown.
- Go 1.27 runs encoding/json on its v2 engine by default, without a GOEXPERIMENT; on
  Go 1.26 GOEXPERIMENT=jsonv2 switches it on. The second engine here is Go 1.27's.
`

func ratio(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v > 0 && v < 0.095:
		return fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func duration(ns float64) string {
	switch {
	case math.IsNaN(ns):
		return "–"
	case ns >= 10e9:
		return fmt.Sprintf("%.0f s", ns/1e9)
	case ns >= 100e6:
		return fmt.Sprintf("%.0f ms", ns/1e6)
	case ns >= 1e6:
		return fmt.Sprintf("%.1f ms", ns/1e6)
	case ns >= 100e3:
		return fmt.Sprintf("%.0f µs", ns/1e3)
	}
	return fmt.Sprintf("%.1f µs", ns/1e3)
}

func whole(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return grouped(int64(math.Round(v)))
}

func size(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case v >= 10<<20:
		return fmt.Sprintf("%.0f MiB", v/(1<<20))
	case v >= 1<<20:
		return fmt.Sprintf("%.1f MiB", v/(1<<20))
	}
	return fmt.Sprintf("%.1f KiB", v/(1<<10))
}

// grouped writes 12345 as 12,345.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

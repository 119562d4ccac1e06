package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

// The plot: for each of the stubbed works a block of bars, for each engine a
// column. A bar begins at raw, which is 1, on a logarithmic scale: to the left is
// less CPU time than raw, to the right more.
const (
	plotWidth   = 960
	labelWidth  = 120
	columnWidth = (plotWidth - labelWidth) / 2
	valueWidth  = 52 // what a number beside a bar needs
	topHeight   = 84
	blockTitle  = 26
	rowHeight   = 20
	blockGap    = 16
	barHeight   = 12
	leastRatio  = 0.1
	mostRatio   = 20.0
)

// plotStyle has colours that are read on a light and on a dark page alike: what
// surrounds an image does not always tell it which one it is on.
const plotStyle = `<style>
text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#6e7b89}
.title{font-size:17px;font-weight:600}
.block{font-weight:600}
.ours{font-weight:600;fill:#0f9268}
.axis{font-size:11px}
line{stroke:#8c959f;stroke-width:1}
.grid{stroke-opacity:.3}
.bar{fill:#8c959f}
.best{fill:#12a577}
</style>
`

// plot draws the SVG.
func plot(engines []*engine) string {
	works := []contest.Work{{Place: contest.Stub, Operation: contest.Get}, {Place: contest.Stub, Operation: contest.Page1}, {Place: contest.Stub, Operation: contest.Page2}, {Place: contest.Stub, Operation: contest.Zone}}
	names := shown()[1:]
	block := blockTitle + len(names)*rowHeight + blockGap
	height := topHeight + len(works)*block + 30
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 -8 %d %d" role="img" aria-label="CPU time of the client relative to raw">`+"\n", plotWidth+32, height+16)
	b.WriteString(plotStyle)
	fmt.Fprintf(&b, `<text class="title" x="0" y="20">CPU time of the client per operation, net/http with encoding/json by hand = 1</text>`+"\n")
	fmt.Fprintf(&b, `<text x="0" y="40">Transport stubbed, logarithmic scale: a bar to the left needs less than the program by hand, to the right more.</text>`+"\n")
	for column, e := range engines {
		left := labelWidth + column*columnWidth
		fmt.Fprintf(&b, `<text class="block" x="%.1f" y="68" text-anchor="middle">%s (%s)</text>`+"\n", position(left, 1), e.title, e.version)
		for _, tick := range []float64{0.1, 0.25, 0.5, 1, 2, 4, 10, 20} {
			x, class := position(left, tick), "grid"
			if tick == 1 {
				class = "raw"
			}
			fmt.Fprintf(&b, `<line class="%s" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`+"\n", class, x, x, topHeight-6, height-24)
			fmt.Fprintf(&b, `<text class="axis" x="%.1f" y="%d" text-anchor="middle">%g</text>`+"\n", x, height-8, tick)
		}
	}
	for i, w := range works {
		top := topHeight + i*block
		fmt.Fprintf(&b, `<text class="block" x="0" y="%d">%s</text>`+"\n", top+12, titles[w.Name])
		for row, name := range names {
			middle := top + blockTitle + row*rowHeight
			class, bar := "", "bar"
			if name == "hoster" {
				class, bar = ` class="ours"`, "best"
			}
			fmt.Fprintf(&b, `<text%s x="%d" y="%d" text-anchor="end">%s</text>`+"\n", class, labelWidth-8, middle+5, name)
			for column, e := range engines {
				value := median(e.rounds, toRaw(w, name))
				if math.IsNaN(value) {
					continue
				}
				drawBar(&b, labelWidth+column*columnWidth, middle, value, bar, class)
			}
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// drawBar draws from 1 to the value, which stands at the bar's end.
func drawBar(b *strings.Builder, left, middle int, value float64, bar, class string) {
	from, to := position(left, 1), position(left, value)
	fmt.Fprintf(b, `<rect class="%s" x="%.1f" y="%d" width="%.1f" height="%d" rx="2"/>`+"\n", bar, min(from, to), middle-barHeight/2, max(2, math.Abs(to-from)), barHeight)
	anchor, x := "start", max(from, to)+5
	if value < 1 {
		anchor, x = "end", to-5
	}
	fmt.Fprintf(b, `<text%s x="%.1f" y="%d" text-anchor="%s">%s</text>`+"\n", class, x, middle+5, anchor, ratio(value))
}

// position is where a ratio stands in the column that begins at left.
func position(left int, value float64) float64 {
	value = min(max(value, leastRatio), mostRatio)
	share := math.Log(value/leastRatio) / math.Log(mostRatio/leastRatio)
	return float64(left+valueWidth) + share*float64(columnWidth-2*valueWidth)
}

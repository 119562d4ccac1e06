package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

// The plot: a block of bars for each of the stubbed works that every contender
// does, and one for hoster's pages of the other types; a column for each engine.
// A bar begins at raw, which is 1, on a logarithmic scale: to the left is less CPU
// time than raw, to the right more.
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

// block is a title and its bars.
type block struct {
	title string
	bars  []bar
}

// bar is what a contender needs for a work.
type bar struct {
	label     string
	work      contest.Work
	contender string
}

// blocks are all that is drawn.
func blocks() []block {
	var all []block
	for _, o := range []contest.Operation{contest.Get, contest.Page1, contest.Page2, contest.Zone} {
		one := block{title: titles[o.Name]}
		for _, name := range shown()[1:] {
			one.bars = append(one.bars, bar{name, contest.Work{Place: contest.Stub, Operation: o}, name})
		}
		all = append(all, one)
	}
	types := block{title: "pages of 100, hoster"}
	for _, o := range contest.Pages() {
		if o.Items == 100 {
			types.bars = append(types.bars, bar{labels[o.Name], contest.Work{Place: contest.Stub, Operation: o}, "hoster"})
		}
	}
	return append(all, types)
}

// labels are short: they stand beside a bar.
var labels = map[string]string{
	"domains100": "domains", "contacts100": "contacts", "invoices100": "invoices", "orders100": "orders", "services100": "services",
	"plans100": "plans", "tokens100": "tokens", "mixed100": "mixed records", "odd100": "unusual envelope",
}

// plot draws the SVG.
func plot(engines []*engine) string {
	drawn := blocks()
	height := topHeight + 30
	for _, one := range drawn {
		height += one.height()
	}
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
	top := topHeight
	for _, one := range drawn {
		one.draw(&b, top, engines)
		top += one.height()
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (one block) height() int { return blockTitle + len(one.bars)*rowHeight + blockGap }

func (one block) draw(b *strings.Builder, top int, engines []*engine) {
	fmt.Fprintf(b, `<text class="block" x="0" y="%d">%s</text>`+"\n", top+12, one.title)
	for row, r := range one.bars {
		middle := top + blockTitle + row*rowHeight
		class, style := "", "bar"
		if r.contender == "hoster" {
			class, style = ` class="ours"`, "best"
		}
		fmt.Fprintf(b, `<text%s x="%d" y="%d" text-anchor="end">%s</text>`+"\n", class, labelWidth-8, middle+5, r.label)
		for column, e := range engines {
			value := median(e.rounds, toRaw(r.work, r.contender))
			if math.IsNaN(value) {
				continue
			}
			drawBar(b, labelWidth+column*columnWidth, middle, value, style, class)
		}
	}
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

package hoster

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-hoster/hoster/internal/printable"
)

// String is the plan as a diff.
func (p *ZonePlan) String() string {
	var b strings.Builder
	_ = p.Print(&b, false) // a strings.Builder takes everything
	return b.String()
}

// Print writes the plan as a diff: "+" creates, "-" deletes, "~" changes.
// Colour is for terminals. What a terminal would obey or hide stands escaped,
// as \DDD for each octet.
func (p *ZonePlan) Print(w io.Writer, colour bool) error {
	const green, red, yellow, plain = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
	var err error
	line := func(mark, paint, text string) {
		if err != nil {
			return
		}
		text = printable.Escape(text)
		if colour {
			_, err = fmt.Fprintf(w, "%s%s %s%s\n", paint, mark, text, plain)
			return
		}
		_, err = fmt.Fprintf(w, "%s %s\n", mark, text)
	}
	for _, r := range p.Deletes {
		line("-", red, plannedOf(r).line())
	}
	for _, u := range p.Updates {
		line("~", yellow, plannedOf(u.From).line()+u.change())
	}
	for _, r := range p.Creates {
		line("+", green, r.line())
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "%s: %d to create, %d to change, %d to delete\n", printable.Escape(p.Domain), len(p.Creates), len(p.Updates), len(p.Deletes))
	}
	return err
}

// line is the record as a zone file has it; "-" stands for a TTL that is left to
// the provider.
func (r ZonePlanRecord) line() string {
	ttl := "-"
	if r.TTL != 0 {
		ttl = fmt.Sprint(r.TTL)
	}
	return fmt.Sprintf("%s %s %s %s", r.Name, ttl, r.Type, r.Value)
}

// change is what becomes of the record.
func (u ZonePlanUpdate) change() string {
	text := " -> " + u.To.Value
	if u.To.TTL != 0 && u.To.TTL != u.From.TTL {
		text += fmt.Sprintf(" (TTL %d)", u.To.TTL)
	}
	return text
}

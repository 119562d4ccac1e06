package dnszone

import (
	"fmt"
	"strconv"
	"strings"
)

// place is the data of a LOC record (RFC 1876) as the wire has it.
type place struct {
	size, horizontal, vertical    uint8  // a digit, and how often it is times ten, in centimeters
	latitude, longitude, altitude uint32 // thousandths of arc seconds from 1<<31; centimeters from 100 km below
}

const (
	origin      = 1 << 31
	degree      = 60 * 60 * 1000
	baseDepth   = 100_000_00
	maxDistance = 90_000_000_00
)

// String is the form with all of its parts: 51 30 12.748 N 0 7 39.611 W 0.00m 1m 10000m 10m
func (p place) String() string {
	altitude, sign := int64(p.altitude)-baseDepth, ""
	if altitude < 0 {
		altitude, sign = -altitude, "-"
	}
	return fmt.Sprintf("%s %s %s%d.%02dm %s %s %s", angle(p.latitude, "N", "S"), angle(p.longitude, "E", "W"),
		sign, altitude/100, altitude%100, meters(p.size), meters(p.horizontal), meters(p.vertical))
}

func angle(value uint32, positive, negative string) string {
	from, side := int64(value)-origin, positive
	if from < 0 {
		from, side = -from, negative
	}
	return fmt.Sprintf("%d %d %d.%03d %s", from/degree, from/60000%60, from/1000%60, from%1000, side)
}

func meters(size uint8) string {
	centimeters := uint64(size >> 4)
	for range size & 15 {
		centimeters *= 10
	}
	if centimeters%100 == 0 {
		return fmt.Sprintf("%dm", centimeters/100)
	}
	return fmt.Sprintf("%d.%02dm", centimeters/100, centimeters%100)
}

func (o *octets) place() place {
	if o.number("version", 8) != 0 {
		o.fail(problem("value", "the version is not 0"))
	}
	var p place
	for _, to := range []*uint8{&p.size, &p.horizontal, &p.vertical} {
		if *to = octet(o, "size"); *to>>4 > 9 || *to&15 > 9 {
			o.fail(problem("value", "the size %#x is not a digit and a power of ten", *to))
		}
	}
	for i, to := range []*uint32{&p.latitude, &p.longitude, &p.altitude} {
		*to = uint32(o.number("location", 32))
		if most := int64(90*(i+1)) * degree; i < 2 && (int64(*to) < origin-most || int64(*to) > origin+most) {
			o.fail(problem("value", "an angle is beyond the pole or the date line"))
		}
	}
	return p
}

// place reads degrees, of which minutes and seconds may be absent, twice; the
// altitude; and up to three sizes.
func (s *words) place() place {
	p := place{size: 0x12, horizontal: 0x16, vertical: 0x13}
	p.latitude = s.angle("latitude", 90, "N", "S")
	p.longitude = s.angle("longitude", 180, "E", "W")
	p.altitude = s.altitude()
	for _, to := range []*uint8{&p.size, &p.horizontal, &p.vertical} {
		if s.err == nil && len(s.rest) > 0 {
			*to = s.size()
		}
	}
	return p
}

func (s *words) angle(what string, most int64, positive, negative string) uint32 {
	var value int64
	for i, unit := range []int64{degree, 60000, 1} {
		w := s.next(what)
		places, limit := 0, int64(59)
		if i == 0 {
			limit = most
		} else if i == 2 {
			places, limit = 3, 59999
		}
		n, ok := decimal(w.text, places)
		if i > 0 && (upper(w.text) == positive || upper(w.text) == negative) {
			s.rest = append([]word{w}, s.rest...)
			break
		}
		if !ok || n > limit {
			s.fail(problem("value", "in the %s %s is not possible", what, show(w.text)))
			return 0
		}
		value += n * unit
	}
	side := upper(s.next(what).text)
	switch {
	case value > most*degree:
		s.fail(problem("value", "the %s is beyond %d degrees", what, most))
	case side == negative:
		value = -value
	case side != positive:
		s.fail(problem("value", "the %s ends in %s, not in %s or %s", what, show(side), positive, negative))
	}
	return uint32(origin + value)
}

func (s *words) altitude() uint32 {
	text, below := strings.CutPrefix(inMeters(s.next("altitude").text), "-")
	n, ok := decimal(strings.TrimPrefix(text, "+"), 2)
	if below {
		n = -n
	}
	if n += baseDepth; !ok || n < 0 || n > 1<<32-1 {
		s.fail(problem("value", "the altitude %s is not of -100000.00m to 42849672.95m", show(text)))
	}
	return uint32(n)
}

// size is a digit and a power of ten: further digits are lost on the wire.
func (s *words) size() uint8 {
	text := inMeters(s.next("size").text)
	n, ok := decimal(text, 2)
	if !ok || n > maxDistance {
		s.fail(problem("value", "the size %s is not of 0m to 90000000.00m", show(text)))
		return 0
	}
	power := uint8(0)
	for ; n > 9; n /= 10 {
		power++
	}
	return uint8(n)<<4 | power
}

// inMeters takes the unit off.
func inMeters(s string) string { return strings.TrimSuffix(lower(s), "m") }

// decimal is a number times ten to the power of places, if it has no more places
// than that.
func decimal(s string, places int) (int64, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	if fraction = strings.TrimRight(fraction, "0"); len(fraction) > places || s == "" || s == "." {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+fraction+strings.Repeat("0", places-len(fraction)), 10, 48)
	return int64(n), err == nil
}

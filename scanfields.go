package hoster

import (
	"math"
	"time"
)

// tolerant takes any value and leaves it to the tolerant decoder. to must be
// fresh.
func (s *scanner) tolerant(to any) bool {
	raw, ok := s.value()
	return ok && decodeInto(raw, to) == nil
}

// text takes a string. It goes where it belongs when the item is finished.
func (s *scanner) text(to *string) bool {
	w := s.work
	t := text{to: to, from: len(w.text)}
	if said, ok := s.plain(); ok {
		w.text = append(w.text, said...)
	} else if said, ok := s.escaped(w.text); ok {
		w.text = said
	} else if !s.null() {
		ready := new(string)
		if !s.tolerant(ready) {
			return false
		}
		t.ready = *ready
	}
	t.end = len(w.text)
	w.texts = append(w.texts, t)
	return true
}

// known takes a string that is one of a few, which costs no memory then.
func (s *scanner) known(to *string, constant func(said []byte) string) bool {
	from := s.at
	if said, ok := s.plain(); ok {
		if ready := constant(said); ready != "" {
			s.work.texts = append(s.work.texts, text{to: to, ready: ready})
			return true
		}
		s.at = from
	}
	return s.text(to)
}

// strings takes a list of strings.
func (s *scanner) strings(to *[]string) bool {
	if *to = nil; s.null() {
		return true
	}
	from, first := s.at, len(s.work.texts)
	if !s.list(func() bool { return s.text(nil) }) {
		s.at, s.work.texts = from, s.work.texts[:first]
		return s.tolerant(to)
	}
	texts := s.work.texts[first:]
	*to = make([]string, len(texts))
	for i := range texts {
		texts[i].to = &(*to)[i]
	}
	return true
}

// digits takes a number from 0 to 999999999.
func (s *scanner) digits() (int, bool) {
	s.space()
	n, i := 0, s.at
	for ; i < len(s.data) && i < s.at+9 && s.data[i]-'0' <= 9; i++ {
		n = 10*n + int(s.data[i]-'0')
	}
	if i == s.at || i > s.at+1 && s.data[s.at] == '0' || i == len(s.data) {
		return 0, false
	}
	switch s.data[i] {
	case ',', '}', ']', ' ', '\t', '\r', '\n':
		s.at = i
		return n, true
	}
	return 0, false
}

func (s *scanner) integer(to *int) bool {
	n, ok := s.digits()
	if *to = n; ok || s.null() {
		return true
	}
	return s.tolerant(to)
}

// short takes a number that may be missing. Those of one item lie side by side.
func (s *scanner) short(to **uint16, numbers *[]uint16) bool {
	if *to = nil; s.null() {
		return true
	}
	from := s.at
	if n, ok := s.digits(); ok && n <= math.MaxUint16 {
		if len(*numbers) == cap(*numbers) {
			*numbers = make([]uint16, 0, 3)
		}
		*numbers = append(*numbers, uint16(n))
		*to = &(*numbers)[len(*numbers)-1]
		return true
	}
	s.at = from
	return s.tolerant(to)
}

func (s *scanner) truth(to *bool) bool {
	switch *to = false; {
	case s.word("true"):
		*to = true
		return true
	case s.word("false"), s.null():
		return true
	}
	return s.tolerant(to)
}

// time takes a time in RFC 3339, which is what parseTime tries first.
func (s *scanner) time(to *time.Time) bool {
	from := s.at
	if said, ok := s.plain(); ok && len(said) >= len(contractTime) {
		if *to, ok = utcTime(said); ok {
			return true
		}
		if to.UnmarshalText(said) == nil {
			*to = to.UTC()
			return true
		}
	}
	s.at = from
	if *to = (time.Time{}); s.null() {
		return true
	}
	return s.tolerant(to)
}

// contractTime is how the contract writes times.
const contractTime = "2006-01-02T15:04:05Z"

// utcTime reads a time that is written so, of the years 1 to 9999. Every record
// has two of them.
func utcTime(said []byte) (time.Time, bool) {
	if len(said) != len(contractTime) {
		return time.Time{}, false
	}
	digits := true
	number := func(from, end int) (n int) {
		for _, c := range said[from:end] {
			digits = digits && c-'0' <= 9
			n = 10*n + int(c-'0')
		}
		return n
	}
	year, month, day := number(0, 4), number(5, 7), number(8, 10)
	hour, minute, second := number(11, 13), number(14, 16), number(17, 19)
	switch {
	case !digits, said[4] != '-', said[7] != '-', said[10] != 'T', said[13] != ':', said[16] != ':', said[19] != 'Z':
	case year < 1, month < 1, month > 12, day < 1, day > daysOf(year, month), hour > 23, minute > 59, second > 59:
	default:
		return time.Unix(86400*int64(daysSince1970(year, month, day))+int64(3600*hour+60*minute+second), 0).UTC(), true
	}
	return time.Time{}, false
}

func daysOf(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSince1970 counts by years that begin in March, so that a leap day is the
// last of its year.
func daysSince1970(year, month, day int) int {
	month -= 3
	if month < 0 {
		month, year = month+12, year-1
	}
	return 365*year + year/4 - year/100 + year/400 + (153*month+2)/5 + day - 1 - 719468
}

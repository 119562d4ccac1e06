package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// invoicePDF is the invoice as a PDF of one page, of at least that size.
func invoicePDF(inv *Invoice, size int64) *file {
	page := pageText(inv)
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(page), page),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var head, xref strings.Builder
	head.WriteString("%PDF-1.4\n")
	fmt.Fprintf(&xref, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, object := range objects {
		fmt.Fprintf(&xref, "%010d 00000 n \n", head.Len())
		fmt.Fprintf(&head, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	f := &file{head: head.String()}
	f.setTail(xref.String(), len(objects)+1)
	// The tail names the place of the table, which the filling moves: twice,
	// because the place may then have more digits.
	for range 2 {
		f.filling = max(0, size-int64(len(f.head)+len(f.tail)))
		f.setTail(xref.String(), len(objects)+1)
	}
	return f
}

func (f *file) setTail(xref string, objects int) {
	place := int64(len(f.head)) + f.filling
	f.tail = fmt.Sprintf("%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", xref, objects, place)
}

// pageText is what the page shows: one line for the number, the items, the
// taxes and the total each.
func pageText(inv *Invoice) string {
	lines := []string{"Invoice " + inv.Number + ", " + inv.Status}
	for _, item := range inv.Items {
		lines = append(lines, item.Description+": "+item.Amount.String())
	}
	for _, tax := range inv.Taxes {
		lines = append(lines, tax.Name+" "+tax.Rate+"%: "+tax.Amount.String())
	}
	lines = append(lines, "Total: "+inv.Total.String()+" "+inv.Currency)
	escape := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, "\n", " ", "\r", " ")
	var b strings.Builder
	b.WriteString("BT /F1 12 Tf 16 TL 60 780 Td")
	for _, line := range lines {
		b.WriteString("\n(" + escape.Replace(line) + ") Tj T*")
	}
	b.WriteString("\nET")
	return b.String()
}

// file is the body of an answer that is no JSON: a head, filling, and a tail.
// The filling is never held in memory.
type file struct {
	head    string
	filling int64
	tail    string
}

func (f *file) size() int64 { return int64(len(f.head)) + f.filling + int64(len(f.tail)) }

// fillingLine is a line of a PDF comment.
var fillingLine = append(append([]byte{'%'}, bytes.Repeat([]byte{'.'}, 1022)...), '\n')

// writeTo writes the file, or its first bytes only where limit is not 0.
func (f *file) writeTo(w io.Writer, limit int64) {
	if limit <= 0 || limit > f.size() {
		limit = f.size()
	}
	out := &limited{w: w, left: limit}
	out.write([]byte(f.head))
	for left := f.filling; left > 0 && out.left > 0; left -= int64(len(fillingLine)) {
		if left < int64(len(fillingLine)) {
			out.write(append(bytes.Repeat([]byte{'%'}, int(left-1)), '\n'))
			break
		}
		out.write(fillingLine)
	}
	out.write([]byte(f.tail))
}

// limited writes no more than what is left, and nothing after an error: a
// client that has gone away is its own affair.
type limited struct {
	w    io.Writer
	left int64
}

func (l *limited) write(p []byte) {
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	if len(p) == 0 {
		return
	}
	if _, err := l.w.Write(p); err != nil {
		l.left = 0
		return
	}
	l.left -= int64(len(p))
}

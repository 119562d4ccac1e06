package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/term"

	"github.com/go-hoster/hoster"
)

// tableColumns are what a table shows of types that have more members than fit.
// The other forms show all.
var tableColumns = map[reflect.Type][]string{
	reflect.TypeFor[hoster.Domain]():         {"name", "status", "expires_at", "auto_renew", "locked", "nameservers"},
	reflect.TypeFor[hoster.Record]():         {"name", "ttl", "type", "priority", "weight", "port", "value", "id"},
	reflect.TypeFor[hoster.Invoice]():        {"id", "number", "type", "status", "due_at", "total", "balance_due", "currency"},
	reflect.TypeFor[hoster.Order]():          {"id", "number", "status", "created_at", "total", "currency", "invoice_ids"},
	reflect.TypeFor[hoster.Contact]():        {"id", "name", "company", "email", "phone"},
	reflect.TypeFor[hoster.HostingAccount](): {"id", "name", "plan.name", "domain", "status", "next_due_at", "amount", "currency"},
	reflect.TypeFor[hoster.Token]():          {"id", "name", "status", "scopes", "expires_at", "last_used_at", "prefix"},
}

// purchaseMembers are what a table shows of an order that was placed.
var purchaseMembers = []string{"order.id", "order.number", "order.status", "invoice.number", "invoice.total", "invoice.currency", "invoice.due_at", "invoice.payment_url"}

// printers are the forms of -output.
var printers = map[string]func(a *app, value any, text []byte) error{
	"table": (*app).printTable,
	"json": func(a *app, _ any, text []byte) error {
		var indented bytes.Buffer
		if err := json.Indent(&indented, text, "", "  "); err != nil {
			return err
		}
		_, err := fmt.Fprintln(a.out, &indented)
		return err
	},
	"yaml": func(a *app, _ any, text []byte) error {
		var node yaml.Node
		if err := yaml.Unmarshal(text, &node); err != nil {
			return err
		}
		plainStyle(&node)
		encoder := yaml.NewEncoder(a.out)
		encoder.SetIndent(2)
		return cmp.Or(encoder.Encode(&node), encoder.Close())
	},
	"csv": func(a *app, value any, text []byte) error {
		columns, rows, err := flatten(value, text)
		if err == nil {
			columns, err = a.chosen(columns, columns)
		}
		if err != nil {
			return err
		}
		w := csv.NewWriter(a.out)
		if err := w.Write(columns); err != nil {
			return err
		}
		for _, row := range rows {
			line := make([]string, len(columns))
			for i, column := range columns {
				line[i] = row[column]
			}
			if err := w.Write(line); err != nil {
				return err
			}
		}
		w.Flush()
		return w.Error()
	},
}

// plainStyle drops the quotes and braces that JSON brought along.
func plainStyle(node *yaml.Node) {
	node.Style = 0
	for _, child := range node.Content {
		plainStyle(child)
	}
}

// print writes a value in the form that -output asks for.
func (a *app) print(value any) error {
	if v := reflect.ValueOf(value); v.Kind() == reflect.Slice && v.IsNil() {
		value = reflect.MakeSlice(v.Type(), 0, 0).Interface() // [] in JSON, not null
	}
	text, err := marshal(value)
	if err != nil {
		return err
	}
	return printers[a.output](a, value, text)
}

func marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(text.Bytes()), err
}

func (a *app) printTable(value any, text []byte) error {
	columns, rows, err := flatten(value, text)
	if err != nil {
		return err
	}
	list := reflect.TypeOf(value)
	single := list.Kind() != reflect.Slice
	usual := columns
	switch {
	case !single:
		if len(rows) == 0 {
			_, err := fmt.Fprintln(a.err, "none")
			return err
		}
		if some, found := tableColumns[list.Elem()]; found {
			usual = some
		}
	case slices.Contains(columns, "invoice.payment_url"):
		usual = purchaseMembers
	}
	if columns, err = a.chosen(columns, usual); err != nil {
		return err
	}
	if single {
		return a.printMembers(columns, rows[0])
	}
	grid := [][]string{make([]string, len(columns))}
	for i, column := range columns {
		grid[0][i] = strings.ToUpper(strings.ReplaceAll(column, "_", " "))
	}
	for _, row := range rows {
		line := make([]string, len(columns))
		for i, column := range columns {
			line[i] = printable(row[column])
		}
		grid = append(grid, line)
	}
	return writeGrid(a.out, grid, a.width())
}

// chosen are the columns of -columns, or the usual ones.
func (a *app) chosen(all, usual []string) ([]string, error) {
	for _, name := range a.columns {
		if !slices.Contains(all, name) {
			return nil, usagef("there is no column %q; there are %s", name, strings.Join(all, ", "))
		}
	}
	if len(a.columns) > 0 {
		return a.columns, nil
	}
	return usual, nil
}

// printMembers shows one object, a member on each line.
func (a *app) printMembers(columns []string, row map[string]string) error {
	var grid [][]string
	for _, column := range columns {
		if row[column] != "" {
			grid = append(grid, []string{column, printable(row[column])})
		}
	}
	return writeGrid(a.out, grid, 0)
}

// width is that of the terminal; 0 is no bound.
func (a *app) width() int {
	file, ok := a.out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil {
		return columns
	}
	columns, _, _ := term.GetSize(int(file.Fd()))
	return columns
}

// narrowest is how far a column shrinks.
const narrowest = 6

// writeGrid aligns the columns. Where they are wider than the terminal, the widest
// are cut.
func writeGrid(w io.Writer, grid [][]string, bound int) error {
	var widths []int
	for _, line := range grid {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	total := func() (sum int) {
		for _, width := range widths {
			sum += width + 2
		}
		return sum - 2
	}
	for bound > 0 && total() > bound {
		rest := widths[min(1, len(widths)-1):] // the first column says what a line is about: it is cut last
		if slices.Max(rest) <= narrowest {
			rest = widths
		}
		widest := slices.Index(rest, slices.Max(rest))
		if rest[widest] <= narrowest {
			break
		}
		rest[widest]--
	}
	var text strings.Builder
	for _, line := range grid {
		var out strings.Builder
		for i, cell := range line {
			if count := utf8.RuneCountInString(cell); count > widths[i] {
				cell = string([]rune(cell)[:widths[i]-1]) + "…"
			}
			out.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		text.WriteString(strings.TrimRight(out.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// printable shows what a terminal would obey or hide as Go escapes.
func printable(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) < 0 {
		return text
	}
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// flatten makes rows of a list or an object: members of members are named with a
// dot, and lists within become one cell. An empty list has the columns of its type.
func flatten(value any, text []byte) (columns []string, rows []map[string]string, err error) {
	v := reflect.ValueOf(value)
	if v.Kind() != reflect.Slice {
		text = slices.Concat([]byte("["), text, []byte("]"))
	} else if v.Len() == 0 {
		empty, err := marshal([]any{reflect.Zero(v.Type().Elem()).Interface()})
		if err != nil {
			return nil, nil, err
		}
		columns, _, err := flatten([]any{nil}, empty)
		return columns, nil, err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, nil, err
	}
	seen := make(map[string]bool)
	for _, item := range list {
		row := make(map[string]string)
		err := members(item, "", func(name, cell string) {
			row[name] = cell
			if !seen[name] {
				seen[name] = true
				columns = append(columns, name)
			}
		})
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
	// A member that is an object here and null there has columns of its own.
	all := slices.Clone(columns)
	columns = slices.DeleteFunc(columns, func(name string) bool {
		return slices.ContainsFunc(all, func(other string) bool { return strings.HasPrefix(other, name+".") })
	})
	return columns, rows, nil
}

// members walks an object in its own order.
func members(text json.RawMessage, prefix string, add func(name, cell string)) error {
	if len(text) == 0 || text[0] != '{' {
		add(cmp.Or(strings.TrimSuffix(prefix, "."), "value"), cellOf(text))
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var inner json.RawMessage
		if err := decoder.Decode(&inner); err != nil {
			return err
		}
		if err := members(inner, prefix+fmt.Sprint(name)+".", add); err != nil {
			return err
		}
	}
	return nil
}

func cellOf(text json.RawMessage) string {
	var list []string
	var word string
	switch {
	case string(text) == "null":
		return ""
	case json.Unmarshal(text, &word) == nil:
		return word
	case json.Unmarshal(text, &list) == nil:
		return strings.Join(list, " ")
	}
	return string(text)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/go-hoster/hoster"
)

// operation is a call of the SDK as a command: the table gives its path and whether
// it writes, the method's signature gives its arguments and flags.
type operation struct {
	hoster.OperationInfo
	method  reflect.Method
	args    []string     // names of the path's parameters
	list    bool         // a last parameter of many words, such as nameservers
	options reflect.Type // of a list, nil for other calls
	body    reflect.Type // of a write, nil where it takes none
}

// commandPath is where an operation stands in the tree, such as "domains set-nameservers".
func commandPath(name hoster.Operation) (service, verb string) {
	service, verb, _ = strings.Cut(string(name), ".")
	return kebab(service), kebab(verb)
}

// kebab is "SetNameservers" as "set-nameservers", and "DNS" as "dns".
func kebab(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && unicode.IsLower(runes[i-1]) {
			out.WriteByte('-')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

var (
	pathParameter = regexp.MustCompile(`\{(\w+)\}`)
	textType      = reflect.TypeFor[string]()
	secretType    = reflect.TypeFor[hoster.Secret]()
	errorType     = reflect.TypeFor[error]()
)

// describe reads the signature of an operation's method.
func describe(info hoster.OperationInfo) (operation, error) {
	service, name, _ := strings.Cut(string(info.Name), ".")
	field, found := reflect.TypeFor[hoster.Client]().FieldByName(service)
	if !found {
		return operation{}, fmt.Errorf("no service for %s", info.Name)
	}
	method, found := field.Type.MethodByName(name)
	if !found {
		return operation{}, fmt.Errorf("no method for %s", info.Name)
	}
	op := operation{OperationInfo: info, method: method}
	for _, match := range pathParameter.FindAllStringSubmatch(info.Path, -1) {
		op.args = append(op.args, match[1])
	}
	texts := 0
	for i := 2; i < method.Type.NumIn()-1; i++ { // behind the receiver and the context, before the options
		switch in := method.Type.In(i); {
		case in.Kind() == reflect.String:
			texts++
		case in.Kind() == reflect.Slice && in.Elem() == textType:
			op.list = true
		case in.Kind() == reflect.Pointer && in.Elem().Kind() == reflect.Struct:
			op.options = in.Elem()
		case in.Kind() == reflect.Struct:
			op.body = in
		default:
			return op, fmt.Errorf("%s: no command line for %s", info.Name, in)
		}
	}
	if texts != len(op.args) {
		return op, fmt.Errorf("%s: %d arguments for the path %s", info.Name, texts, info.Path)
	}
	return op, nil
}

func (op operation) writes() bool { return op.Replay != hoster.ReplayAlways }

// addOperations makes a command of every operation in the table.
func (a *app) addOperations(root *cobra.Command) {
	for _, info := range hoster.Operations() {
		op, err := describe(info)
		if err != nil {
			continue // a test holds the commands against the table
		}
		service, _ := commandPath(info.Name)
		parent := child(root, service)
		if parent == nil {
			parent = group(service, groupAbout[service])
			root.AddCommand(parent)
		}
		parent.AddCommand(a.operation(op))
	}
}

// groupAbout describes the groups of commands that come from the table.
var groupAbout = map[string]string{
	"account":       "the account's profile",
	"contacts":      "contacts that domains refer to",
	"invoices":      "invoices; they are paid in the provider's portal",
	"orders":        "orders",
	"domains":       "domains: read, order, manage",
	"dns":           "DNS records and zones",
	"hosting":       "hosting services",
	"hosting-plans": "plans that can be ordered",
	"tokens":        "API tokens",
}

func (a *app) operation(op operation) *cobra.Command {
	_, verb := commandPath(op.Name)
	use := verb
	for _, name := range op.args {
		use += " <" + name + ">"
	}
	least, most := len(op.args), len(op.args)
	if op.list {
		use, least, most = use+" <"+op.listName()+">...", least+1, 1000
	}
	cmd := &cobra.Command{Use: use, Short: op.about(), Args: cobra.RangeArgs(least, most)}
	cmd.Long = fmt.Sprintf("%s\n\nIt makes the call %s (%s %s).", capital(op.about()), op.Name, op.Method, op.Path)
	if op.Scope != "" {
		cmd.Long += fmt.Sprintf(" The token needs the scope %s.", op.Scope)
	}
	if op.Buys {
		cmd.Long += "\n\nIt orders and does not pay: the order is pending until its invoice is paid in the portal.\n-max-price is required; a higher price before tax is refused."
	}

	set := func(flag string) (string, bool) {
		return cmd.Flag(flag).Value.String(), cmd.Flag(flag).Changed
	}
	for name := range fieldsOf(op.options, "url") {
		cmd.Flags().String(kebabMember(name), "", "only those with this "+strings.ReplaceAll(name, "_", " "))
	}
	for name, field := range fieldsOf(op.body, "json") {
		if isSecret(field) {
			cmd.Flags().String(kebabMember(name)+"-file", "", "file with the "+strings.ReplaceAll(name, "_", " ")+"; - is the standard input")
			continue
		}
		cmd.Flags().String(kebabMember(name), "", memberAbout(name, field))
	}
	if op.body != nil {
		cmd.Flags().String("body", "", "the request as JSON, or @file; other flags come on top")
	}
	if op.makesSecret() {
		cmd.Flags().String("secret-file", "", "new file, of mode 0600, for the secret; without it the secret is printed once")
	}
	if op.streams() {
		cmd.Flags().String("out", "", "file to write; - is the standard output")
		_ = cmd.MarkFlagRequired("out")
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		options, err := op.readOptions(set)
		if err != nil {
			return err
		}
		body, err := a.readBody(op, set)
		if err != nil {
			return err
		}
		client, err := a.client()
		if err != nil {
			return err
		}
		if op.writes() {
			if err := a.confirmWrite(cmd.Context(), client, op, args, body); err != nil {
				return err
			}
		}
		value, err := op.call(cmd.Context(), client, args, options, body)
		if err != nil {
			return err
		}
		if op.makesSecret() {
			file, _ := set("secret-file")
			return a.printSecret(value, file)
		}
		switch answer := value.(type) {
		case nil:
			fmt.Fprintln(a.err, "done")
			return nil
		case io.ReadCloser:
			to, _ := set("out")
			return a.save(answer, to)
		}
		if err := a.print(value); err != nil || !op.Buys {
			return err
		}
		fmt.Fprintln(a.err, "ordered; nothing is paid: the invoice is paid in the provider's portal")
		return nil
	}
	return cmd
}

func (op operation) listName() string {
	if op.writes() {
		return "nameserver"
	}
	return "domain"
}

func (op operation) about() string {
	service, verb := commandPath(op.Name)
	one := strings.TrimSuffix(strings.ReplaceAll(service, "-", " "), "s")
	switch service {
	case "dns":
		one = "DNS record"
	case "hosting":
		one = "hosting service"
	case "hosting-plans":
		one = "hosting plan"
	}
	article := "a "
	if strings.ContainsAny(one[:1], "aio") {
		article = "an "
	}
	switch words := strings.Split(verb, "-"); {
	case verb == "list":
		return "list every " + one
	case verb == "batch":
		return "change many records of a zone at once"
	case verb == "pdf":
		return "save an invoice as PDF"
	case verb == "availability":
		return "show whether domains can be had, and what they cost"
	case verb == "current":
		return "show the token in use"
	case slices.Contains([]string{"create", "get", "update", "delete", "register", "renew", "transfer", "provision", "upgrade", "cancel", "revoke"}, verb):
		return verb + " " + article + one
	case op.writes() && (words[0] == "set" || words[0] == "update"):
		return words[0] + " the " + strings.Join(words[1:], " ") + " of " + article + one
	case op.writes():
		return "make the " + strings.Join(words, " ") + " of " + article + one
	default:
		return "show the " + strings.Join(words, " ") + " of " + article + one
	}
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }

func (op operation) streams() bool {
	return op.method.Type.Out(0) == reflect.TypeFor[io.ReadCloser]()
}

// makesSecret reports whether the answer holds a secret that is shown once.
func (op operation) makesSecret() bool {
	for _, field := range fieldsOf(op.method.Type.Out(0), "json") {
		if isSecret(field) {
			return true
		}
	}
	return false
}

// fieldsOf are the members of a struct by the names of a tag, those of embedded
// structs included. It is empty for other types; pages are the command's own affair.
func fieldsOf(t reflect.Type, tag string) func(yield func(string, reflect.StructField) bool) {
	return func(yield func(string, reflect.StructField) bool) {
		if t == nil || t.Kind() != reflect.Struct {
			return
		}
		for _, field := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(field.Tag.Get(tag), ",")
			if name == "" || name == "-" || name == "page" || name == "per_page" {
				continue
			}
			if !yield(name, field) {
				return
			}
		}
	}
}

func kebabMember(name string) string { return strings.ReplaceAll(name, "_", "-") }

// valueType is what a member holds: T of an Opt[T].
func valueType(t reflect.Type) reflect.Type {
	if get, found := t.MethodByName("Get"); found && t.Kind() == reflect.Struct && get.Type.NumOut() == 2 {
		return get.Type.Out(0)
	}
	return t
}

func isSecret(field reflect.StructField) bool { return valueType(field.Type) == secretType }

// quoted reports whether a member is a string on the wire.
func quoted(t reflect.Type) bool {
	t = valueType(t)
	return t.Kind() == reflect.String || t == reflect.TypeFor[hoster.Amount]() || t == reflect.TypeFor[time.Time]()
}

func isTextList(t reflect.Type) bool {
	t = valueType(t)
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String
}

func memberAbout(name string, field reflect.StructField) string {
	about := "the " + strings.ReplaceAll(name, "_", " ")
	switch t := valueType(field.Type); {
	case name == "max_price":
		return "the most that it may cost before tax"
	case t == reflect.TypeFor[time.Time]():
		return about + ", in the form of RFC 3339"
	case isTextList(t):
		return about + ", with commas between"
	case !quoted(t) && (t.Kind() == reflect.Struct || t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice):
		return about + ", as JSON"
	case t.Kind() == reflect.Bool:
		return about + ": true or false"
	}
	return about
}

// asJSON is the text of a flag as the member's value.
func asJSON(t reflect.Type, text string) (json.RawMessage, error) {
	switch {
	case quoted(t):
		return marshal(text)
	case isTextList(t) && !strings.HasPrefix(text, "["):
		return marshal(strings.Split(text, ","))
	case json.Valid([]byte(text)):
		return json.RawMessage(text), nil
	}
	return nil, fmt.Errorf("%q is no value of it", text)
}

// readOptions fills the filters of a list from flags.
func (op operation) readOptions(set func(string) (string, bool)) (reflect.Value, error) {
	if op.options == nil {
		return reflect.Value{}, nil
	}
	options := reflect.New(op.options)
	for name, field := range fieldsOf(op.options, "url") {
		text, given := set(kebabMember(name))
		if !given {
			continue
		}
		value, err := asJSON(field.Type, text)
		if err == nil {
			err = json.Unmarshal(value, options.Elem().FieldByIndex(field.Index).Addr().Interface())
		}
		if err != nil {
			return options, usagef("-%s: %w", kebabMember(name), err)
		}
	}
	return options, nil
}

// readBody builds the request of a write from -body and the flags on top.
func (a *app) readBody(op operation, set func(string) (string, bool)) (reflect.Value, error) {
	if op.body == nil {
		return reflect.Value{}, nil
	}
	merged := make(map[string]json.RawMessage)
	if text, given := set("body"); given {
		content := []byte(text)
		file, named := strings.CutPrefix(text, "@")
		if named {
			var err error
			if content, err = a.readFile(file); err != nil {
				return reflect.Value{}, err
			}
		}
		if err := json.Unmarshal(content, &merged); err != nil {
			return reflect.Value{}, usagef("-body: %w", err)
		}
		for name, field := range fieldsOf(op.body, "json") {
			if _, given := merged[name]; given && isSecret(field) && !named {
				return reflect.Value{}, usagef("other users see the command line: put the %s into a file, with -%s-file or -body @file", name, kebabMember(name))
			}
		}
	}
	for name, field := range fieldsOf(op.body, "json") {
		flag := kebabMember(name)
		if isSecret(field) {
			file, given := set(flag + "-file")
			if !given {
				continue
			}
			content, err := a.readFile(file)
			if err != nil {
				return reflect.Value{}, err
			}
			merged[name], _ = marshal(strings.TrimRight(string(content), "\r\n"))
			continue
		}
		if text, given := set(flag); given {
			value, err := asJSON(field.Type, text)
			if err != nil {
				return reflect.Value{}, usagef("-%s: %w", flag, err)
			}
			merged[name] = value
		}
	}
	text, err := marshal(merged)
	if err != nil {
		return reflect.Value{}, err
	}
	body := reflect.New(op.body)
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(body.Interface()); err != nil {
		return reflect.Value{}, usagef("%w", err)
	}
	if op.Buys {
		if _, given := merged["max_price"]; !given {
			return reflect.Value{}, usagef("an order needs -max-price, the most that it may cost before tax")
		}
		if check := body.Elem().FieldByName("CheckPrice"); check.IsValid() {
			check.SetBool(true)
		}
	}
	return body.Elem(), nil
}

// readFile reads a file of reasonable size; - is the standard input.
func (a *app) readFile(name string) ([]byte, error) {
	var from io.Reader = a.in
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		from = file
	}
	content, err := io.ReadAll(io.LimitReader(from, 32<<20+1))
	if err == nil && len(content) > 32<<20 {
		err = fmt.Errorf("%s is larger than 32 MiB", name)
	}
	return content, err
}

// confirmWrite shows the call, and the price of an order.
func (a *app) confirmWrite(ctx context.Context, client *hoster.Client, op operation, args []string, body reflect.Value) error {
	what := strings.Join(append([]string{string(op.Name)}, args...), " ")
	if op.body != nil {
		text, err := json.MarshalIndent(body.Interface(), "", "  ")
		if err != nil {
			return err
		}
		if string(text) != "{}" {
			what += "\n" + string(text)
		}
	}
	if op.Buys {
		price, err := priceOf(ctx, client, op, args, body)
		if err != nil {
			return err
		}
		what += "\nprice before tax: " + price
	}
	return a.confirm(what)
}

// priceOf looks up what an order would cost.
func priceOf(ctx context.Context, client *hoster.Client, op operation, args []string, body reflect.Value) (string, error) {
	member := func(name string) string {
		if field := body.FieldByName(name); field.IsValid() && field.Kind() == reflect.String {
			return field.String()
		}
		return ""
	}
	const unknown = "not named by the provider; the cap holds"
	if strings.HasPrefix(string(op.Name), "Domains.") {
		domain := member("Domain")
		if len(args) > 0 {
			domain = args[0]
		}
		found, err := client.Domains.Availability(ctx, []string{domain})
		if err != nil || len(found) == 0 || found[0].Prices == nil {
			return unknown, err
		}
		price := map[hoster.Operation]*hoster.Amount{"Domains.Register": found[0].Prices.Register, "Domains.Renew": found[0].Prices.Renew, "Domains.Transfer": found[0].Prices.Transfer}[op.Name]
		if price == nil {
			return unknown, nil
		}
		years := int64(1)
		if field := body.FieldByName("Years"); field.IsValid() {
			years = field.Int()
		}
		return fmt.Sprintf("%s %s for a year, %d ordered", price, found[0].Currency, years), nil
	}
	if op.Name == "Hosting.Renew" {
		service, err := client.Hosting.Get(ctx, hoster.HostingID(args[0]))
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s %s, %s", service.Amount, service.Currency, service.BillingCycle), nil
	}
	for plan, err := range client.HostingPlans.All(ctx, nil) {
		if err != nil {
			return "", err
		}
		if string(plan.ID) != member("PlanID") {
			continue
		}
		var prices []string
		for _, price := range plan.Prices {
			if cycle := member("BillingCycle"); cycle == "" || cycle == string(price.BillingCycle) {
				prices = append(prices, fmt.Sprintf("%s %s %s", price.Amount, price.Currency, price.BillingCycle))
			}
		}
		return cmp.Or(strings.Join(prices, "; "), unknown), nil
	}
	return unknown, nil
}

// call calls the method. The value is nil where there is only an error.
func (op operation) call(ctx context.Context, client *hoster.Client, args []string, options, body reflect.Value, more ...hoster.CallOption) (any, error) {
	service, _, _ := strings.Cut(string(op.Name), ".")
	receiver := reflect.ValueOf(client).Elem().FieldByName(service)
	in := []reflect.Value{receiver, reflect.ValueOf(ctx)}
	for i := 2; i < op.method.Type.NumIn()-1; i++ {
		switch t := op.method.Type.In(i); t.Kind() {
		case reflect.String:
			in = append(in, reflect.ValueOf(args[0]).Convert(t))
			args = args[1:]
		case reflect.Slice:
			in = append(in, reflect.ValueOf(args))
		case reflect.Pointer:
			in = append(in, options)
		default:
			in = append(in, body)
		}
	}
	for _, option := range more {
		in = append(in, reflect.ValueOf(option))
	}
	out := op.method.Func.Call(in)
	last := out[len(out)-1]
	if last.Type() == errorType && !last.IsNil() {
		return nil, last.Interface().(error)
	}
	if len(out) == 1 {
		return nil, nil
	}
	return out[0].Interface(), nil
}

// printSecret prints an answer whose secret is shown this once: to a new file of
// mode 0600, or in its place.
func (a *app) printSecret(value any, file string) error {
	text, err := marshal(value)
	if err != nil {
		return err
	}
	v := reflect.ValueOf(value)
	for name, field := range fieldsOf(v.Type(), "json") {
		if !isSecret(field) {
			continue
		}
		secret := v.FieldByIndex(field.Index).Interface().(hoster.Secret)
		if secret.IsZero() {
			continue
		}
		if file != "" {
			err := saveSecret(file, secret)
			if err != nil { // the secret cannot be had again
				err = fmt.Errorf("%w; the secret is printed instead", err)
				fmt.Fprintln(a.err, "hoster:", err)
				file = ""
			} else {
				fmt.Fprintf(a.err, "the secret is in %s\n", file)
				continue
			}
		}
		shown, err := marshal(secret.Reveal())
		if err != nil {
			return err
		}
		redacted, _ := marshal(name)
		text = bytes.Replace(text, append(redacted, `:"[redacted]"`...), slices.Concat(redacted, []byte(":"), shown), 1)
	}
	return printers[a.output](a, value, text)
}

func saveSecret(name string, secret hoster.Secret) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(secret.Reveal() + "\n")
	return errors.Join(err, file.Sync(), file.Close())
}

// save writes a document to a file that is whole or not there.
func (a *app) save(from io.ReadCloser, name string) error {
	defer from.Close()
	if name == "-" {
		_, err := io.Copy(a.out, from)
		return err
	}
	part := name + ".part"
	file, err := os.Create(part)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	if err := errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, name)
}

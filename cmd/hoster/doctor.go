package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-hoster/hoster"
)

// The results of a check.
const (
	resultWorks        = "works"
	resultNotPermitted = "not permitted"
	resultNotSupported = "not supported"
	resultDiffers      = "differs" // from the documented API; the detail says how
	resultFailed       = "failed"
	resultSkipped      = "skipped"
)

// check is a line of the doctor's report.
type check struct {
	Part         string `json:"part"` // "reach", "token", "call" or "write"
	Name         string `json:"name"`
	Result       string `json:"result"`
	Milliseconds int64  `json:"milliseconds"`
	Detail       string `json:"detail"`
	Advice       string `json:"advice"`
}

// report is what the doctor found.
type report struct {
	Provider  string         `json:"provider"`
	Checks    []check        `json:"checks"`
	Requests  int            `json:"requests"`
	Limit     int            `json:"limit"` // of the account's budget; 0 if no answer told
	Remaining int            `json:"remaining"`
	Lacks     []hoster.Scope `json:"lacks_scopes"`
	Counts    map[string]int `json:"counts"`
	At        time.Time      `json:"at"`
}

// doctor holds what a run needs and finds.
type doctor struct {
	client  *hoster.Client
	base    *url.URL
	domain  string            // given, or the first of the list
	ids     map[string]string // of the first object of each service
	foreign bool              // behind a dialect: paths are not the documented ones
	report  report
}

// patience bounds each step.
const patience = 15 * time.Second

func (a *app) doctor() *cobra.Command {
	var write bool
	var domain string
	cmd := &cobra.Command{Use: "doctor", Short: "find out whether the provider's API and the token work, and how they differ", Args: cobra.NoArgs}
	cmd.Long = capital(cmd.Short) + `

It only reads: name resolution, TLS, the token, and every read of the API that the token allows. With -write and
-domain it also makes, changes and removes records of a name of its own in that zone, and removes them whatever
happens. The exit code is 1 where something failed or differs from the documented API.`
	cmd.Flags().BoolVar(&write, "write", false, "try writes too, on a name of its own in the zone of -domain")
	cmd.Flags().StringVar(&domain, "domain", "", "domain to read; without it the first of the account")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if write && domain == "" {
			return usagef("-write needs -domain, whose zone gets the records")
		}
		client, err := a.client()
		if err != nil {
			return err
		}
		base, err := url.Parse(a.base)
		if err != nil {
			return err
		}
		d := &doctor{client: client, base: base, domain: domain, ids: map[string]string{}, foreign: a.dialectUsed,
			report: report{Provider: base.Redacted(), Checks: []check{}, Lacks: []hoster.Scope{}, Counts: map[string]int{}, At: time.Now().UTC()}}
		if write {
			if err := a.confirm("records of a name that begins with _hoster-doctor are made in " + domain + " and removed again"); err != nil {
				return err
			}
		}
		d.examine(cmd.Context(), write)
		if err := a.printReport(d.report); err != nil {
			return err
		}
		if d.report.Counts[resultFailed]+d.report.Counts[resultDiffers] > 0 {
			return &exit{code: exitError}
		}
		return cmd.Context().Err()
	}
	return cmd
}

func (a *app) printReport(r report) error {
	if a.output != "table" {
		if a.output == "csv" {
			return a.print(r.Checks)
		}
		return a.print(r)
	}
	fmt.Fprintf(a.out, "%s\n\n", r.Provider)
	grid := [][]string{}
	for _, c := range r.Checks {
		grid = append(grid, []string{c.Name, c.Result, fmt.Sprintf("%d ms", c.Milliseconds), printable(c.Detail)})
	}
	if err := writeGrid(a.out, grid, a.width()); err != nil {
		return err
	}
	var advice []string
	for _, c := range r.Checks {
		if c.Advice != "" && !slices.Contains(advice, c.Advice) {
			advice = append(advice, c.Advice)
		}
	}
	if len(r.Lacks) > 0 {
		advice = append(advice, fmt.Sprintf("the token lacks %v: make one with them, if this program needs them", r.Lacks))
	}
	for _, text := range advice {
		fmt.Fprintf(a.out, "\n> %s", printable(text))
	}
	fmt.Fprintf(a.out, "\n%d checks:", len(r.Checks))
	for _, result := range sortedKeys(r.Counts) {
		fmt.Fprintf(a.out, " %d %s,", r.Counts[result], result)
	}
	fmt.Fprintf(a.out, " %d requests", r.Requests)
	if r.Limit > 0 {
		fmt.Fprintf(a.out, ", budget %d of %d left", r.Remaining, r.Limit)
	}
	fmt.Fprintln(a.out)
	return nil
}

// add notes a check that began at a time.
func (d *doctor) add(c check, begun time.Time) {
	c.Milliseconds = time.Since(begun).Milliseconds()
	d.report.Checks = append(d.report.Checks, c)
	d.report.Counts[c.Result]++
}

// examine goes from the network to the writes, and stops where nothing behind it can work.
func (d *doctor) examine(ctx context.Context, write bool) {
	if d.reach(ctx) && d.token(ctx) {
		for _, info := range hoster.Operations() {
			if info.Replay == hoster.ReplayAlways && ctx.Err() == nil {
				d.read(ctx, info)
			}
		}
		d.errorShape(ctx)
		if write {
			d.write(ctx)
		}
	}
	budget := d.client.RateLimit()
	d.report.Limit, d.report.Remaining = budget.Limit, budget.Remaining
}

// reach looks at name resolution and TLS. Behind a proxy it leaves both to the proxy.
func (d *doctor) reach(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begun := time.Now()
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: d.base}); err != nil || proxy != nil {
		d.add(check{Part: "reach", Name: "network", Result: resultSkipped, Detail: "a proxy is set in the environment"}, begun)
		return true
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, d.base.Hostname())
	if err != nil {
		d.add(check{Part: "reach", Name: "name resolution", Result: resultFailed, Detail: err.Error(),
			Advice: "the host of the base URL has no address: check its spelling, and the brand's documentation"}, begun)
		return false
	}
	d.add(check{Part: "reach", Name: "name resolution", Result: resultWorks, Detail: strings.Join(addresses, " ")}, begun)
	if d.base.Scheme != "https" {
		d.add(check{Part: "reach", Name: "TLS", Result: resultSkipped, Detail: "plain http: everybody on the way can read the token"}, begun)
		return true
	}
	begun = time.Now()
	port := d.base.Port()
	if port == "" {
		port = "443"
	}
	dialer := tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12}}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(d.base.Hostname(), port))
	if err != nil {
		d.add(check{Part: "reach", Name: "TLS", Result: resultFailed, Detail: err.Error(),
			Advice: "no trusted connection: look for a firewall, a proxy that opens TLS, or a wrong clock on this machine"}, begun)
		return false
	}
	defer conn.Close()
	state := conn.(*tls.Conn).ConnectionState()
	left := int(time.Until(state.PeerCertificates[0].NotAfter).Hours() / 24)
	c := check{Part: "reach", Name: "TLS", Result: resultWorks, Detail: fmt.Sprintf("%s, certificate until %s, %d days", tls.VersionName(state.Version), state.PeerCertificates[0].NotAfter.Format(time.DateOnly), left)}
	if left < 14 {
		c.Advice = "the provider's certificate ends soon: tell its support"
	}
	d.add(c, begun)
	if d.base.Port() == "" {
		d.plainHTTP(ctx, "http://"+d.base.Host+d.base.Path)
	}
	return true
}

// plainHTTP looks whether the API answers without TLS, where it should refuse: a
// program with a mistyped base URL would then send its token in clear.
func (d *doctor) plainHTTP(ctx context.Context, base string) {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, patience/5)
	defer cancel()
	c := check{Part: "reach", Name: "plain http", Result: resultWorks, Detail: "refused"}
	if status, _ := d.withoutToken(ctx, base+"/domains"); status != 0 && (status < 300 || status == http.StatusUnauthorized) {
		c.Result, c.Detail = resultDiffers, fmt.Sprintf("the API answers %d without TLS", status)
		c.Advice = "never use an http base URL: the provider does not refuse it"
	}
	d.add(c, begun)
}

// withoutToken makes a request that carries no token, and returns the status and
// the type of the answer; a status of 0 is none. Redirects are not followed.
func (d *doctor) withoutToken(ctx context.Context, target string) (status int, contentType string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return 0, ""
	}
	d.report.Requests++
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	return res.StatusCode, res.Header.Get("Content-Type")
}

// token tries the token, by the cheapest call that there is, and says what is wrong with it.
func (d *doctor) token(ctx context.Context) bool {
	call, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begun := time.Now()
	d.report.Requests++
	_, err := d.client.Tokens.Current(call, hoster.WithoutRetry())
	if errors.Is(err, hoster.ErrNotSupported) || errors.Is(err, hoster.ErrDecode) {
		d.report.Requests++
		_, err = d.client.Account.Profile(call, hoster.WithoutRetry())
	}
	if status := (*hoster.Error)(nil); d.foreign && errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusNotImplemented) {
		d.report.Requests++ // a brand without an account of this kind
		_, err = d.client.Domains.ListPage(call, nil, hoster.WithoutRetry())
	}
	c := check{Part: "token", Name: "token", Result: resultWorks}
	goesOn := true
	var unauthorized *hoster.UnauthorizedError
	var forbidden *hoster.ForbiddenError
	var answer *hoster.Error
	switch {
	case err == nil:
	case errors.As(err, &unauthorized):
		c, goesOn = failure(c, err), false
		c.Detail = "401, " + string(unauthorized.Reason) + ": " + unauthorized.Err.Message
		c.Advice = map[hoster.UnauthorizedReason]string{
			hoster.UnauthorizedReasonMissing:   "no token arrived: something on the way removes the Authorization header",
			hoster.UnauthorizedReasonMalformed: "the token arrived in another form: copy it whole, without white space or quotes",
			hoster.UnauthorizedReasonExpired:   "the token has expired: make a new one in the portal, under Account Settings > API Access",
			hoster.UnauthorizedReasonRevoked:   "the token was revoked: make a new one in the portal, under Account Settings > API Access",
		}[unauthorized.Reason]
		if c.Advice == "" {
			c.Advice = "the provider does not know the token: check that it was copied whole, belongs to this brand, and was not revoked"
		}
	case errors.As(err, &forbidden) && forbidden.Reason == hoster.ForbiddenReasonScope:
		c.Detail = "accepted; it lacks " + fmt.Sprint(forbidden.MissingScopes)
	case errors.As(err, &forbidden) && forbidden.Reason == hoster.ForbiddenReasonIP:
		c, goesOn = failure(c, err), false
		c.Advice = "this machine's address is not on the token's allowlist: add it in the portal"
	case d.foreign && errors.Is(err, hoster.ErrNotSupported):
		c.Detail = "the brand has no call that tells"
	case errors.Is(err, hoster.ErrServer), errors.Is(err, hoster.ErrRateLimited):
		c, goesOn = failure(c, err), false
		c.Advice = "the provider is in trouble, or the account's budget is spent: try again later"
	case errors.Is(err, hoster.ErrIntermediary), errors.As(err, &answer) && answer.Status == http.StatusNotFound, errors.Is(err, hoster.ErrDecode):
		c, goesOn = failure(c, err), false
		c.Advice = d.otherPath(ctx, err)
	case errors.Is(err, hoster.ErrRedirect):
		c, goesOn = failure(c, err), false
		c.Advice = "the base URL leads elsewhere: use the address that it points to, if it is the provider's"
	default:
		c, goesOn = failure(c, err), false
		c.Advice = "no usable answer came: look at the network and the proxy settings, and try again later"
	}
	d.add(c, begun)
	return goesOn
}

func failure(c check, err error) check {
	c.Result, c.Detail = resultFailed, shorten(err.Error())
	return c
}

// shorten keeps the part of an error that a line has room for.
func shorten(text string) string {
	text = strings.TrimPrefix(text, "hoster: ")
	if runes := []rune(text); len(runes) > 240 {
		return string(runes[:240]) + "…"
	}
	return text
}

// otherPath tells a wrong base path from a firewall: it asks without a token where
// the API could be, and an API answers 401 there.
func (d *doctor) otherPath(ctx context.Context, err error) string {
	here := strings.TrimSuffix(d.base.Path, "/")
	var answer *hoster.Error
	spoke := errors.As(err, &answer) && answer.FromAPI // an API that does not know this path
	if !d.foreign {
		for _, path := range []string{here, "/v1", "/api/v1", "/api", ""} {
			candidate := *d.base
			candidate.Path = path
			if spoke && path == here || !d.asksForToken(ctx, candidate.String()) {
				continue
			}
			if path == here {
				return "the API is there and asks for a token, but something in front of it answered this request: a firewall or a proxy; ask the provider to allow this address and User-Agent"
			}
			return "the base path is wrong: an API answers at " + candidate.String()
		}
	}
	if answer != nil && answer.Status == http.StatusForbidden {
		return "a firewall or proxy refused the request: ask the provider to allow this address and User-Agent"
	}
	return "what answers is no such API: check host and path of the base URL; for a brand with another API there is -dialect"
}

func (d *doctor) asksForToken(ctx context.Context, base string) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	status, contentType := d.withoutToken(ctx, base+"/domains")
	return status == http.StatusUnauthorized && strings.Contains(contentType, "json")
}

// read tries one read of the table.
func (d *doctor) read(ctx context.Context, info hoster.OperationInfo) {
	begun := time.Now()
	c := check{Part: "call", Name: string(info.Name)}
	op, err := describe(info)
	if err != nil {
		d.add(failure(c, err), begun)
		return
	}
	service, _, _ := strings.Cut(string(info.Name), ".")
	var args []string
	for _, name := range op.args {
		word := d.ids[service]
		if name == "domain" {
			word = d.domain
		}
		if word == "" {
			c.Result, c.Detail = resultSkipped, "the account shows none"
			if name == "domain" {
				c.Detail = "no domain is known: name one with -domain"
			}
			d.add(c, begun)
			return
		}
		args = append(args, word)
	}
	if op.list { // names to look up
		args = append(args, "example.com")
	}
	options := reflect.Value{}
	if op.options != nil {
		page, found := reflect.TypeFor[hoster.Client]().FieldByName(service)
		if method, has := page.Type.MethodByName("ListPage"); found && has {
			op.method = method
		}
		options = reflect.New(op.options)
	}
	call, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var meta hoster.Response
	d.report.Requests++
	value, err := op.call(call, d.client, args, options, reflect.Value{}, hoster.WithoutRetry(), hoster.WithResponse(&meta))
	d.judge(&c, info, value, err, &meta)
	d.add(c, begun)
}

// judge says what the answer to a read means.
func (d *doctor) judge(c *check, info hoster.OperationInfo, value any, err error, meta *hoster.Response) {
	var forbidden *hoster.ForbiddenError
	var answer *hoster.Error
	switch {
	case errors.As(err, &forbidden) && forbidden.Reason == hoster.ForbiddenReasonScope:
		c.Result, c.Detail = resultNotPermitted, "needs "+string(info.Scope)
		if info.Scope != "" && !slices.Contains(d.report.Lacks, info.Scope) {
			d.report.Lacks = append(d.report.Lacks, info.Scope)
		}
		return
	case errors.Is(err, hoster.ErrNotSupported):
		c.Result = resultNotSupported
		return
	case errors.As(err, &answer) && answer.Status == http.StatusNotFound && answer.Code == hoster.ErrorCodeNotFound:
		c.Result, c.Detail = resultWorks, "there is none"
		return
	case errors.Is(err, io.ErrUnexpectedEOF):
		*c = failure(*c, err)
		return
	case errors.Is(err, hoster.ErrDecode), errors.Is(err, hoster.ErrPagination), errors.As(err, &answer) && answer.Status == http.StatusNotFound && answer.FromAPI:
		c.Result, c.Detail = resultDiffers, shorten(err.Error())
		c.Advice = "what differs in names and paths can be put into a table for -dialect"
		return
	case errors.As(err, &answer) && answer.Status == http.StatusNotFound: // the token's call found the API below this base URL
		c.Result, c.Detail = resultNotSupported, "404, and not from the API: there is no such path"
		return
	case err != nil:
		*c = failure(*c, err)
		if errors.Is(err, hoster.ErrIntermediary) {
			c.Advice = "some answers come from something in front of the API: a firewall or a proxy"
		}
		return
	}
	c.Result = resultWorks
	if document, ok := value.(io.ReadCloser); ok {
		defer document.Close()
		head := make([]byte, 5)
		if _, err := io.ReadFull(document, head); err != nil || string(head) != "%PDF-" {
			c.Result, c.Detail = resultDiffers, "no PDF document"
		}
		return
	}
	d.remember(info, value)
	if differences := differences(meta, reflect.TypeOf(value)); len(differences) > 0 {
		c.Result, c.Detail = resultDiffers, shorten(strings.Join(differences, "; "))
	}
}

// remember keeps the id of a list's first object for the calls behind it.
func (d *doctor) remember(info hoster.OperationInfo, value any) {
	page := reflect.ValueOf(value)
	if !isPage(page.Type()) || page.FieldByName("Items").Len() == 0 {
		return
	}
	service, _, _ := strings.Cut(string(info.Name), ".")
	first := page.FieldByName("Items").Index(0)
	if service == "Domains" {
		if d.domain == "" {
			d.domain = first.FieldByName("Name").String()
		}
		return
	}
	d.ids[service] = first.FieldByName("ID").String()
}

// isPage recognises a hoster.Page.
func isPage(t reflect.Type) bool { return strings.HasPrefix(t.Name(), "Page[") }

// optional are members that an answer may lack. Members of lists that only single
// answers fill are behind them.
var optional = strings.Fields(`company phone address tax_id paid_at period_start period_end order_id payment_url domain
	service_id plan_id years registered_at expires_at prices register renew transfer currency reason priority weight port
	control_panel username server suspension_reason cancels_at next_due_at description limit last_used_at
	whois_privacy uses_provider_dns contacts created_at updated_at`)

// differences holds the raw answer against the documented form.
func differences(meta *hoster.Response, answer reflect.Type) (found []string) {
	var body any
	decoder := json.NewDecoder(strings.NewReader(string(meta.Body())))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		return []string{"the answer is no JSON"}
	}
	envelope, _ := body.(map[string]any)
	if envelope["status"] != "success" {
		found = append(found, `no "status": "success"`)
	}
	if isPage(answer) {
		items, _ := answer.FieldByName("Items")
		answer = items.Type
		outer, _ := envelope["meta"].(map[string]any)
		switch inner, _ := outer["pagination"].(map[string]any); {
		case inner["total"] != nil && inner["total_pages"] != nil:
		case outer["total"] != nil:
			found = append(found, "paging stands in meta, without pagination")
		default:
			found = append(found, "nothing tells how many pages there are")
		}
	}
	seen := make(map[string]bool)
	shape(answer, envelope["data"], "", seen)
	found = append(found, sortedKeys(seen)...)
	header := meta.Header()
	switch {
	case header.Get("X-RateLimit-Limit") != "" && header.Get("X-RateLimit-Remaining") != "":
	case meta.RateLimit.Known:
		found = append(found, "other rate limit headers")
	}
	if header.Get("X-Request-Id") == "" {
		found = append(found, "no X-Request-Id")
	}
	return found
}

// looked is how many items of a list are looked at.
const looked = 50

// shape notes where a value is not of the documented form: members that are
// missing or unknown, and other types.
func shape(t reflect.Type, v any, at string, seen map[string]bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if v == nil {
		return
	}
	want := ""
	switch kind := t.Kind(); {
	case quoted(t), t == secretType:
		want = "text"
	case kind == reflect.Bool:
		want = "true or false"
	case kind >= reflect.Int && kind <= reflect.Float64:
		want = "a number"
	case kind == reflect.Slice:
		want = "a list"
	default:
		want = "an object"
	}
	got := map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "true or false", reflect.Slice: "a list", reflect.Map: "an object"}[reflect.TypeOf(v).Kind()]
	if _, number := v.(json.Number); number {
		got = "a number"
	}
	if got != want {
		seen[strings.TrimPrefix(at, ".")+" is "+got+", not "+want] = true
		return
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v[:min(len(v), looked)] {
			shape(t.Elem(), item, at, seen)
		}
	case map[string]any:
		known := make(map[string]bool)
		for name, field := range fieldsOf(t, "json") {
			known[name] = true
			member, there := v[name]
			switch {
			case there:
				shape(field.Type, member, at+"."+name, seen)
			case !slices.Contains(optional, name):
				seen[strings.TrimPrefix(at+"."+name, ".")+" is missing"] = true
			}
		}
		for name := range v {
			if !known[name] && t.Kind() == reflect.Struct {
				seen[strings.TrimPrefix(at+"."+name, ".")+" is not documented"] = true
			}
		}
	}
}

// errorShape looks at an error of the API: the answer for a name that nobody has.
func (d *doctor) errorShape(ctx context.Context) {
	begun := time.Now()
	call, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var meta hoster.Response
	d.report.Requests++
	_, err := d.client.Domains.Get(call, "hoster-doctor.invalid", hoster.WithoutRetry(), hoster.WithResponse(&meta))
	c := check{Part: "call", Name: "errors", Result: resultWorks}
	var answer *hoster.Error
	var body map[string]any
	switch {
	case errors.Is(err, hoster.ErrForbidden):
		c.Result, c.Detail = resultSkipped, "needs domains:read"
	case err == nil:
		c.Result, c.Detail = resultDiffers, "a domain that does not exist is found"
	case !errors.As(err, &answer), answer.Status >= 500:
		c = failure(c, err)
	case json.Unmarshal(meta.Body(), &body) != nil:
		c.Result, c.Detail = resultDiffers, fmt.Sprintf("status %d without JSON", answer.Status)
	default:
		var lacking []string
		for _, name := range []string{"status", "code", "message", "request_id"} {
			if _, text := body[name].(string); !text {
				lacking = append(lacking, name)
			}
		}
		if answer.Status != http.StatusNotFound {
			lacking = append(lacking, fmt.Sprintf("status 404 (it is %d)", answer.Status))
		}
		if len(lacking) > 0 {
			c.Result, c.Detail = resultDiffers, "an error lacks "+strings.Join(lacking, ", ")
		}
	}
	d.add(c, begun)
}

// write makes, changes and removes a record under a name of its own, which is
// removed whatever happens.
func (d *doctor) write(ctx context.Context) {
	name := "_hoster-doctor-" + strings.ToLower(rand.Text()[:10])
	step := func(what string, do func(ctx context.Context) error) bool {
		call, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		begun := time.Now()
		d.report.Requests++
		err := do(call)
		c := check{Part: "write", Name: what, Result: resultWorks}
		d.judgeWrite(&c, err)
		d.add(c, begun)
		return err == nil
	}
	var id hoster.RecordID
	record := hoster.RecordCreate{Type: "TXT", Name: name, Value: "made by hoster doctor", TTL: hoster.Set(300)}
	created := step("DNS.Create", func(ctx context.Context) error {
		made, err := d.client.DNS.Create(ctx, d.domain, record)
		id = made.ID
		return err
	})
	if created {
		step("DNS.Get", func(ctx context.Context) error {
			got, err := d.client.DNS.Get(ctx, d.domain, id)
			if err == nil && (got.Value != record.Value || got.TTL != 300) {
				err = fmt.Errorf("%w: another record than was made: value %q, TTL %d", errDiffers, got.Value, got.TTL)
			}
			return err
		})
		step("DNS.Update", func(ctx context.Context) error {
			changed, err := d.client.DNS.Update(ctx, d.domain, id, hoster.RecordUpdate{Value: hoster.Set("changed by hoster doctor")})
			if err == nil {
				id = changed.ID
			}
			return err
		})
		step("DNS.Batch", func(ctx context.Context) error {
			_, err := d.client.DNS.Batch(ctx, d.domain, hoster.RecordBatch{Create: []hoster.RecordCreate{{Type: "TXT", Name: name, Value: "in a batch"}}})
			return err
		})
		step("DNS.Delete", func(ctx context.Context) error { return d.client.DNS.Delete(ctx, d.domain, id) })
	}
	ctx = context.WithoutCancel(ctx) // an interruption does not leave the records there
	step("clean up", func(ctx context.Context) error {
		if _, err := d.client.DNS.DeleteSet(ctx, d.domain, name, "TXT"); err != nil {
			return fmt.Errorf("%w; remove %s TXT from %s by hand, if it is there", err, name, d.domain)
		}
		left, err := d.client.DNS.List(ctx, d.domain, &hoster.RecordListOptions{Name: name})
		if err == nil && len(left) > 0 {
			err = fmt.Errorf("%d records of %s are left: remove them by hand", len(left), name)
		}
		return err
	})
}

// errDiffers marks an answer that is another than documented.
var errDiffers = errors.New("differs")

func (d *doctor) judgeWrite(c *check, err error) {
	var forbidden *hoster.ForbiddenError
	switch {
	case err == nil:
	case errors.Is(err, hoster.ErrNotSupported):
		c.Result = resultNotSupported
	case errors.As(err, &forbidden) && forbidden.Reason == hoster.ForbiddenReasonScope:
		c.Result, c.Detail = resultNotPermitted, "needs "+strings.Trim(fmt.Sprint(forbidden.MissingScopes), "[]")
	case errors.Is(err, errDiffers), errors.Is(err, hoster.ErrDecode):
		c.Result, c.Detail = resultDiffers, shorten(err.Error())
	default:
		*c = failure(*c, err)
	}
}

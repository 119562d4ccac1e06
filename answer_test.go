package hoster

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestForeignTextHasNoTags: the text of a proxy is plain, wherever it stood.
func TestForeignTextHasNoTags(t *testing.T) {
	body := `{"message":"<b>no</b> \u0007route` + strings.Repeat(" x", 400) + `"}`
	a := &answer{status: http.StatusNotFound, header: http.Header{}, body: []byte(body)}
	err := a.fail(byName()["Domains.Get"])
	e, ok := err.(*Error)
	if !ok || e.FromAPI || e.Message != "" || !strings.HasPrefix(e.Text, "no route x") || strings.ContainsAny(e.Text, "<\a") || len(e.Text) > maxText {
		t.Errorf("%+v", err)
	}
}

// TestStatusOfCode: each code of the contract has the status of its class.
func TestStatusOfCode(t *testing.T) {
	codes := map[int][]ErrorCode{
		400: {CodeBadRequest},
		401: {CodeUnauthorized, CodeTokenInvalid, CodeTokenExpired, CodeTokenRevoked},
		402: {CodePaymentRequired},
		403: {CodeInsufficientPermissions, CodeIPNotAllowed, CodeScopeEscalation},
		404: {CodeNotFound}, 405: {CodeMethodNotAllowed}, 413: {CodePayloadTooLarge}, 415: {CodeUnsupportedMediaType},
		409: {CodeConflict, CodePriceChanged, CodeRecordConflict, CodeRecordProtected, CodeDomainUnavailable, CodeDomainStateProhibits, CodeNameserversNotLocal, CodeContactInUse, CodeIdempotencyInProgress},
		412: {CodePreconditionFailed},
		422: {CodeValidationError, CodeIdempotencyKeyReused},
		429: {CodeTooManyRequests},
		500: {CodeInternalError}, 502: {CodeBadGateway}, 503: {CodeServiceUnavailable}, 504: {CodeGatewayTimeout},
		0: {"", "SOMETHING_NEW"},
	}
	for status, list := range codes {
		for _, code := range list {
			if got := statusOfCode(code); got != status {
				t.Errorf("%s: %d, want %d", code, got, status)
			}
		}
	}
}

// TestRetryAfterTable: never negative, never early, and saturated.
func TestRetryAfterTable(t *testing.T) {
	now := mustTime("2026-01-02T03:04:05Z")
	date := func(s string) http.Header { return http.Header{"Retry-After": {s}} }
	tests := []struct {
		header http.Header
		want   string
		said   bool
	}{
		{date("0"), "0s", true},
		{date("-1"), "0s", true},
		{date("1.5"), "1.5s", true},
		{date(" 17 "), "17s", true},
		{date("1e10"), "2562047h47m16.854775807s", true},
		{date("9223372036854775807"), "2562047h47m16.854775807s", true},
		{date(strings.Repeat("9", 400)), "2562047h47m16.854775807s", true},
		{date("-" + strings.Repeat("9", 400)), "0s", true},
		{date("Fri, 02 Jan 2026 03:05:05 GMT"), "1m0s", true},
		{date("Fri, 02 Jan 2026 03:00:00 GMT"), "0s", true},
		{date("NaN"), "0s", false},
		{date("soon"), "0s", false},
		{date(""), "0s", false},
		{http.Header{}, "0s", false},
		{http.Header{"Retry-After": {"3", "9", "soon"}}, "9s", true},
		{http.Header{"Retry-After": {"Fri, 02 Jan 2026 05:00:30 GMT"}, "Date": {"Fri, 02 Jan 2026 05:00:00 GMT"}}, "30s", true},
		{http.Header{"X-Ratelimit-Limit": {"600"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {fmt.Sprint(now.Unix() + 12)}}, "12s", true},
		{http.Header{"X-Ratelimit-Limit": {"600"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {fmt.Sprint(now.Unix() - 12)}}, "0s", true},
		{http.Header{"X-Ratelimit-Limit": {"600"}, "X-Ratelimit-Remaining": {"5"}, "X-Ratelimit-Reset": {fmt.Sprint(now.Unix() + 12)}}, "0s", false},
	}
	for _, test := range tests {
		if got, said := retryAfter(test.header, now); got.String() != test.want || said != test.said {
			t.Errorf("%.60v: %s, %v; want %s", test.header, got, said, test.want)
		}
	}
}

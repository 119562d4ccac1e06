package hoster

import (
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

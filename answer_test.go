package hoster

import (
	"net/http"
	"strings"
	"testing"
)

// TestForeignTextHasNoTags: the text of a proxy is plain, wherever it stood.
func TestForeignTextHasNoTags(t *testing.T) {
	body := `{"message":"<b>no</b> \u0007route` + strings.Repeat(" x", 400) + `"}`
	a := &answer{Status: http.StatusNotFound, Header: http.Header{}, Body: []byte(body)}
	err := a.fail(byName()["Domains.Get"])
	e, ok := err.(*Error)
	if !ok || e.FromAPI || e.Message != "" || !strings.HasPrefix(e.Text, "no route x") || strings.ContainsAny(e.Text, "<\a") || len(e.Text) > maxText {
		t.Errorf("%+v", err)
	}
}

// TestStatusOfCode: each code of the contract has the status of its class.
func TestStatusOfCode(t *testing.T) {
	codes := map[int][]ErrorCode{
		400: {ErrorCodeBadRequest},
		401: {ErrorCodeUnauthorized, ErrorCodeTokenInvalid, ErrorCodeTokenExpired, ErrorCodeTokenRevoked},
		402: {ErrorCodePaymentRequired},
		403: {ErrorCodeInsufficientPermissions, ErrorCodeIPNotAllowed, ErrorCodeScopeEscalation},
		404: {ErrorCodeNotFound}, 405: {ErrorCodeMethodNotAllowed}, 413: {ErrorCodePayloadTooLarge}, 415: {ErrorCodeUnsupportedMediaType},
		409: {ErrorCodeConflict, ErrorCodePriceChanged, ErrorCodeRecordConflict, ErrorCodeRecordProtected, ErrorCodeDomainUnavailable, ErrorCodeDomainStateProhibits, ErrorCodeNameserversNotLocal, ErrorCodeContactInUse, ErrorCodeIdempotencyInProgress},
		412: {ErrorCodePreconditionFailed},
		422: {ErrorCodeValidationError, ErrorCodeIdempotencyKeyReused},
		429: {ErrorCodeTooManyRequests},
		500: {ErrorCodeInternalError}, 502: {ErrorCodeBadGateway}, 503: {ErrorCodeServiceUnavailable}, 504: {ErrorCodeGatewayTimeout},
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

package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

const (
	pendingSvc   = "svc_b7640d2a"
	cancelledSvc = "svc_e29f81c5"
	freeSvc      = "svc_4d92a6f0" // without limits
)

func TestServiceActions(t *testing.T) {
	tests := []struct {
		service, action, body string
		status                int
		code                  string
		writes                int
	}{
		{activeSvc, "password", ``, 200, "", 1},
		{activeSvc, "password", `{}`, 200, "", 1},
		{activeSvc, "password", `{"password":null}`, 200, "", 1},
		{activeSvc, "password", `{"password":"12345678"}`, 200, "", 1},
		{activeSvc, "password", `{"password":"` + strings.Repeat("ü", 128) + `"}`, 200, "", 1},
		{activeSvc, "password", `{"password":"1234567"}`, 422, "VALIDATION_ERROR", 0},
		{activeSvc, "password", `{"password":""}`, 422, "VALIDATION_ERROR", 0},
		{activeSvc, "password", `{"password":"` + strings.Repeat("x", 129) + `"}`, 422, "VALIDATION_ERROR", 0},
		{activeSvc, "password", `{"password":12345678}`, 422, "VALIDATION_ERROR", 0},
		{activeSvc, "password", `[]`, 400, "BAD_REQUEST", 0},
		{lateSvc, "password", `{}`, 409, "CONFLICT", 0},
		{pendingSvc, "password", `{}`, 409, "CONFLICT", 0},
		{"svc_none", "password", `{}`, 404, "NOT_FOUND", 0},
		{activeSvc, "login-link", ``, 200, "", 1},
		{lateSvc, "login-link", ``, 409, "CONFLICT", 0},
		{cancelledSvc, "login-link", ``, 409, "CONFLICT", 0},
		{"svc_none", "login-link", ``, 404, "NOT_FOUND", 0},
		{activeSvc, "cancel", `{"when":"immediate"}`, 200, "", 1},
		{activeSvc, "cancel", `{"when":"end_of_term","reason":"moving"}`, 200, "", 1},
		{lateSvc, "cancel", `{"when":"immediate"}`, 200, "", 1},
		{activeSvc, "cancel", `{}`, 422, "VALIDATION_ERROR", 0},
		{activeSvc, "cancel", `{"when":"tomorrow"}`, 422, "VALIDATION_ERROR", 0},
		{activeSvc, "cancel", `{"when":"immediate","reason":1}`, 422, "VALIDATION_ERROR", 0},
		{pendingSvc, "cancel", `{"when":"immediate"}`, 409, "CONFLICT", 0},
		{cancelledSvc, "cancel", `{"when":"immediate"}`, 409, "CONFLICT", 0},
		{"svc_none", "cancel", `{"when":"immediate"}`, 404, "NOT_FOUND", 0},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %s %.40s", tt.service, tt.action, tt.body), func(t *testing.T) {
			a := newAPI(t)
			a.do("POST", "/hosting/"+tt.service+"/"+tt.action, tt.body).expect(t, tt.status, tt.code)
			if w := a.Writes(); len(w) != tt.writes || tt.writes == 1 && w[0].Object != tt.service {
				t.Errorf("writes %+v", w)
			}
		})
	}
}

func TestPasswordIsShownOnlyWhenMade(t *testing.T) {
	type shown struct{ Password *string }
	a := newAPI(t)
	path := "/hosting/" + activeSvc + "/password"
	one, two := decode[shown](t, a.do("POST", path, "")), decode[shown](t, a.do("POST", path, "{}"))
	if one.Password == nil || two.Password == nil || *one.Password == *two.Password || len(*one.Password) < 16 {
		t.Errorf("%+v %+v", one, two)
	}
	r := a.do("POST", path, `{"password":"sample-password"}`)
	if decode[shown](t, r).Password != nil || strings.Contains(r.Body.String(), "sample-password") {
		t.Errorf("%s", r.Body)
	}
}

func TestLoginLink(t *testing.T) {
	type link struct {
		URL       string
		ExpiresAt time.Time `json:"expires_at"`
	}
	a := newAPI(t)
	one := decode[link](t, a.do("POST", "/hosting/"+activeSvc+"/login-link", ""))
	two := decode[link](t, a.do("POST", "/hosting/"+activeSvc+"/login-link", ""))
	if one.URL == two.URL || !strings.HasPrefix(one.URL, "https://server1.provider.example:2083/") || !one.ExpiresAt.Equal(start.Add(15*time.Minute)) {
		t.Errorf("%+v %+v", one, two)
	}
}

func TestCancel(t *testing.T) {
	a := newAPI(t)
	path := "/hosting/" + activeSvc + "/cancel"
	due := *a.service(activeSvc).NextDueAt
	for range 2 { // the second one changes nothing
		s := decode[sandbox.Service](t, a.do("POST", path, `{"when":"end_of_term"}`))
		if s.Status != "active" || s.CancelsAt == nil || !s.CancelsAt.Equal(due) {
			t.Errorf("%+v", s)
		}
	}
	if len(a.Writes()) != 1 {
		t.Errorf("writes %+v", a.Writes())
	}
	a.now = due.Add(-time.Second)
	if s := a.service(activeSvc); s.Status != "active" {
		t.Errorf("too early: %+v", s)
	}
	a.now = due
	if s := a.service(activeSvc); s.Status != "cancelled" || !s.CancelsAt.Equal(due) {
		t.Errorf("%+v", s)
	}
	a = newAPI(t)
	s := decode[sandbox.Service](t, a.do("POST", path, `{"when":"immediate"}`))
	if s.Status != "cancelled" || s.NextDueAt != nil || !s.CancelsAt.Equal(start) {
		t.Errorf("%+v", s)
	}
	// The end of a term that is over is now.
	if s := decode[sandbox.Service](t, a.do("POST", "/hosting/"+lateSvc+"/cancel", `{"when":"end_of_term"}`)); s.Status != "cancelled" {
		t.Errorf("%+v", s)
	}
}

func TestRenewalOfCancelledIsRefunded(t *testing.T) {
	a := newAPI(t)
	p := a.buy("/hosting/"+activeSvc+"/renew", "")
	a.do("POST", "/hosting/"+activeSvc+"/cancel", `{"when":"immediate"}`).expect(t, 200, "")
	a.pay(p)
	if o, inv := a.order(p), a.invoice(p.Invoice.ID); o.Status != "cancelled" || inv.Status != "refunded" {
		t.Errorf("order %s, invoice %s", o.Status, inv.Status)
	}
	if s := a.service(activeSvc); s.Status != "cancelled" {
		t.Errorf("%+v", s)
	}
}

func TestHostingReads(t *testing.T) {
	a := newAPI(t)
	usage := get[sandbox.Usage](a, "/hosting/"+activeSvc+"/usage")
	if usage.Disk.Limit == nil || usage.Disk.Used >= *usage.Disk.Limit || usage.Disk.Used*10 < *usage.Disk.Limit*9 || usage.MeasuredAt.IsZero() {
		t.Errorf("not near its limit: %+v", usage)
	}
	if r := a.do("GET", "/hosting/"+freeSvc+"/usage", ""); !strings.Contains(string(r.body.Data), `"limit":null`) {
		t.Errorf("limited: %s", r.Body)
	}
	for status, n := range map[string]int{"active": 2, "pending": 1, "suspended": 1, "cancelled": 1, "": 5} {
		if list := get[[]sandbox.Service](a, "/hosting?status="+status); len(list) != n {
			t.Errorf("%q: %d services", status, len(list))
		}
	}
	a.do("GET", "/hosting?status=gone", "").expect(t, 400, "BAD_REQUEST")
	r := a.do("GET", "/hosting", "")
	for _, hidden := range []string{"control_panel", "usage", "cancel_reason", "server"} {
		if strings.Contains(string(r.body.Data), `"`+hidden+`"`) {
			t.Errorf("the list shows %s", hidden)
		}
	}
	plans := get[[]sandbox.Plan](a, "/hosting/plans")
	if len(plans) != 3 || len(plans[0].Prices) != 6 || plans[0].DiskLimit != nil {
		t.Errorf("%+v", plans)
	}
	if tag := a.do("GET", "/hosting/"+activeSvc, "").Header().Get("ETag"); tag == "" {
		t.Error("no ETag")
	}
	for _, path := range []string{"/hosting/svc_none", "/hosting/svc_none/usage", "/account/invoices/inv_none", "/account/invoices/inv_none/pdf"} {
		a.do("GET", path, "").expect(t, 404, "NOT_FOUND")
	}
	a.do("DELETE", "/hosting/plans", "").expect(t, 405, "METHOD_NOT_ALLOWED")
}

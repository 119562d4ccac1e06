package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/sandbox"
)

func TestMoney(t *testing.T) {
	for text, want := range map[string]string{
		`"12.99"`: "12.99", `"5"`: "5.00", `"0.5"`: "0.50", `"0"`: "0.00", `"0012.30"`: "12.30",
		`""`: "", `"1."`: "", `".5"`: "", `"-1"`: "", `"1.234"`: "", `"1,5"`: "", `"1e3"`: "", `12.99`: "", `"99999999999999999999"`: "",
	} {
		var m sandbox.Money
		err := json.Unmarshal([]byte(text), &m)
		if (err == nil) != (want != "") || err == nil && m.String() != want {
			t.Errorf("%s: %s, %v", text, m, err)
		}
	}
	if got := sandbox.Money(-5).String(); got != "-0.05" {
		t.Error(got)
	}
}

func TestInvoiceFilters(t *testing.T) {
	a := newAPI(t)
	total := 0
	for _, kind := range []string{"proforma", "tax"} {
		for _, status := range []string{"unpaid", "payment_pending", "paid", "overdue", "cancelled", "refunded"} {
			list := get[[]sandbox.Invoice](a, "/account/invoices?per_page=100&status="+status+"&type="+kind)
			if len(list) == 0 {
				t.Errorf("the default account has no %s %s", kind, status)
			}
			for _, inv := range list {
				total++
				if inv.Status != status || inv.Type != kind || inv.Disputed {
					t.Errorf("%+v", inv)
				}
			}
		}
	}
	all := get[[]sandbox.Invoice](a, "/account/invoices?per_page=100")
	if len(all) != total {
		t.Errorf("%d invoices, %d of them by filter", len(all), total)
	}
	for i := 1; i < len(all); i++ {
		if all[i].IssuedAt.Before(all[i-1].IssuedAt) {
			t.Error("not oldest first")
		}
	}
	for _, query := range []string{"status=gone", "type=gone", "page=0", "per_page=101"} {
		a.do("GET", "/account/invoices?"+query, "").expect(t, 400, "BAD_REQUEST")
	}
	for _, status := range []string{"pending", "active", "fraud", "cancelled"} {
		if len(get[[]sandbox.Order](a, "/orders?status="+status)) == 0 {
			t.Errorf("the default account has no order that is %s", status)
		}
	}
	a.do("GET", "/orders?status=gone", "").expect(t, 400, "BAD_REQUEST")
}

func pdf(a *api, path string) *httptest.ResponseRecorder {
	req := httptest.NewRequest("GET", "/v1"+path, nil)
	req.Header.Set("Authorization", "Bearer "+a.token)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, req)
	return w
}

// TestPDF reads what a PDF reader needs: the end names the table of objects, and
// the table names the place of each.
func TestPDF(t *testing.T) {
	for _, size := range []int64{0, 1000, 1_000, 4321, 9_999, 10_000, 3 << 20} {
		a := newAPI(t, sandbox.WithPDFSize(size))
		w := pdf(a, "/account/invoices/inv_04a7be19/pdf")
		body := w.Body.String()
		if w.Code != 200 || w.Header().Get("Content-Type") != "application/pdf" || w.Header().Get("Content-Length") != strconv.Itoa(len(body)) || w.Header().Get("X-Request-Id") == "" {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		if !strings.HasPrefix(body, "%PDF-1.4\n") || !strings.HasSuffix(body, "\n%%EOF\n") || int64(len(body)) < size-2 || size > 2000 && int64(len(body)) > size+2 {
			t.Errorf("size %d of %d", len(body), size)
		}
		_, end, _ := strings.Cut(body, "startxref\n")
		place, err := strconv.Atoi(strings.TrimSuffix(end, "\n%%EOF\n"))
		if err != nil || !strings.HasPrefix(body[place:], "xref\n0 6\n") {
			t.Fatalf("size %d: no table at %q", size, end)
		}
		rows := strings.Split(body[place:], "\n")[3:8]
		for i, row := range rows {
			at, err := strconv.Atoi(row[:10])
			if err != nil || !strings.HasPrefix(body[at:], fmt.Sprintf("%d 0 obj\n", i+1)) {
				t.Errorf("object %d is not at %q", i+1, row)
			}
		}
	}
}

func TestPDFIsCut(t *testing.T) {
	a := newAPI(t, sandbox.WithPDFSize(1<<20))
	a.Inject(sandbox.Fault{Operation: "Invoices.PDF", Truncate: 5000})
	req := httptest.NewRequest("GET", "/v1/account/invoices/inv_04a7be19/pdf", nil)
	req.Header.Set("Authorization", "Bearer "+a.token)
	w := httptest.NewRecorder()
	func() {
		defer func() { _ = recover() }()
		a.ServeHTTP(w, req)
	}()
	if w.Body.Len() != 5000 {
		t.Errorf("%d octets", w.Body.Len())
	}
	a.mint("domains:read").do("GET", "/account/invoices/inv_04a7be19/pdf", "").expect(t, 403, "INSUFFICIENT_PERMISSIONS")
}

package sandbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

const (
	fullAddress = `{"street":"2 Example Street","city":"Sampleton","state":"","postal_code":"","country":"DE"}`
	newContact  = `{"name":"New Contact","email":"new@example.com","phone":"+1.5555550102","address":` + fullAddress + `}`
)

// checkRefusal checks the status and that exactly these fields are named.
func checkRefusal(t *testing.T, r *reply, status int, code string, fields ...string) {
	t.Helper()
	r.expect(t, status, code)
	var named []string
	for field := range r.body.Errors {
		named = append(named, field)
	}
	slices.Sort(named)
	slices.Sort(fields)
	if !slices.Equal(named, fields) {
		t.Errorf("errors for %q, want %q: %s", named, fields, r.Body)
	}
}

func TestProfileUpdates(t *testing.T) {
	for _, tt := range []struct {
		rule, body, field string // of a 422
		holds             string
		writes            int
	}{
		{"any of the fields", `{"name":"Another Account"}`, "", `"name":"Another Account","email":"account@example.com","company":"Example Company"`, 1},
		{"all of them", `{"name":"A","company":"B","phone":"C","tax_id":"D","address":` + fullAddress + `}`, "", `"name":"A","email":"account@example.com","company":"B","phone":"C","address":` + fullAddress + `,"tax_id":"D"`, 1},
		{"null clears", `{"company":null,"phone":null,"address":null,"tax_id":null}`, "", `"company":null,"phone":null,"address":null,"tax_id":null`, 1},
		{"null cannot clear the name", `{"name":null}`, "name", "", 0},
		{"a name is not empty", `{"name":" "}`, "name", "", 0},
		{"what can be cleared is null, not empty", `{"company":""}`, "company", "", 0},
		{"wrong type", `{"phone":1}`, "phone", "", 0},
		{"the email is read-only: passed over", `{"email":"other@example.com","id":"cust_x"}`, "", `"id":"cust_5f0c2a91","name":"Sample Account","email":"account@example.com"`, 0},
		{"an address is replaced whole", `{"address":{"city":"Elsewhere"}}`, "address.street address.state address.postal_code address.country", "", 0},
		{"null in an address is absent", `{"address":{"street":"1","city":null,"state":"","postal_code":"","country":"US"}}`, "address.city", "", 0},
		{"an address has a street", `{"address":{"street":" ","city":"x","state":"","postal_code":"","country":"US"}}`, "address.street", "", 0},
		{"countries are ISO 3166", `{"address":{"street":"1","city":"x","state":"","postal_code":"","country":"us"}}`, "address.country", "", 0},
		{"wrong type in an address", `{"address":{"street":1,"city":"x","state":"","postal_code":"","country":"US"}}`, "address.street", "", 0},
		{"an address is an object", `{"address":"x"}`, "address", "", 0},
		{"nothing sent", `{}`, "", `"company":"Example Company"`, 0},
		{"nothing changed", `{"name":"Sample Account","company":"Example Company"}`, "", `"name":"Sample Account"`, 0},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			a := newAPI(t)
			before := a.do("GET", "/account/profile", "").Header().Get("ETag")
			r := a.do("PATCH", "/account/profile", tt.body)
			if tt.field != "" {
				checkRefusal(t, r, 422, "VALIDATION_ERROR", strings.Fields(tt.field)...)
			} else if r.expect(t, 200, ""); !strings.Contains(r.Body.String(), tt.holds) {
				t.Errorf("not %s in %s", tt.holds, r.Body)
			}
			after := a.do("GET", "/account/profile", "")
			if tag := after.Header().Get("ETag"); (tag != before) != (tt.writes == 1) || r.Code == 200 && (r.Header().Get("ETag") != tag || after.Body.String() != r.Body.String()) {
				t.Errorf("tags %s, %s, %s", before, r.Header().Get("ETag"), tag)
			}
			if len(a.Writes()) != tt.writes || tt.writes == 1 && a.Writes()[0].Object != "cust_5f0c2a91" {
				t.Errorf("writes %v", a.Writes())
			}
		})
	}
	a := newAPI(t)
	tag := a.do("GET", "/account/profile", "").Header().Get("ETag")
	a.do("PATCH", "/account/profile", `{"name":"A"}`, "If-Match", tag).expect(t, 200, "")
	a.do("PATCH", "/account/profile", `{"name":null}`, "If-Match", tag).expect(t, 412, "PRECONDITION_FAILED")
}

func TestContactRules(t *testing.T) {
	without := func(member string) string { return strings.Replace(newContact, `"`+member+`"`, `"other"`, 1) }
	for _, tt := range []struct {
		rule, body, field string
	}{
		{"company may be absent", newContact, ""},
		{"null means absent in a POST", strings.Replace(newContact, `{`, `{"company":null,`, 1), ""},
		{"id and time are passed over", strings.Replace(newContact, `{`, `{"id":"con_x","created_at":"x",`, 1), ""},
		{"name is required", without("name"), "name"},
		{"email is required", without("email"), "email"},
		{"phone is required", without("phone"), "phone"},
		{"address is required", without("address"), "address"},
		{"address null is absent", `{"name":"A","email":"a@example.com","phone":"1","address":null}`, "address"},
		{"every part of it", without("country"), "address.country"},
		{"an email has a domain", strings.Replace(newContact, "new@example.com", "new", 1), "email"},
		{"an email is nothing but that", strings.Replace(newContact, "new@example.com", "A <new@example.com>", 1), "email"},
		{"everything wrong at once", `{}`, "name email phone address"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			a := newAPI(t)
			r := a.do("POST", "/account/contacts", tt.body)
			if tt.field != "" {
				checkRefusal(t, r, 422, "VALIDATION_ERROR", strings.Fields(tt.field)...)
				if len(a.Writes()) != 0 {
					t.Errorf("writes %v", a.Writes())
				}
				return
			}
			r.expect(t, 201, "")
			contact := decode[sandbox.Contact](t, r)
			if contact.Company != nil || !contact.CreatedAt.Equal(start) || contact.ID == "con_x" || !strings.HasPrefix(contact.ID, "con_") {
				t.Errorf("made %+v", contact)
			}
			again := a.do("GET", strings.TrimPrefix(r.Header().Get("Location"), "/v1"), "").expect(t, 200, "")
			if again.Body.String() != r.Body.String() || again.Header().Get("ETag") != r.Header().Get("ETag") {
				t.Errorf("GET: %s", again.Body)
			}
			if w := a.Writes(); len(w) != 1 || w[0].Object != contact.ID || w[0].Operation != "Contacts.Create" {
				t.Errorf("writes %v", w)
			}
		})
	}
}

func TestContactUpdates(t *testing.T) {
	const path = "/account/contacts/con_7d31e0b4"
	for _, tt := range []struct {
		rule, body, field, holds string
		writes                   int
	}{
		{"any of the fields", `{"phone":"+1.5555550109"}`, "", `"phone":"+1.5555550109"`, 1},
		{"null clears the company", `{"company":null}`, "", `"company":null`, 1},
		{"an address is replaced whole", `{"address":` + fullAddress + `}`, "", `"address":` + fullAddress, 1},
		{"not in parts", `{"address":{"street":"1","city":"x","state":"","country":"US"}}`, "address.postal_code", "", 0},
		{"null cannot clear the others", `{"name":null,"email":null,"phone":null,"address":null}`, "name email phone address", "", 0},
		{"an email stays one", `{"email":"a@b@example.com"}`, "email", "", 0},
		{"nothing changed", `{"name":"Domain Administration","unknown":1}`, "", `"id":"con_7d31e0b4"`, 0},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			a := newAPI(t)
			before := a.do("GET", path, "").expect(t, 200, "").Header().Get("ETag")
			a.do("PATCH", path, tt.body, "If-Match", `"old"`).expect(t, 412, "PRECONDITION_FAILED")
			r := a.do("PATCH", path, tt.body, "If-Match", before)
			if tt.field != "" {
				checkRefusal(t, r, 422, "VALIDATION_ERROR", strings.Fields(tt.field)...)
			} else if r.expect(t, 200, ""); !strings.Contains(r.Body.String(), tt.holds) {
				t.Errorf("not %s in %s", tt.holds, r.Body)
			}
			if tag := a.do("GET", path, "").Header().Get("ETag"); (tag != before) != (tt.writes == 1) || r.Code == 200 && r.Header().Get("ETag") != tag {
				t.Errorf("tags %s and %s", before, tag)
			}
			if len(a.Writes()) != tt.writes {
				t.Errorf("writes %v", a.Writes())
			}
		})
	}
}

func TestContactsInUse(t *testing.T) {
	a := newAPI(t)
	path := func(id string) string { return "/account/contacts/" + id }
	for _, id := range []string{"con_7d31e0b4", "con_2c86f9a3", "con_91b4d5e7"} {
		a.do("DELETE", path(id), "").expect(t, 409, "CONTACT_IN_USE")
		a.do("DELETE", path(id), "", "If-Match", `"old"`).expect(t, 412, "PRECONDITION_FAILED")
	}
	all := func(id string) string {
		return `{"registrant":"` + id + `","admin":"` + id + `","tech":"` + id + `","billing":"` + id + `"}`
	}
	a.do("PUT", "/domains/example.com/contacts", all("con_e06a3f18")).expect(t, 200, "")
	a.do("DELETE", path("con_2c86f9a3"), "").expect(t, 204, "")
	a.do("DELETE", path("con_e06a3f18"), "").expect(t, 409, "CONTACT_IN_USE")
	for _, method := range []string{"GET", "DELETE"} {
		a.do(method, path("con_2c86f9a3"), "").expect(t, 404, "NOT_FOUND")
	}
	a.do("PATCH", path("con_2c86f9a3"), `{"name":null}`, "If-Match", `"old"`).expect(t, 404, "NOT_FOUND")
	if w := a.Writes(); len(w) != 2 || w[1].Object != "con_2c86f9a3" {
		t.Errorf("writes %v", w)
	}
}

func TestContactsOldestFirst(t *testing.T) {
	a := newAPI(t)
	a.now = a.now.Add(time.Hour)
	a.do("POST", "/account/contacts", newContact).expect(t, 201, "")
	r := a.do("GET", "/account/contacts?per_page=2&page=3", "").expect(t, 200, "")
	if got := decode[[]sandbox.Contact](t, r); len(got) != 1 || got[0].Name != "New Contact" || r.body.Meta.Pagination["total"] != 5 {
		t.Errorf("%s", r.Body)
	}
	a.do("GET", "/account/contacts?per_page=101", "").expect(t, 400, "BAD_REQUEST")
}

package sandbox_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/sandbox"
)

const seedContact = `{"id":"con_1","name":"Sample Contact","email":"contact@example.com","phone":"1","address":{"street":"1","city":"x","state":"","postal_code":"","country":"US"},"created_at":"2020-02-03T04:05:06Z"}`

func TestSeedContacts(t *testing.T) {
	change := func(old, with string) string {
		return `{"contacts":[` + strings.Replace(seedContact, old, with, 1) + `]}`
	}
	for _, tt := range []struct{ rule, seed, problem string }{
		{"a contact", `{"contacts":[` + seedContact + `]}`, ""},
		{"a domain's own", `{"contacts":[` + seedContact + `],"domains":[{"name":"example.com","contacts":{"registrant":"con_1"}}]}`, ""},
		{"a domain without contacts", `{"contacts":[` + seedContact + `],"domains":[{"name":"example.com"}]}`, ""},
		{"unknown ids without contacts", `{"domains":[{"name":"example.com","contacts":{"tech":"con_2"}}]}`, ""},
		{"unknown ids", `{"contacts":[` + seedContact + `],"domains":[{"name":"example.com","contacts":{"registrant":"con_1","tech":"con_2"}}]}`, "domains[0].contacts.tech"},
		{"unknown fields", change(`"name"`, `"nome"`), "nome"},
		{"an id twice", `{"contacts":[` + seedContact + `,` + seedContact + `]}`, "contacts[1].id"},
		{"no name", change("Sample Contact", ""), "contacts[0].name"},
		{"no phone", change(`"phone":"1"`, `"phone":" "`), "contacts[0].phone"},
		{"no email", change("contact@example.com", "x"), "contacts[0].email"},
		{"an empty company", change(`"phone"`, `"company":"","phone"`), "contacts[0].company"},
		{"no address", change(`"address"`, `"address":null},{"address"`), "contacts[0].address: is required"},
		{"no country", change(`"US"`, `"us"`), "contacts[0].address.country"},
		{"no city", change(`"city":"x",`, ``), "contacts[0].address.city"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			_, err := sandbox.LoadSeed(strings.NewReader(tt.seed))
			if (err != nil) != (tt.problem != "") || err != nil && !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("error %v, want one about %q", err, tt.problem)
			}
		})
	}
}

func TestSeedContactsAreKept(t *testing.T) {
	seed, err := sandbox.LoadSeed(strings.NewReader(`{"contacts":[` + seedContact + `],"domains":[
		{"name":"example.com"},
		{"name":"example.net","contacts":{"registrant":"con_1"},"auth_code_by_email":true,"transferred_at":"2030-01-01T00:00:00Z","nameservers_moved_at":"2030-01-02T03:00:00Z"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, sandbox.WithSeed(seed))
	r := a.do("GET", "/account/contacts/con_1", "").expect(t, 200, "")
	var want, got any
	_ = json.Unmarshal([]byte(strings.Replace(seedContact, `"address"`, `"company":null,"address"`, 1)), &want)
	_ = json.Unmarshal(r.body.Data, &got)
	if x, y := encode(got), encode(want); x != y {
		t.Errorf("%s, want %s", x, y)
	}
	all := `{"registrant":"con_1","admin":"con_1","tech":"con_1","billing":"con_1"}`
	for _, domain := range []string{"example.com", "example.net"} {
		if r := a.do("GET", "/domains/"+domain+"/contacts", ""); string(r.body.Data) != all {
			t.Errorf("%s has %s", domain, r.body.Data)
		}
	}
	if r := a.do("GET", "/domains/example.net/nameservers", ""); !strings.Contains(r.Body.String(), `"pending"`) {
		t.Errorf("%s", r.Body)
	}
	a.do("POST", "/domains/example.net/auth-code", "").expect(t, 409, "DOMAIN_STATE_PROHIBITS")

	// What a server changes is its own.
	a.do("PATCH", "/account/contacts/con_1", `{"name":"Another"}`).expect(t, 200, "")
	a.Update(func(st *sandbox.State) { st.Contacts[0].Address.City = "Elsewhere" })
	if seed.Contacts[0].Name != "Sample Contact" || seed.Contacts[0].Address.City != "x" {
		t.Errorf("the seed was changed: %+v", seed.Contacts[0])
	}
}

func TestDefaultSeedContacts(t *testing.T) {
	if err := sandbox.DefaultSeed().Validate(); err != nil {
		t.Error(err)
	}
	if n := len(sandbox.DefaultSeed().Contacts); n < 2 {
		t.Errorf("%d contacts", n)
	}
}

func TestContactsThatUpdateAdds(t *testing.T) {
	a := newAPI(t)
	a.Update(func(st *sandbox.State) {
		st.Contacts = append(st.Contacts, nil, &sandbox.Contact{Name: "Sample", Email: "sample@example.com"})
		st.Domains = append(st.Domains, &sandbox.Domain{Name: "added.example"})
	})
	a.View(func(st *sandbox.State) {
		last := st.Contacts[len(st.Contacts)-1]
		if len(st.Contacts) != 5 || !strings.HasPrefix(last.ID, "con_") || !last.CreatedAt.Equal(start) {
			t.Errorf("%d contacts, the last %+v", len(st.Contacts), last)
		}
		if got := st.Domain("added.example").Contacts.Billing; got != st.Contacts[0].ID {
			t.Errorf("billing %s", got)
		}
	})
}

func encode(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

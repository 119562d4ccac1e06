package hoster

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/internal/envelope"
)

const aDomain = `{"id":"dom_1","name":"example.com","status":"active","registered_at":"2020-01-02T03:04:05Z","expires_at":"2030-01-02T03:04:05Z","auto_renew":true,"locked":true,` +
	`"nameservers":["ns1.example.net","ns2.example.net","ns3.example.net"],"whois_privacy":true,"uses_provider_dns":true,` +
	`"contacts":{"registrant":"con_1","admin":"con_2","tech":"con_3","billing":"con_4"},"created_at":"2020-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}`

const aRecord = `{"id":"rec_1","type":"TXT","name":"_dmarc","value":"v=DMARC1; p=none; \"quoted\" \/","ttl":3600,"priority":null,"weight":null,"port":null,"created_at":"2020-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05.678Z"}`

// TestAnswersCostLittle: whatever the envelope is like, an answer costs an
// allocation for the strings of each item, and few beside.
func TestAnswersCostLittle(t *testing.T) {
	const meta = `,"meta":{"pagination":{"total":1,"current_page":1,"per_page":25,"total_pages":1}}`
	for body, test := range map[string]struct {
		op     Operation
		target any
		most   int
	}{
		`{"status":"success","data":[` + aRecord + `]` + meta + `}`:                                            {"DNS.List", new(Page[Record]), 2},
		`{"status":"success","data":[` + strings.Repeat(aRecord+",", 99) + aRecord + `]` + meta + `}`:          {"DNS.List", new(Page[Record]), 101},
		`{"status":"success","data":[]` + meta + `}`:                                                           {"DNS.List", new(Page[Record]), 0},
		`{"status":"success","data":[` + aRecord + `]}`:                                                        {"DNS.List", new(Page[Record]), 2},
		`{"status":"ok","success":true,"error":null,"data":[` + aRecord + `],"meta":{"total":1,"per_page":9}}`: {"DNS.List", new(Page[Record]), 20},
		`{"status":"success","data":[` + aDomain + `]` + meta + `}`:                                            {"Domains.List", new(Page[Domain]), 6},
		`{"status":"success","data":` + aRecord + `}`:                                                          {"DNS.Get", new(Record), 1},
		` { "status" : "success" , "data" : ` + aDomain + " }\r\n":                                             {"Domains.Get", new(Domain), 5},
		`{"data":{"id":7,"name":"example.com","status":"parked","auto_renew":1,"new":{"a":[1]}}}`:              {"Domains.Get", new(Domain), 5},
		`{"status":"success","data":{"created":[` + aRecord + `],"updated":[],"deleted":["rec_2"]}}`:           {"DNS.Batch", new(BatchResult), 4},
	} {
		op, a := byName()[test.op], &answer{Status: 200, Body: []byte(body)}
		f := new(envelope.Reader)
		cost := testing.AllocsPerRun(10, func() {
			reflect.ValueOf(test.target).Elem().SetZero()
			if err := a.success(t.Context(), f, op, "example.com", test.target); err != nil {
				t.Fatal(err)
			}
		})
		if int(cost) > test.most && !raceEnabled {
			t.Errorf("%.200s: %v allocations, want %d at most", body, cost, test.most)
		}
	}
}

// TestStringsLieTogether: keeping one record keeps no other, and nothing of an
// answer stays in memory that the next one uses.
func TestStringsLieTogether(t *testing.T) {
	client := newWire(reply(200, `{"status":"success","data":`+aRecord+`}`), reply(200, strings.ReplaceAll(`{"status":"success","data":`+aRecord+`}`, "DMARC", "OTHER"))).newClient(t)
	first, err := client.DNS.Get(t.Context(), "example.com", "rec_1")
	if err != nil {
		t.Fatal(err)
	}
	second, err := client.DNS.Get(t.Context(), "example.com", "rec_1")
	if err != nil || first.Value != `v=DMARC1; p=none; "quoted" /` || second.Value != `v=OTHER1; p=none; "quoted" /` {
		t.Errorf("%q and %q: %v", first.Value, second.Value, err)
	}
}

// BenchmarkPages reads pages of 100 items of every type that is listed, beside
// encoding/json. The item is the one of testdata/wire.
func BenchmarkPages(b *testing.B) {
	benchPages[Invoice](b, "Invoices.List")
	benchPages[Order](b, "Orders.List")
	benchPages[HostingAccount](b, "Hosting.List")
	benchPages[HostingPlan](b, "HostingPlans.List")
	benchPages[Token](b, "Tokens.List")
	benchPages[Contact](b, "Contacts.List")
	benchPages[Domain](b, "Domains.List")
	benchPages[Record](b, "DNS.List")
}

func benchPages[T any](b *testing.B, op Operation) {
	content, err := os.ReadFile("testdata/wire/" + string(op) + ".http")
	if err != nil {
		b.Fatal(err)
	}
	_, answered, _ := strings.Cut(string(content), "\n----\n")
	_, answered, _ = strings.Cut(strings.TrimLeft(answered, "\n"), "\n\n")
	var one struct {
		Data []json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal([]byte(answered), &one); err != nil {
		b.Fatal(err)
	}
	var item bytes.Buffer
	_ = json.Compact(&item, one.Data[0])
	for name, before := range map[string]string{"": `{"status":"success",`, ", unusual envelope": `{"success":true,"took":{"ms":3},"error":null,`} {
		body := []byte(before + `"data":[` + strings.Repeat(item.String()+",", 99) + item.String() + `],"meta":{"pagination":{"total":100,"current_page":1,"per_page":100,"total_pages":1}}}`)
		row, a := byName()[op], &answer{Status: 200, Body: body}
		f := new(envelope.Reader)
		b.Run(string(op)+name+"/hoster", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var page Page[T]
				if err := a.success(b.Context(), f, row, "example.com", &page); err != nil || len(page.Items) != 100 {
					b.Fatal(len(page.Items), err)
				}
			}
		})
		b.Run(string(op)+name+"/encoding", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var page struct {
					Data []T `json:"data"`
				}
				if err := json.Unmarshal(body, &page); err != nil || len(page.Data) != 100 {
					b.Fatal(len(page.Data), err)
				}
			}
		})
	}
}

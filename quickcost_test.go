//go:build !hoster_plainjson

package hoster

import (
	"strings"
	"testing"
	"time"
)

const aDomain = `{"id":"dom_1","name":"example.com","status":"active","registered_at":"2020-01-02T03:04:05Z","expires_at":"2030-01-02T03:04:05Z","auto_renew":true,"locked":true,` +
	`"nameservers":["ns1.example.net","ns2.example.net","ns3.example.net"],"whois_privacy":true,"uses_provider_dns":true,` +
	`"contacts":{"registrant":"con_1","admin":"con_2","tech":"con_3","billing":"con_4"},"created_at":"2020-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}`

const aRecord = `{"id":"rec_1","type":"TXT","name":"_dmarc","value":"v=DMARC1; p=none; \"quoted\" \/","ttl":3600,"priority":null,"weight":null,"port":null,"created_at":"2020-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05.678Z"}`

// TestQuickTakesTheContract: what the contract writes goes the quick way, and so
// do the small liberties of brands; that costs few allocations.
func TestQuickTakesTheContract(t *testing.T) {
	const meta = `,"meta":{"pagination":{"total":1,"current_page":1,"per_page":25,"total_pages":1}}`
	for body, test := range map[string]struct{ kind, most int }{
		`{"status":"success","data":[` + aRecord + `]` + meta + `}`:                                            {0, 2},
		`{"status":"success","data":[` + strings.Repeat(aRecord+",", 99) + aRecord + `]` + meta + `}`:          {0, 101},
		`{"status":"success","data":[]` + meta + `}`:                                                           {0, 1},
		`{"status":"success","data":[` + aRecord + `]}`:                                                        {0, 2},
		`{"status":"ok","success":true,"error":null,"data":[` + aRecord + `],"meta":{"total":1,"per_page":9}}`: {0, 12},
		`{"status":"success","data":[` + aDomain + `]` + meta + `}`:                                            {1, 5},
		`{"status":"success","data":` + aRecord + `}`:                                                          {2, 1},
		` { "status" : "success" , "data" : ` + aDomain + " }\r\n":                                             {3, 4},
		`{"data":{"id":7,"name":"example.com","status":"parked","auto_renew":1,"new":{"a":[1]}}}`:              {3, 20},
		`{"status":"success","data":{"created":[` + aRecord + `],"updated":[],"deleted":["rec_2"]}}`:           {4, 16},
	} {
		op, target := byName()[quickTargets[test.kind].op], quickTargets[test.kind].target()
		a := &answer{status: 200, body: []byte(body), work: new(workspace)}
		if !checkQuick(t, test.kind, a.body) {
			t.Errorf("%.200s: not taken", body)
			continue
		}
		cost := testing.AllocsPerRun(10, func() {
			if page, ok := target.(*Page[Record]); ok {
				page.Items = nil
			} else if page, ok := target.(*Page[Domain]); ok {
				page.Items = nil
			}
			a.quick(op, "example.com", target)
		})
		if int(cost) > test.most {
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

// TestTimesOfTheContract are read as the time package reads them, all days of
// leap years and others, and what no calendar has is left to it.
func TestTimesOfTheContract(t *testing.T) {
	for _, year := range []int{1, 4, 1600, 1899, 1900, 1969, 1970, 1972, 2000, 2023, 2024, 2100, 9999} {
		for at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == year; at = at.Add(25*time.Hour + 61*time.Second) {
			if got, ok := utcTime([]byte(at.Format(contractTime))); !ok || got != at {
				t.Fatalf("%s: %v, %v", at, got, ok)
			}
		}
	}
	for _, text := range []string{
		"2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-02-30T00:00:00Z", "2024-04-31T00:00:00Z", "2024-00-01T00:00:00Z", "2024-13-01T00:00:00Z",
		"2024-01-00T00:00:00Z", "2024-01-32T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z", "0000-01-01T00:00:00Z",
		"2024-01-01t00:00:00Z", "2024-01-01T00:00:00z", "2024-01-01 00:00:00Z", "2o24-01-01T00:00:00Z", "2024/01-01T00:00:00Z", "2024-01-01T00:00:00+", "2024-01-01T0:00:000Z", "",
	} {
		if got, ok := utcTime([]byte(text)); ok {
			t.Errorf("%q: %v", text, got)
		}
	}
}

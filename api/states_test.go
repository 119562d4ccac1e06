package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/sandbox"
)

// refusal is a call in a state of the account that does not allow it.
type refusal struct {
	op     hoster.Operation
	code   hoster.ErrorCode
	status int
	class  error
	state  func(*sandbox.State) // nil: the usual one
	before hoster.Operation     // a call that is made first; "": none
	spoil  func(*http.Request)
	call   call // nil: the usual one
}

// driveStates brings the account into the states in which calls are refused,
// and into those that show members which are rare.
func driveStates(t *testing.T, j *judge) {
	ctx := context.Background()
	for _, r := range refusals() {
		t.Run(string(r.op)+" "+string(r.code), func(t *testing.T) {
			t.Parallel()
			s := newSetup(t, j)
			if r.state != nil {
				s.srv.Update(r.state)
			}
			if r.before != "" {
				if err := calls[r.before](ctx, s.client); err != nil {
					t.Fatal(err)
				}
			}
			s.srv.ForgetRecords()
			s.spoil = r.spoil
			call := r.call
			if call == nil {
				call = calls[r.op]
			}
			err := call(ctx, s.client)
			s.wants(err, r.op, r.status, r.class)
			var api *hoster.Error
			if errors.As(err, &api) && api.Code != r.code {
				t.Errorf("code %s, want %s", api.Code, r.code)
			}
			if len(s.srv.Writes()) != 0 {
				t.Error("something was done")
			}
		})
	}
	t.Run("escalation", func(t *testing.T) {
		s := newSetup(t, j)
		_, small := s.srv.MintToken(sandbox.TokenSpec{Name: "small", Scopes: []string{"account:write"}})
		err := calls["Tokens.Create"](ctx, s.as(small))
		s.wants(err, "Tokens.Create", 403, hoster.ErrForbidden)
		var forbidden *hoster.ForbiddenError
		if !errors.As(err, &forbidden) || forbidden.Reason != hoster.ForbiddenReasonEscalation {
			t.Errorf("got %v, want an escalation", err)
		}
	})
	t.Run("rare members", func(t *testing.T) {
		s := newSetup(t, j)
		s.srv.Update(func(st *sandbox.State) {
			service := st.Service("svc_01")
			service.Status, service.SuspensionReason = "suspended", new("overdue invoice")
			service.Usage.Disk.Limit = new(int64(10 << 30))
		})
		for _, op := range []hoster.Operation{"Hosting.Get", "Hosting.Usage"} {
			if err := calls[op](ctx, s.client); err != nil {
				t.Error(err)
			}
		}
	})
}

func refusals() []refusal {
	all := []refusal{
		{op: "Contacts.Delete", code: hoster.ErrorCodeContactInUse, call: func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
			return c.Contacts.Delete(ctx, "con_01", o...)
		}},
		{op: "Domains.Register", code: hoster.ErrorCodeDomainUnavailable, call: func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
			_, err := c.Domains.Register(ctx, hoster.DomainRegistrationOrder{Domain: "example.com", Years: 1}, o...)
			return err
		}},
		{op: "Domains.Renew", code: hoster.ErrorCodeConflict, before: "Domains.Renew"},
		{op: "Domains.Renew", code: hoster.ErrorCodeDomainStateProhibits, state: domainIs("pending_delete")},
		{op: "Domains.Transfer", code: hoster.ErrorCodeConflict, before: "Domains.Transfer"},
		{op: "Domains.AuthCode", code: hoster.ErrorCodeDomainStateProhibits, call: func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
			_, err := c.Domains.AuthCode(ctx, "example.com", o...) // it is locked
			return err
		}},
		{op: "DNS.Create", code: hoster.ErrorCodeRecordConflict, before: "DNS.Create"},
		{op: "DNS.Update", code: hoster.ErrorCodeRecordConflict, call: func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
			_, err := c.DNS.Update(ctx, "example.com", "rec_01", hoster.RecordUpdate{Name: hoster.Set("_sip._udp")}, o...)
			return err
		}},
		{op: "DNS.Batch", code: hoster.ErrorCodeRecordConflict, before: "DNS.Create"},
		{op: "DNS.Create", code: hoster.ErrorCodeRecordProtected, call: func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
			_, err := c.DNS.Create(ctx, "example.com", hoster.RecordCreate{Type: dnszone.TypeNS, Name: "@", Value: "ns3.example.net"}, o...)
			return err
		}},
		{op: "DNS.Update", code: hoster.ErrorCodeRecordProtected, state: apexNS, call: func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
			_, err := c.DNS.Update(ctx, "example.com", "rec_01", hoster.RecordUpdate{TTL: hoster.Set(300)}, o...)
			return err
		}},
		{op: "DNS.Delete", code: hoster.ErrorCodeRecordProtected, state: apexNS},
		{op: "DNS.Batch", code: hoster.ErrorCodeRecordProtected, state: apexNS, call: func(ctx context.Context, c *hoster.Client, o ...hoster.CallOption) error {
			_, err := c.DNS.Batch(ctx, "example.com", hoster.RecordBatch{Delete: []hoster.RecordID{"rec_01"}}, o...)
			return err
		}},
		{op: "Hosting.Renew", code: hoster.ErrorCodeConflict, before: "Hosting.Renew"},
	}
	for _, op := range []hoster.Operation{"Domains.Update", "Domains.SetNameservers", "Domains.SetContacts", "DNS.Create", "DNS.Update", "DNS.Delete", "DNS.Batch"} {
		all = append(all, refusal{op: op, code: hoster.ErrorCodeDomainStateProhibits, state: domainIs("pending_delete")})
	}
	for _, op := range []hoster.Operation{"DNS.Create", "DNS.Update", "DNS.Delete", "DNS.Batch"} {
		all = append(all, refusal{op: op, code: hoster.ErrorCodeNameserversNotLocal, state: func(st *sandbox.State) { st.Domain("example.com").UsesProviderDNS = false }})
	}
	for _, op := range []hoster.Operation{"Hosting.Renew", "Hosting.Upgrade", "Hosting.Cancel", "Hosting.SetPassword", "Hosting.LoginLink"} {
		all = append(all, refusal{op: op, code: hoster.ErrorCodeConflict, state: func(st *sandbox.State) { st.Service("svc_01").Status = "cancelled" }})
	}
	for i := range all {
		all[i].status, all[i].class = http.StatusConflict, hoster.ErrConflict
	}
	for _, op := range hoster.Operations() {
		if op.Buys {
			all = append(all,
				refusal{op: op.Name, code: hoster.ErrorCodePriceChanged, status: 409, class: hoster.ErrPriceChanged, spoil: cheaper},
				refusal{op: op.Name, code: hoster.ErrorCodePaymentRequired, status: 402, class: hoster.ErrPaymentRequired,
					state: func(st *sandbox.State) { st.Invoice("inv_01").Status = "overdue" }},
			)
		}
	}
	return all
}

func domainIs(status string) func(*sandbox.State) {
	return func(st *sandbox.State) { st.Domain("example.com").Status = status }
}

// apexNS makes rec_01 a nameserver record of the apex.
func apexNS(st *sandbox.State) {
	r := st.Domain("example.com").Records[0]
	r.Type, r.Name, r.Value, r.Priority, r.Weight, r.Port = "NS", "@", "ns1.example.net", nil, nil, nil
}

// cheaper lets a purchase cost next to nothing.
func cheaper(req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	members := map[string]any{}
	_ = json.Unmarshal(body, &members)
	members["max_price"] = "0.01"
	body, _ = json.Marshal(members)
	setBody(req, body)
}

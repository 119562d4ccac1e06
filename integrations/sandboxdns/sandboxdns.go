// Package sandboxdns answers DNS queries from the zones of a sandbox, as the
// provider's nameservers would: what a client writes through the API is answered
// at once. It is for tests of programs that check by queries, such as ACME clients.
//
// Answers are authoritative: wildcards (RFC 4592), aliases inside the zone,
// delegations with their glue, NXDOMAIN and empty answers with the zone's SOA
// record, whose serial moves with each write of the sandbox. There is no DNSSEC, no
// zone transfer and no recursion: names in no zone are refused.
package sandboxdns

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/miekg/dns"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/sandbox"
)

// Server serves the zones of a sandbox over UDP and TCP.
type Server struct {
	api      *sandbox.Server
	udp, tcp *dns.Server
	ended    chan error
}

// Listen serves at an address such as "127.0.0.1:0", over UDP and TCP at one port,
// until Close.
func Listen(api *sandbox.Server, address string) (*Server, error) {
	packets, listener, err := listenBoth(address)
	if err != nil {
		return nil, err
	}
	s := &Server{api: api, ended: make(chan error, 2)}
	s.udp, s.tcp = &dns.Server{PacketConn: packets, Handler: s}, &dns.Server{Listener: listener, Handler: s}
	for _, server := range []*dns.Server{s.udp, s.tcp} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go func() { s.ended <- server.ActivateAndServe() }()
		<-started
	}
	return s, nil
}

// listenBoth finds a port that is free for both where the address leaves it open.
func listenBoth(address string) (packets net.PacketConn, listener net.Listener, err error) {
	for range 20 {
		if packets, err = net.ListenPacket("udp", address); err != nil {
			return nil, nil, err
		}
		if listener, err = net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			return packets, listener, nil
		}
		packets.Close()
	}
	return nil, nil, err
}

// Addr is the address that the server listens at, with its port.
func (s *Server) Addr() string { return s.tcp.Listener.Addr().String() }

// Close stops the server.
func (s *Server) Close() error {
	return errors.Join(s.udp.Shutdown(), s.tcp.Shutdown(), <-s.ended, <-s.ended)
}

// ServeDNS answers one query.
func (s *Server) ServeDNS(w dns.ResponseWriter, query *dns.Msg) {
	answer := new(dns.Msg)
	answer.SetReply(query)
	if len(query.Question) != 1 || query.Opcode != dns.OpcodeQuery {
		answer.Rcode = dns.RcodeNotImplemented
	} else if err := s.answer(answer, query.Question[0]); err != nil {
		answer.Rcode = dns.RcodeServerFailure
	}
	size := dns.MinMsgSize
	if o := query.IsEdns0(); o != nil {
		size = max(size, int(o.UDPSize()))
		answer.SetEdns0(4096, false)
	}
	if _, isUDP := w.RemoteAddr().(*net.UDPAddr); isUDP {
		answer.Truncate(size)
	}
	_ = w.WriteMsg(answer) // the client is gone
}

func (s *Server) answer(answer *dns.Msg, question dns.Question) error {
	zone := s.zone(question.Name)
	if zone == nil {
		answer.Rcode = dns.RcodeRefused
		return nil
	}
	name := strings.ToLower(question.Name)
	for range 8 { // aliases
		if cut := zone.cut(name); cut != "" {
			return zone.refer(answer, cut)
		}
		answer.Authoritative = true
		owner := zone.owner(name)
		if owner == "" {
			answer.Rcode = dns.RcodeNameError
			return zone.denies(answer)
		}
		found, err := zone.records(owner, question.Qtype, name)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			answer.Answer = append(answer.Answer, found...)
			return nil
		}
		alias, err := zone.records(owner, dns.TypeCNAME, name)
		if err != nil {
			return err
		}
		if len(alias) == 0 {
			return zone.denies(answer)
		}
		answer.Answer = append(answer.Answer, alias...)
		name = strings.ToLower(alias[0].(*dns.CNAME).Target)
		if !dns.IsSubDomain(zone.apex, name) {
			return nil
		}
	}
	return errors.New("sandboxdns: the aliases have no end")
}

// zone is a zone at one moment.
type zone struct {
	apex   string
	held   map[string][]record // by owner
	exists map[string]bool     // owners, and the names above them
	serial int
}

type record struct {
	fields dnszone.Fields
	ttl    int
}

// zone returns the longest zone that a name lies in, or nil.
func (s *Server) zone(name string) (z *zone) {
	serial := len(s.api.Writes()) + 1
	s.api.View(func(state *sandbox.State) {
		var domain *sandbox.Domain
		for _, d := range state.Domains {
			if dns.IsSubDomain(d.Name+".", name) && (domain == nil || len(d.Name) > len(domain.Name)) {
				domain = d
			}
		}
		if domain == nil {
			return
		}
		z = &zone{apex: domain.Name + ".", held: map[string][]record{}, exists: map[string]bool{}, serial: serial}
		z.exists[z.apex] = true
		for _, r := range domain.Records {
			owner := z.apex
			if strings.HasSuffix(r.Name, ".") {
				owner = r.Name
			} else if r.Name != "@" {
				owner = r.Name + "." + z.apex
			}
			z.held[owner] = append(z.held[owner], record{
				fields: dnszone.Fields{Type: dnszone.Type(r.Type), Value: r.Value, Priority: number(r.Priority), Weight: number(r.Weight), Port: number(r.Port)},
				ttl:    r.TTL,
			})
			for name := owner; name != z.apex; name = parent(name) {
				z.exists[name] = true
			}
		}
	})
	return z
}

func number(n *int) *uint16 {
	if n == nil {
		return nil
	}
	short := uint16(*n)
	return &short
}

func parent(name string) string {
	_, rest, _ := strings.Cut(name, ".")
	return rest
}

// cut is the delegation that a name lies at or below, or "".
func (z *zone) cut(name string) (cut string) {
	for ; name != z.apex; name = parent(name) {
		if z.holds(name, dnszone.TypeNS) {
			cut = name
		}
	}
	return cut
}

func (z *zone) holds(owner string, rrtype dnszone.Type) bool {
	for _, r := range z.held[owner] {
		if r.fields.Type == rrtype {
			return true
		}
	}
	return false
}

// owner is the name whose records answer for a name: itself, or the wildcard at the
// closest name above it that exists.
func (z *zone) owner(name string) string {
	if z.exists[name] {
		return name
	}
	for !z.exists[name] {
		name = parent(name)
	}
	if wildcard := "*." + name; z.exists[wildcard] {
		return wildcard
	}
	return ""
}

// records are the records of an owner and type, under the name that was asked for.
func (z *zone) records(owner string, rrtype uint16, name string) (found []dns.RR, err error) {
	for _, r := range z.held[owner] {
		if rrtype != dns.TypeANY && string(r.fields.Type) != dns.TypeToString[rrtype] {
			continue
		}
		data, err := dnszone.FromFields(r.fields)
		if err != nil {
			return nil, err
		}
		rr, err := dns.NewRR(fmt.Sprintf("%s %d IN %s %s", name, r.ttl, data.Type(), data))
		if err != nil {
			return nil, err
		}
		found = append(found, rr)
	}
	if rrtype == dns.TypeSOA && owner == z.apex {
		soa, err := z.soa()
		return append(found, soa), err
	}
	return found, nil
}

func (z *zone) soa() (dns.RR, error) {
	return dns.NewRR(fmt.Sprintf("%s 60 IN SOA ns.%s hostmaster.%s %d 7200 3600 1209600 60", z.apex, z.apex, z.apex, z.serial))
}

// denies says by the SOA record that there is nothing.
func (z *zone) denies(answer *dns.Msg) error {
	soa, err := z.soa()
	answer.Ns = append(answer.Ns, soa)
	return err
}

// refer names the nameservers of a delegation.
func (z *zone) refer(answer *dns.Msg, cut string) (err error) {
	if answer.Ns, err = z.records(cut, dns.TypeNS, cut); err != nil {
		return err
	}
	for _, ns := range answer.Ns {
		host := ns.(*dns.NS).Ns
		for _, rrtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
			glue, err := z.records(host, rrtype, host)
			if err != nil {
				return err
			}
			answer.Extra = append(answer.Extra, glue...)
		}
	}
	return nil
}

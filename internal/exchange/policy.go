package exchange

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"
)

const maxDuration = time.Duration(math.MaxInt64)

// Policy bounds the attempts of a call.
type Policy struct {
	MaxAttempts      int // of one call, the first included
	MinWait, MaxWait time.Duration
	MaxRetryAfter    time.Duration // the longest wait that a server may ask for
}

// backoff is full jitter: drawn evenly up to a bound that doubles.
func (p Policy) backoff(repetition int) time.Duration {
	bound := p.MaxWait
	if repetition < 32 && p.MinWait < p.MaxWait>>repetition {
		bound = p.MinWait << repetition
	}
	if bound <= 0 {
		return 0
	}
	return rand.N(min(bound, maxDuration-1) + 1)
}

// ErrBudget ends a call that would have been repeated, had not too many been
// repeated already: when everything fails, repeating makes it worse.
var ErrBudget = errors.New("hoster: the client's retry budget is used up")

const (
	freeRetries  = 10 // that are always allowed
	callsPerOnce = 5  // calls for each further one
)

// Budget counts the calls of an exchange and their repetitions.
type Budget struct{ Calls, Retries atomic.Int64 }

// spend takes one repetition, if there is one left.
func (b *Budget) spend() bool {
	allowed := max(freeRetries, b.Calls.Load()/callsPerOnce)
	if b.Retries.Add(1) <= allowed {
		return true
	}
	b.Retries.Add(-1)
	return false
}

// IsPermanent reports failures of a transport that another attempt cannot mend.
func IsPermanent(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return true
	}
	var proxy *ProxyError
	if errors.As(err, &proxy) && proxy.Status < 500 {
		return true
	}
	var unverified *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	return errors.As(err, &unverified) || errors.As(err, &unknown) || errors.As(err, &name)
}

package gate

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"sync"
	"testing"
	"time"
)

// provider has a fixed window of requests, on the fake clock.
type provider struct {
	limit   int
	window  time.Duration
	aligned bool // windows begin at multiples of their length, not with a request
	delay   time.Duration
	spell   func(p *provider, remaining int, now time.Time) http.Header

	mu              sync.Mutex
	end             time.Time
	used            int
	passed, refused int
	inFlight, most  int
}

// attempt is one attempt at the provider, let in by the gate.
func (p *provider) attempt(ctx context.Context, g *Gate, again bool) (int, error) {
	var pass Pass
	if err := g.Enter(ctx, &pass, again); err != nil {
		return 0, err
	}
	defer pass.Leave()
	p.move(1)
	time.Sleep(p.delay / 2)
	status, header := p.answer()
	time.Sleep(p.delay / 2)
	p.move(-1)
	pass.Learn(status, header)
	return status, nil
}

func (p *provider) move(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight += n
	p.most = max(p.most, p.inFlight)
}

func (p *provider) answer() (int, http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if !now.Before(p.end) {
		p.end, p.used = now.Add(p.window), 0
		if p.aligned {
			p.end = now.Truncate(p.window).Add(p.window)
		}
	}
	if p.used >= p.limit {
		p.refused++
		return http.StatusTooManyRequests, http.Header{"Retry-After": {fmt.Sprint(math.Ceil(p.end.Sub(now).Seconds()))}}
	}
	p.used++
	p.passed++
	return http.StatusOK, p.spell(p, p.limit-p.used, now)
}

// call repeats an attempt until it passes.
func (p *provider) call(t *testing.T, g *Gate) {
	for again := false; ; again = true {
		status, err := p.attempt(t.Context(), g, again)
		if err != nil {
			t.Error(err)
			return
		}
		if status == http.StatusOK {
			return
		}
		p.mu.Lock()
		end := p.end
		p.mu.Unlock()
		time.Sleep(time.Until(end))
	}
}

// The ways to tell a reset in whole seconds.
var spellings = map[string]func(p *provider, remaining int, now time.Time) http.Header{
	"rounded down": func(p *provider, remaining int, _ time.Time) http.Header {
		return old(p, remaining, p.end.Unix())
	},
	"rounded up": func(p *provider, remaining int, _ time.Time) http.Header {
		return old(p, remaining, p.end.Add(time.Second-1).Unix())
	},
	"from now, rounded down": func(p *provider, remaining int, now time.Time) http.Header {
		return old(p, remaining, int64(p.end.Sub(now).Seconds()))
	},
	"from now, rounded up": func(p *provider, remaining int, now time.Time) http.Header {
		return old(p, remaining, int64(math.Ceil(p.end.Sub(now).Seconds())))
	},
	"with a policy": func(p *provider, remaining int, now time.Time) http.Header {
		return http.Header{"Ratelimit": {fmt.Sprintf(`"default";r=%d;t=%d`, remaining, int64(math.Ceil(p.end.Sub(now).Seconds())))},
			"Ratelimit-Policy": {fmt.Sprintf(`"default";q=%d;w=%d`, p.limit, int(p.window.Seconds()))}}
	},
}

func old(p *provider, remaining int, reset int64) http.Header {
	return http.Header{"X-Ratelimit-Limit": {fmt.Sprint(p.limit)}, "X-Ratelimit-Remaining": {fmt.Sprint(remaining)}, "X-Ratelimit-Reset": {fmt.Sprint(reset)}}
}

// quiet says nothing of the budget.
func quiet(*provider, int, time.Time) http.Header { return http.Header{} }

// many runs n functions side by side and waits for all.
func many(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
}

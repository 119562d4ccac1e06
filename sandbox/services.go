package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-hoster/hoster/sandbox/internal/input"
	"github.com/go-hoster/hoster/sandbox/internal/object"
)

var serviceFilters = []filter{{"status", oneOf(serviceStatuses)}}

func listServices(c *call) *answer {
	status := c.query.Get("status")
	var found []*Service
	for _, s := range c.st.Services {
		if status == "" || s.Status == status {
			found = append(found, s)
		}
	}
	return list(c, found, (*Service).item)
}

// service finds the service that the path names.
func (c *call) service() (*Service, *answer) {
	if s := c.st.Service(c.params["id"]); s != nil {
		return s, nil
	}
	return nil, notFound("service")
}

func getService(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	return c.tagged(ok(s.shown()), tagOf(s.shown()))
}

func listPlans(c *call) *answer { return list(c, c.st.Plans, (*Plan).shown) }

func getUsage(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	return ok(s.Usage)
}

// in refuses what a service in another state does not allow.
func (s *Service) in(statuses ...string) *answer {
	if slices.Contains(statuses, s.Status) {
		return nil
	}
	return conflict("CONFLICT", "The service is "+s.Status+".")
}

func cancelService(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	f := c.fields
	when, how := f.Text("when")
	if how == input.Absent || how == input.Given && when != "immediate" && when != "end_of_term" {
		f.Fail("when", "must be immediate or end_of_term")
	}
	reason, _ := f.Text("reason")
	if refused := f.refused(); refused != nil {
		return refused
	}
	if refused := s.in("active", "suspended"); refused != nil {
		return refused
	}
	changed := *s
	changed.CancelReason = reason
	if when == "end_of_term" && s.NextDueAt != nil && s.NextDueAt.After(c.now) {
		changed.CancelsAt = object.Copied(s.NextDueAt)
	} else {
		changed.end(c.now)
	}
	if changed.CancelReason != s.CancelReason || changed.Status != s.Status || s.CancelsAt == nil || !s.CancelsAt.Equal(*changed.CancelsAt) {
		c.st.changeService(s, func(s *Service) { *s = changed })
		c.wroteTo(s.ID)
	}
	return ok(changed.shown())
}

// end cancels the service. Nothing is due any more.
func (s *Service) end(now time.Time) {
	s.Status, s.CancelsAt = "cancelled", new(now)
	s.NextDueAt, s.SuspensionReason = nil, nil
}

const (
	minPassword = 8
	maxPassword = 128
)

type passwordShown struct {
	Password *string `json:"password"` // only one that the server made
}

func setPassword(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	password, how := c.fields.Text("password")
	if n := utf8.RuneCountInString(password); how == input.Given && (n < minPassword || n > maxPassword) {
		c.fields.Fail("password", "must be 8 to 128 characters")
	}
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if refused := s.in("active"); refused != nil {
		return refused
	}
	c.wroteTo(s.ID)
	if how == input.Given {
		return ok(passwordShown{})
	}
	made := strings.TrimPrefix(newSecret(), secretPrefix)[:20]
	return ok(passwordShown{&made})
}

// linkLifetime is how long a login link can be used.
const linkLifetime = 15 * time.Minute

type loginLink struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

func createLoginLink(c *call) *answer {
	s, missing := c.service()
	if missing != nil {
		return missing
	}
	if refused := s.in("active"); refused != nil {
		return refused
	}
	c.wroteTo(s.ID)
	var key [24]byte
	_, _ = rand.Read(key[:]) // it never returns an error
	host := "panel.example.com"
	if s.Server != nil && s.Server.Hostname != "" {
		host = s.Server.Hostname
	}
	return ok(loginLink{"https://" + host + ":2083/login?key=" + hex.EncodeToString(key[:]), c.now.Add(linkLifetime)})
}

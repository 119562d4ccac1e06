package sandbox

import "time"

const (
	codeLifetime = 14 * 24 * time.Hour
	// transferLock is how long a domain stays after a registration or a transfer.
	transferLock = 60 * 24 * time.Hour
)

// AuthCode is the code with which a domain can be transferred away.
type AuthCode struct {
	Code      string
	ExpiresAt time.Time
}

type authCodeShown struct {
	Delivery  string    `json:"delivery"`
	AuthCode  *string   `json:"auth_code"`
	ExpiresAt time.Time `json:"expires_at"`
}

// createAuthCode gives out a new code each time; it takes the place of the last.
func createAuthCode(c *call) *answer {
	d, missing := c.domain()
	if missing != nil {
		return missing
	}
	if why := d.staysBecause(c.now); why != "" {
		return conflict("DOMAIN_STATE_PROHIBITS", "There is no auth code: the domain "+why+".")
	}
	code := &AuthCode{Code: newSecret()[len(secretPrefix):][:20], ExpiresAt: c.now.Add(codeLifetime)}
	d = c.st.own(d)
	d.AuthCode = code
	c.wroteTo(d.Name)
	if d.AuthCodeByEmail {
		return ok(authCodeShown{"email", nil, code.ExpiresAt})
	}
	return ok(authCodeShown{"inline", &code.Code, code.ExpiresAt})
}

// staysBecause says why the domain cannot be transferred away, or "".
func (d *Domain) staysBecause(now time.Time) string {
	recent := func(t *time.Time) bool { return t != nil && now.Before(t.Add(transferLock)) }
	switch {
	case d.Status != "active":
		return "is " + d.Status
	case d.Locked:
		return "is locked"
	case d.ExpiresAt != nil && !now.Before(*d.ExpiresAt):
		return "is expired"
	case recent(d.RegisteredAt):
		return "was registered less than 60 days ago"
	case recent(d.TransferredAt):
		return "was transferred less than 60 days ago"
	}
	return ""
}

package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

// tagOf is the strong entity tag of a resource: two states of it that look the
// same have the same one.
func tagOf(shown any) string {
	sum := sha256.Sum256(encodeJSON(shown))
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// tagged gives the answer the entity tag of its resource.
func (c *call) tagged(a *answer, tag string) *answer {
	if !c.srv.lacking[ETags] {
		a.header.Set("ETag", tag)
	}
	return a
}

// zoned gives the answer to a DNS write the zone's version.
func (c *call) zoned(a *answer, d *Domain) *answer {
	if !c.srv.lacking[ETags] {
		a.header.Set("X-Zone-ETag", c.st.zoneTag(d))
	}
	return a
}

// ifMatch refuses the call when it has an If-Match that none of the tags meets.
func (c *call) ifMatch(tags ...string) *answer {
	sent := c.r.Header.Values("If-Match")
	if len(sent) == 0 || c.srv.lacking[ETags] {
		return nil
	}
	for want := range strings.SplitSeq(strings.Join(sent, ","), ",") {
		want = strings.TrimSpace(want)
		if want == "*" || slices.Contains(tags, want) {
			return nil
		}
	}
	return fail(http.StatusPreconditionFailed, "PRECONDITION_FAILED", "The resource is no longer what If-Match names.")
}

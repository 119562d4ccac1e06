package externaldnshoster

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-hoster/hoster"
)

// MediaType is the media type of the webhook protocol, with its version.
const MediaType = "application/external.dns.webhook+json;version=1"

const maxBody = 64 << 20

// Handler serves the webhook protocol: the domain filter at /, records at /records,
// adjustments at /adjustendpoints. An error that another try does not mend, such
// as a token that may not write, is a 4xx, which external-dns does not repeat; any
// other is a 5xx.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string][]string{"include": p.Domains})
	})
	mux.HandleFunc("GET /records", func(w http.ResponseWriter, r *http.Request) {
		endpoints, err := p.Records(r.Context())
		if err != nil {
			p.refuse(w, r, err)
			return
		}
		answer(w, endpoints)
	})
	mux.HandleFunc("POST /records", func(w http.ResponseWriter, r *http.Request) {
		var changes Changes
		if !readJSON(w, r, &changes) {
			return
		}
		if err := p.ApplyChanges(r.Context(), &changes); err != nil {
			p.refuse(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /adjustendpoints", func(w http.ResponseWriter, r *http.Request) {
		var endpoints []*Endpoint
		if readJSON(w, r, &endpoints) {
			answer(w, p.AdjustEndpoints(endpoints))
		}
	})
	return mux
}

func answer(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", MediaType)
	_ = json.NewEncoder(w).Encode(what) // the client is gone
}

func readJSON(w http.ResponseWriter, r *http.Request, to any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(to); err != nil {
		http.Error(w, fmt.Sprintf("the body cannot be read: %v", err), http.StatusBadRequest)
		return false
	}
	return true
}

// refuse answers an error.
func (p *Provider) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	for _, permanent := range []error{hoster.ErrUnauthorized, hoster.ErrForbidden, hoster.ErrValidation, hoster.ErrInvalidArgument, hoster.ErrNotFound, hoster.ErrBadRequest} {
		if errors.Is(err, permanent) {
			status = http.StatusUnprocessableEntity
		}
	}
	p.warn("a request of external-dns failed", "method", r.Method, "path", r.URL.Path, "status", status, "reason", err.Error())
	http.Error(w, err.Error(), status)
}

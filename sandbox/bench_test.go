package sandbox_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/go-hoster/hoster/sandbox"
)

func BenchmarkLargeZone(b *testing.B) {
	srv := sandbox.New(sandbox.WithRateLimit(0, 0))
	srv.Update(func(st *sandbox.State) {
		d := st.Domain("example.com")
		for i := range 10_000 {
			d.Records = append(d.Records, &sandbox.Record{ID: fmt.Sprint("rec_", i), Type: "A", Name: fmt.Sprint("h", i), Value: "192.0.2.1"})
		}
	})
	for _, path := range []string{"/rec_5000", "?name=h5000", "?per_page=100&page=50", "?per_page=1000"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				req := httptest.NewRequest("GET", "/v1"+zone+path, nil)
				req.Header.Set("Authorization", "Bearer "+srv.RootToken())
				w := httptest.NewRecorder()
				srv.ServeHTTP(w, req)
				if w.Code != 200 {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

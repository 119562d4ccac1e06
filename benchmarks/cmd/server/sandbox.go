package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/go-hoster/hoster/benchmarks/server"
	"github.com/go-hoster/hoster/sandbox"
)

// addSandbox serves the SDK's own sandbox with what does not fit into a client:
// a zone of server.LargeZone records, which are made while they are read, and
// invoices as PDF of server.LargePDF bytes.
func addSandbox(addresses *server.Addresses) error {
	seed := sandbox.DefaultSeed()
	for i := range seed.Domains {
		if seed.Domains[i].Name == server.LargeDomain {
			seed.Domains[i].Records = nil
		}
	}
	written := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	srv := sandbox.New(
		sandbox.WithSeed(seed),
		sandbox.WithRateLimit(0, 0),
		sandbox.WithPDFSize(server.LargePDF),
		sandbox.WithGeneratedRecords(server.LargeDomain, server.LargeZone, func(i int) sandbox.Record {
			return sandbox.Record{
				ID: fmt.Sprintf("rec_%016x", i), Type: "TXT", Name: fmt.Sprintf("host-%07d", i),
				Value: fmt.Sprintf("mark=%07d, a value of the length that such values have", i), TTL: 3600,
				CreatedAt: written, UpdatedAt: written,
			}
		}),
	)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	web := &http.Server{Handler: srv, ReadHeaderTimeout: 10 * time.Second}
	go serve(func() error { return web.Serve(listener) })
	addresses.Sandbox = "http://" + listener.Addr().String() + "/v1"
	addresses.Token = srv.RootToken()
	return nil
}

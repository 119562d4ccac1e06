package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/hostertest"
)

// TestRun serves what it read, and ends with its context.
func TestRun(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	lines, log := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-listen", "127.0.0.1:0"}, log)
		log.Close()
	}()
	scanner := bufio.NewScanner(lines)
	address := ""
	for scanner.Scan() {
		var line struct{ Msg, Address string }
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if line.Msg == "read" {
			break
		}
		address = line.Address
	}
	go io.Copy(io.Discard, lines)
	for path, want := range map[string]string{"/metrics": `hoster_exporter_up{part="services"} 1`, "/healthz": "ok"} {
		response, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if !strings.Contains(string(body), want) {
			t.Errorf("%s: %s", path, body)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for name, args := range map[string][]string{"too often": {"-every", "1s"}, "an unknown flag": {"-x"}, "no address": {"-listen", "no address"}} {
		if err := run(context.Background(), args, io.Discard); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	t.Setenv("API_TOKEN", "")
	if err := run(context.Background(), nil, io.Discard); err == nil {
		t.Error("no token")
	}
}

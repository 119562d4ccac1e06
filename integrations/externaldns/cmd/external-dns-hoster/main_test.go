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

// TestRun serves both addresses, and ends with its context.
func TestRun(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	lines, log := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-listen", "127.0.0.1:0", "-metrics", "127.0.0.1:0", "-domain", "Example.com."}, log)
		log.Close()
	}()
	var addresses []string
	scanner := bufio.NewScanner(lines)
	for len(addresses) < 2 && scanner.Scan() {
		var line struct{ Address string }
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, line.Address)
	}
	go io.Copy(io.Discard, lines)
	get := func(url string) string {
		response, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return string(body)
	}
	if body := get("http://" + addresses[0] + "/"); !strings.Contains(body, `"example.com"`) {
		t.Error(body)
	}
	if body := get("http://" + addresses[0] + "/records"); !strings.Contains(body, `"mail1.example.com"`) {
		t.Error(body)
	}
	if body := get("http://" + addresses[1] + "/healthz"); body != "ok\n" {
		t.Error(body)
	}
	if body := get("http://" + addresses[1] + "/metrics"); !strings.Contains(body, `{operation="DNS.List",status="200"} 1`) {
		t.Error(body)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for name, args := range map[string][]string{"an unknown flag": {"-x"}, "an address in use": {"-listen", addresses[0], "-metrics", "no address"}} {
		if err := run(context.Background(), args, io.Discard); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	t.Setenv("API_TOKEN", "")
	if err := run(context.Background(), nil, io.Discard); err == nil {
		t.Error("no token")
	}
}

package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/sandbox"
)

func TestPay(t *testing.T) {
	api := sandbox.New()
	web := httptest.NewServer(api)
	defer web.Close()
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	var unpaid []string
	api.View(func(st *sandbox.State) {
		for _, inv := range st.Invoices {
			if inv.Status == "unpaid" {
				unpaid = append(unpaid, inv.ID)
			}
		}
	})
	if len(unpaid) < 2 {
		t.Fatalf("unpaid: %v", unpaid)
	}
	tests := []struct {
		name           string
		args           []string
		want           int
		stdout, stderr string
	}{
		{"help", []string{"-h"}, exitOK, "--url", ""},
		{"no invoice", []string{"-url", web.URL}, exitUsage, "", "invoice"},
		{"no url", []string{unpaid[0]}, exitUsage, "", "-url"},
		{"argument too many", []string{unpaid[0], "-url", web.URL, "now"}, exitUsage, "", "received 2"},
		{"unknown flag", []string{unpaid[0], "-loud"}, exitUsage, "", "-loud"},
		{"no such url", []string{unpaid[0], "-url", "nowhere"}, exitError, "", "nowhere"},
		{"no sandbox", []string{unpaid[0], "-url", other.URL}, exitError, "", "no sandbox"},
		{"unknown invoice", []string{"inv_none", "-url", web.URL}, exitError, "", "404"},
		{"paid", []string{unpaid[0], "-url", web.URL}, exitOK, "paid " + unpaid[0], ""},
		{"paid twice", []string{unpaid[0], "-url", web.URL}, exitError, "", "409"},
		{"flags first, base URL", []string{"-url", web.URL + "/v1", unpaid[1]}, exitOK, "paid " + unpaid[1], ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), append([]string{"sandbox", "pay"}, tt.args...), streams{nil, &stdout, &stderr}); got != tt.want {
				t.Errorf("exit code %d, want %d; stderr: %s", got, tt.want, &stderr)
			}
			if !strings.Contains(stdout.String(), tt.stdout) || !strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("stdout %q, stderr %q", &stdout, &stderr)
			}
		})
	}
}

func TestAnnouncementTellsHowToPay(t *testing.T) {
	var stdout bytes.Buffer
	announce(&stdout, "http://127.0.0.1:8080", apiBase, "sample")
	if !strings.Contains(stdout.String(), "hoster sandbox pay <invoice-id> -url http://127.0.0.1:8080\n") {
		t.Errorf("%s", &stdout)
	}
}

package exporter

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// metric is a gauge.
type metric struct{ name, help string }

var (
	domainExpires   = metric{"hoster_domain_expires_timestamp_seconds", "When the domain expires."}
	domainAutoRenew = metric{"hoster_domain_auto_renew", "Whether the domain is set to renew itself."}
	renewalDue      = metric{"hoster_renewal_unpaid_due_timestamp_seconds", "When the open invoice of an ordered renewal is due. It is renewed only once that is paid."}
	serviceDue      = metric{"hoster_service_next_due_timestamp_seconds", "When the service is to be paid next."}
	serviceUsed     = metric{"hoster_service_used_bytes", "What an active service uses of a resource."}
	serviceLimit    = metric{"hoster_service_limit_bytes", "What it may use; absent where that is unlimited."}
	tokenCreated    = metric{"hoster_token_created_timestamp_seconds", "When an active token was created."}
	tokenExpires    = metric{"hoster_token_expires_timestamp_seconds", "When an active token expires; absent where it does not."}
	rateLimit       = metric{"hoster_api_rate_limit_requests", "Requests that the account may make in a window."}
	rateRemaining   = metric{"hoster_api_rate_limit_remaining_requests", "Requests that were left of the window with the exporter's last request."}
	rateReset       = metric{"hoster_api_rate_limit_reset_timestamp_seconds", "When that window ends."}
	exporterUp      = metric{"hoster_exporter_up", "Whether the last reading of a part succeeded."}
	exporterSuccess = metric{"hoster_exporter_last_success_timestamp_seconds", "When a part was last read."}
)

// sample is one value of a metric.
type sample struct {
	of     *metric
	labels string
	value  float64
}

// gauge is a value with labels, which are names and values in turn.
func gauge(of *metric, value float64, labels ...string) sample {
	var pairs []string
	for i := 0; i < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+`="`+labelEscaper.Replace(labels[i+1])+`"`)
	}
	return sample{of, strings.Join(pairs, ","), value}
}

// write writes samples by metric, each series once.
func write(w io.Writer, samples []sample) {
	slices.SortStableFunc(samples, func(a, b sample) int {
		if c := strings.Compare(a.of.name, b.of.name); c != 0 {
			return c
		}
		return strings.Compare(a.labels, b.labels)
	})
	out := bufio.NewWriter(w)
	for i, s := range samples {
		if i > 0 && samples[i-1].of == s.of && samples[i-1].labels == s.labels {
			continue
		}
		if i == 0 || samples[i-1].of != s.of {
			fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", s.of.name, s.of.help, s.of.name)
		}
		labels := ""
		if s.labels != "" {
			labels = "{" + s.labels + "}"
		}
		fmt.Fprintf(out, "%s%s %s\n", s.of.name, labels, strconv.FormatFloat(s.value, 'f', -1, 64))
	}
	_ = out.Flush() // the client is gone
}

var labelEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

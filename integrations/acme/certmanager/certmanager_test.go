package certmanagerhoster_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cert-manager/cert-manager/pkg/acme/webhook/apis/acme/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/go-hoster/hoster/hostertest"
	certmanagerhoster "github.com/go-hoster/hoster/integrations/acme/certmanager"
	"github.com/go-hoster/hoster/sandbox"
)

func challenge(t *testing.T, config map[string]any, key string) *v1alpha1.ChallengeRequest {
	raw, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return &v1alpha1.ChallengeRequest{
		ResolvedFQDN: "_acme-challenge.example.com.", ResolvedZone: "example.com.", ResourceNamespace: "issuers",
		Key: key, Config: &apiextensionsv1.JSON{Raw: raw},
	}
}

func TestSolver(t *testing.T) {
	srv := hostertest.New(t)
	values := func() (held []string) {
		srv.View(func(st *sandbox.State) {
			for _, r := range st.Records("example.com") {
				if r.Name == "_acme-challenge" {
					held = append(held, r.Value)
				}
			}
		})
		slices.Sort(held)
		return held
	}
	secrets := fake.NewClientset(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "issuers", Name: "hoster"}, Data: map[string][]byte{"token": []byte(srv.RootToken() + "\n")},
	})
	s := &certmanagerhoster.Solver{Secrets: secrets}
	if err := s.Initialize(nil, nil); err != nil || s.Name() != "hoster" {
		t.Fatal(err)
	}
	config := map[string]any{"baseURL": srv.URL(), "tokenSecretRef": map[string]string{"name": "hoster", "key": "token"}}
	for _, step := range []struct {
		do   func(*v1alpha1.ChallengeRequest) error
		key  string
		want []string
	}{
		{s.Present, "one", []string{"one"}},
		{s.Present, "one", []string{"one"}},
		{s.Present, "two", []string{"one", "two"}},
		{s.CleanUp, "one", []string{"two"}},
		{s.CleanUp, "one", []string{"two"}},
		{s.CleanUp, "two", nil},
	} {
		if err := step.do(challenge(t, config, step.key)); err != nil || !slices.Equal(values(), step.want) {
			t.Errorf("%s: %v, %v", step.key, values(), err)
		}
	}
	config["zone"] = "example.com"
	srv.ForgetRecords()
	if err := s.Present(challenge(t, config, "x")); err != nil || srv.Count("Domains.List") > 0 {
		t.Error(err)
	}
	for want, broken := range map[string]map[string]any{
		"not found":   {"baseURL": srv.URL(), "tokenSecretRef": map[string]string{"name": "nobody", "key": "token"}},
		`key "other"`: {"baseURL": srv.URL(), "tokenSecretRef": map[string]string{"name": "hoster", "key": "other"}},
		"brand":       {"tokenSecretRef": map[string]string{"name": "hoster", "key": "token"}},
		"unmarshal":   {"tokenSecretRef": 1},
	} {
		err := s.Present(challenge(t, broken, "x"))
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), want) || strings.Contains(fmt.Sprint(err), srv.RootToken()) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if err := s.Present(&v1alpha1.ChallengeRequest{}); err == nil {
		t.Error("no configuration is one")
	}
}

package api_test

import (
	"slices"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/sandbox"
)

// TestTheThreeAgree compares the SDK's table, the sandbox's routes and the
// document, operation by operation.
func TestTheThreeAgree(t *testing.T) {
	type row struct{ method, path, scope string }
	sdk, box, doc := map[string]row{}, map[string]row{}, map[string]row{}
	operations := describedOperations(t)
	for name, op := range operations {
		doc[name] = row{op.method, op.path, op.scope()}
	}
	for _, op := range hoster.Operations() {
		name := string(op.Name)
		sdk[name] = row{op.Method, op.Path, string(op.Scope)}
		if described := operations[name]; described != nil {
			if buys, _ := described.Extensions["x-buys"].(bool); buys != op.Buys {
				t.Errorf("%s: the SDK says buys %t, the document's x-buys %t", name, op.Buys, buys)
			}
		}
	}
	marks := map[string]string{"D": "documented", "C": "assumed", "X": "extension"}
	for _, route := range sandbox.New().Routes() {
		box[route.Operation] = row{route.Method, route.Template, route.Scope}
		if described := operations[route.Operation]; described != nil && described.extension("x-status") != marks[route.Mark] {
			t.Errorf("%s: the sandbox's mark is %s, the document's x-status %s", route.Operation, route.Mark, described.extension("x-status"))
		}
	}
	names := map[string]bool{}
	for _, side := range []map[string]row{sdk, box, doc} {
		for name := range side {
			names[name] = true
		}
	}
	for name := range names {
		for side, rows := range map[string]map[string]row{"the SDK's table": sdk, "the sandbox": box, "the document": doc} {
			if _, ok := rows[name]; !ok {
				t.Errorf("%s is not in %s", name, side)
			}
		}
		if _, ok := box[name]; ok && sdk[name] != box[name] {
			t.Errorf("%s: SDK %v, sandbox %v", name, sdk[name], box[name])
		}
		if _, ok := doc[name]; ok && sdk[name] != doc[name] {
			t.Errorf("%s: SDK %v, document %v", name, sdk[name], doc[name])
		}
	}
}

// TestEveryOperationNamesItsSecurity finds operations that forgot the token.
func TestEveryOperationNamesItsSecurity(t *testing.T) {
	scopes := loadDocument(t).Components.Schemas["TokenCreate"].Value.Properties["scopes"].Value.Items.Value.Enum
	for name, op := range describedOperations(t) {
		if op.Security == nil || len(*op.Security) != 1 || (*op.Security)[0]["bearerAuth"] == nil {
			t.Errorf("%s does not ask for bearerAuth", name)
			continue
		}
		if scope := op.scope(); scope != "" && !slices.Contains(scopes, any(scope)) {
			t.Errorf("%s: %q is no scope", name, scope)
		}
		if !slices.Contains([]string{"documented", "assumed", "extension"}, op.extension("x-status")) {
			t.Errorf("%s has no x-status", name)
		}
	}
	if len(scopes) != len(hoster.AllScopes()) {
		t.Errorf("%d scopes in the document, %d in the SDK", len(scopes), len(hoster.AllScopes()))
	}
}

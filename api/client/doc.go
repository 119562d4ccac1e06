// Package client is a client of the API that oapi-codegen writes from
// ../openapi.yaml. Tests use it, to have a second client that shares nothing
// with the SDK; programs use the SDK.
package client

//go:generate go tool oapi-codegen -config config.yaml -o client.gen.go ../openapi.yaml

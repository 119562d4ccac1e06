//go:build !goexperiment.jsonv2

package contest

// EngineV2 tells whether encoding/json runs on its v2 engine. It does by
// default from Go 1.27 on, and on Go 1.26 with GOEXPERIMENT=jsonv2.
const EngineV2 = false

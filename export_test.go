package hoster

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"time"
)

// RaceEnabled says that the race detector runs, which changes what is counted.
const RaceEnabled = raceEnabled

// Row is what tests outside the package see of an operation.
type Row struct {
	Name            Operation
	Method, Path    string
	Scope           Scope
	Replay          Replay
	Buys, Mints     bool
	IsList, IfMatch bool
	NoData          bool
	LookUp          string
}

// Table returns the rows of the operation table.
func Table() []Row {
	rows := make([]Row, len(table))
	for i, op := range table {
		rows[i] = Row{op.name, op.method, op.path, op.scope, op.replay, op.buys, op.mints, op.perPage > 0, op.ifMatch, op.noData, op.lookUp}
	}
	return rows
}

// ProxyTransport is the default transport with a proxy.
func ProxyTransport(proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	t := NewTransport()
	t.Proxy = proxy
	return t
}

// Fill sets the value that make gives for its type.
func (o *Opt[T]) Fill(make func(reflect.Type) any) { *o = Set(make(reflect.TypeFor[T]()).(T)) }

// Change sets what change makes of the value, if there is one.
func (o *Opt[T]) Change(change func(any) any) {
	if value, ok := o.Get(); ok {
		*o = Set(change(value).(T))
	}
}

// Starting makes a hook for the start of one that returns nothing.
func Starting(hook func(context.Context, Event)) func(context.Context, Event) context.Context {
	return func(ctx context.Context, e Event) context.Context {
		hook(ctx, e)
		return nil
	}
}

// WaitForPoll waits for the next poll after one that took so long.
func WaitForPoll(ctx context.Context, took, pause time.Duration) error {
	p := polls{slowest: took}
	return p.wait(ctx, pause)
}

// Warnings are the plan's lines that say what somebody should know.
func (p *ZonePlan) Warnings() []string { return p.warnings() }

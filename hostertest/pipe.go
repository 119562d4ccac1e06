package hostertest

import (
	"context"
	"net"
	"sync"
)

// pipeListener accepts what its dial opens: net.Pipe connections, which block
// on channels only and so leave a fake clock running.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept waits for the next connection.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and refuses further connections.
func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns a loopback address.
func (l *pipeListener) Addr() net.Addr { return loopback }

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	var err error
	select {
	case l.conns <- loopbackConn{server}:
		return loopbackConn{client}, nil
	case <-l.closed:
		err = net.ErrClosed
	case <-ctx.Done():
		err = ctx.Err()
	}
	_ = client.Close()
	_ = server.Close()
	return nil, &net.OpError{Op: "dial", Net: "pipe", Addr: loopback, Err: err}
}

var loopback net.Addr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}

// loopbackConn gives a pipe an address that an allowlist can name.
type loopbackConn struct{ net.Conn }

func (loopbackConn) LocalAddr() net.Addr  { return loopback }
func (loopbackConn) RemoteAddr() net.Addr { return loopback }

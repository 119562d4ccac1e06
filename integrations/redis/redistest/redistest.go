// Package redistest runs a redis-server on loopback, for tests and measurements.
package redistest

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is a redis-server without persistence.
type Server struct {
	Address string
	process *exec.Cmd
}

// Start runs a redis-server on a free port. It must be installed, such as Debian's
// package redis-server.
func Start() (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{Address: listener.Addr().String()}
	if err := listener.Close(); err != nil {
		return nil, err
	}
	return s, s.StartAgain()
}

// StartAgain starts one that was killed, empty, at its old address.
func (s *Server) StartAgain() error {
	_, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		return err
	}
	s.process = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no")
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("redistest: redis-server is needed (apt-get install redis-server): %w", err)
	}
	client := redis.NewClient(&redis.Options{Addr: s.Address, MaxRetries: -1})
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		err := client.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			s.Kill()
			return fmt.Errorf("redistest: %w", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Kill ends it without a word.
func (s *Server) Kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// Client is a client as the documentation recommends it.
func (s *Server) Client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: s.Address, ContextTimeoutEnabled: true})
}

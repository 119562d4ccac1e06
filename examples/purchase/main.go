// Purchase registers a domain and waits until it is active, which can take days: a
// person pays the invoice, and the provider reviews the order. What is done and what
// is next stands in a SQLite file, as jobs of River. The program can be killed between
// any two steps: started again it goes on, and there is never a second order.
//
//	purchase [-db purchases.db] [-years 1] [-look 10m] example.com
//
// It talks to the provider of the environment: see hoster.NewClientFromEnv. One
// process at a time works on a file. It exits with 0 when the domain is active.
package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/go-hoster/hoster"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	file := flag.String("db", "purchases.db", "`file` that keeps what is done")
	years := flag.Int("years", 1, "years to register for")
	look := flag.Duration("look", 10*time.Minute, "look after the order at this `interval`")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	client, err := hoster.NewClientFromEnv(hoster.WithUserAgent("hoster-purchase"))
	if err == nil {
		err = (&shop{client: client, out: os.Stdout, look: *look}).buy(ctx, *file, flag.Arg(0), *years)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "purchase:", err)
		os.Exit(1)
	}
}

// shop buys domains.
type shop struct {
	client *hoster.Client
	out    io.Writer
	look   time.Duration
	hooks  []rivertype.Hook
	db     *sql.DB
}

// The states of a purchase, in their order. A failed one begins with "failed".
const (
	wanted  = "wanted"  // nothing is known of an order
	ordered = "ordered" // the order is known
	active  = "active"
)

const tables = `CREATE TABLE IF NOT EXISTS purchases (
	domain TEXT PRIMARY KEY, years INTEGER, idempotency_key TEXT, order_id TEXT, state TEXT)`

// buy works until the purchase of the domain has ended, well or not.
func (s *shop) buy(ctx context.Context, file, domain string, years int) error {
	var err error
	if s.db, err = sql.Open("sqlite", file+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)"); err != nil {
		return err
	}
	defer s.db.Close()
	s.db.SetMaxOpenConns(1) // SQLite has one writer
	jobs, err := s.prepare(ctx)
	if err != nil {
		return err
	}
	if err := s.want(ctx, jobs, domain, years); err != nil {
		return err
	}
	if err := jobs.Start(ctx); err != nil {
		return err
	}
	defer func() { _ = jobs.StopAndCancel(context.WithoutCancel(ctx)) }()
	for ticker := time.NewTicker(100 * time.Millisecond); ; {
		var state string
		err := s.db.QueryRowContext(ctx, `SELECT state FROM purchases WHERE domain = ?`, domain).Scan(&state)
		switch {
		case err != nil:
			return err
		case state == active:
			fmt.Fprintln(s.out, domain, "is active")
			return nil
		case state != wanted && state != ordered:
			return fmt.Errorf("%s: %s", domain, state)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// prepare brings the tables up to date.
func (s *shop) prepare(ctx context.Context) (*river.Client[*sql.Tx], error) {
	driver := riversqlite.New(s.db)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return nil, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, err
	}
	// A job that runs now is one of a process that was killed: nobody else works here.
	for _, statement := range []string{tables, `UPDATE river_job SET state = 'available' WHERE state = 'running'`} {
		if _, err := s.db.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(s.order))
	river.AddWorker(workers, river.WorkFunc(s.await))
	return river.NewClient(driver, &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}},
		Workers:           workers,
		Hooks:             s.hooks,
		FetchPollInterval: 100 * time.Millisecond,
	})
}

// want notes the purchase, once, with its first job.
func (s *shop) want(ctx context.Context, jobs *river.Client[*sql.Tx], domain string, years int) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO purchases VALUES (?, ?, ?, '', ?)`, domain, years, rand.Text(), wanted)
		if err != nil {
			return err
		}
		if fresh, err := result.RowsAffected(); err != nil || fresh == 0 {
			return err
		}
		_, err = jobs.InsertTx(ctx, tx, orderJob{domain}, nil)
		return err
	})
}

// orderJob orders the domain.
type orderJob struct {
	Domain string `json:"domain"`
}

func (orderJob) Kind() string { return "order" }

// order looks for the order first: a process that ended may have placed it. The
// idempotency key was noted before the first request, so a request that is still under
// way buys nothing twice either. Where a provider knows no keys, it refuses a second
// order of a name, and the next attempt finds the first.
func (s *shop) order(ctx context.Context, job *river.Job[orderJob]) error {
	domain := job.Args.Domain
	var key string
	var years int
	if err := s.db.QueryRowContext(ctx, `SELECT idempotency_key, years FROM purchases WHERE domain = ?`, domain).Scan(&key, &years); err != nil {
		return err
	}
	id, err := s.find(ctx, domain)
	if err == nil && id == "" {
		var bought hoster.DomainPurchase
		bought, err = s.client.Domains.Register(ctx, hoster.DomainRegistrationOrder{Domain: domain, Years: years}, hoster.WithIdempotencyKey(key))
		id = bought.Order.ID
	}
	switch {
	case errors.Is(err, hoster.ErrValidation), errors.Is(err, hoster.ErrInvalidArgument), errors.Is(err, hoster.ErrForbidden):
		return s.end(ctx, job.Args.Domain, "failed: "+err.Error(), func(tx *sql.Tx) error { return complete(ctx, tx, job) })
	case err != nil:
		return err // River tries again
	}
	fmt.Fprintln(s.out, domain, "is ordered:", id)
	return s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE purchases SET order_id = ?, state = ? WHERE domain = ?`, id, ordered, domain); err != nil {
			return err
		}
		if _, err := river.ClientFromContext[*sql.Tx](ctx).InsertTx(ctx, tx, awaitJob{domain, id}, nil); err != nil {
			return err
		}
		return complete(ctx, tx, job)
	})
}

// find returns the newest order of a domain that the account has; empty if it has
// none.
func (s *shop) find(ctx context.Context, domain string) (hoster.OrderID, error) {
	if _, err := s.client.Domains.Get(ctx, domain); errors.Is(err, hoster.ErrNotFound) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	var newest hoster.Order
	for order, err := range s.client.Orders.All(ctx, nil) {
		if err != nil {
			return "", err
		}
		for _, item := range order.Items {
			if item.Domain == domain && item.Type == hoster.OrderItemTypeDomainRegistration && !order.CreatedAt.Before(newest.CreatedAt) {
				newest = order
			}
		}
	}
	if newest.ID == "" {
		return "", fmt.Errorf("%s is in the account, and no order tells of it", domain)
	}
	return newest.ID, nil
}

// awaitJob looks after the order until it is paid and active.
type awaitJob struct {
	Domain string         `json:"domain"`
	Order  hoster.OrderID `json:"order"`
}

func (awaitJob) Kind() string { return "await" }

func (s *shop) await(ctx context.Context, job *river.Job[awaitJob]) error {
	order, err := s.client.Orders.Get(ctx, job.Args.Order)
	if err != nil {
		return err
	}
	state := active
	switch order.Status {
	case hoster.OrderStatusActive:
	case hoster.OrderStatusCancelled, hoster.OrderStatusFraud:
		state = "failed: order " + string(order.ID) + " is " + string(order.Status)
	default:
		return river.JobSnooze(s.look)
	}
	return s.end(ctx, job.Args.Domain, state, func(tx *sql.Tx) error { return complete(ctx, tx, job) })
}

// end notes how a purchase ended, together with the end of its job.
func (s *shop) end(ctx context.Context, domain, state string, complete func(*sql.Tx) error) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE purchases SET state = ? WHERE domain = ?`, state, domain); err != nil {
			return err
		}
		return complete(tx)
	})
}

func complete[T river.JobArgs](ctx context.Context, tx *sql.Tx, job *river.Job[T]) error {
	_, err := river.JobCompleteTx[*riversqlite.Driver](ctx, tx, job)
	return err
}

func (s *shop) transact(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

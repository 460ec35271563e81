// Tables behind one small door: SQLite when there is no server beside us, MySQL/MariaDB when there
// is. A unit is a function that gets a Tx and runs as one transaction on a database thread.
// Thread: call from anywhere; a Task resumes on the executor that awaited it (on a thread of the
// database if there was none).
// Not promised: an order between units that were in flight at the same time.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/overload.h"
#include "base/task.h"
#include "base/time.h"
#include "platform/sql/position.h"

namespace onsale::sql {

enum class Dialect { sqlite, mysql };

// A UNIQUE or PRIMARY KEY stood in the way.
struct UniqueViolation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Anything else the database refused: disk full, lost connection, wrong SQL. One line.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// Those that pass without a change of ours: the server comes back, somebody makes room, a rival is
// done. Answered 503, not 500, and never a reason to give an event up. After a lost answer to
// COMMIT the change may have been made.
struct Outage : Failure {
  using Failure::Failure;
};

using Value = std::variant<std::monostate, std::int64_t, double, std::string>;
// What a placeholder gets; text must live until the statement has run.
using Param = std::variant<std::monostate, std::int64_t, double, std::string_view>;

// The back-end's side of a running query. Columns count from 0.
class Cursor {
 public:
  virtual bool next() = 0;
  virtual void close() noexcept = 0;
  virtual std::size_t columns() const = 0;
  virtual bool null(std::size_t column) = 0;
  virtual std::int64_t integer(std::size_t column) = 0;
  virtual double real(std::size_t column) = 0;
  virtual std::string_view text(std::size_t column) = 0;  // valid until next() or close()
  virtual Value value(std::size_t column) = 0;

 protected:
  ~Cursor() = default;
};

// The back-end's side of a connection. Statements are prepared once and kept by their text.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual Dialect dialect() const = 0;
  virtual std::int64_t exec(std::string_view sql, std::span<const Param> params) = 0;
  virtual Cursor& open(std::string_view sql, std::span<const Param> params) = 0;
  // One statement without parameters, not prepared and not kept: for DDL.
  virtual void direct(std::string_view sql) = 0;
};

namespace detail {

[[noreturn]] void refuse_number();
[[noreturn]] void refuse_null(std::size_t column);
[[noreturn]] void refuse_columns(std::string_view sql, std::size_t asked, std::size_t there);

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class A>
Param to_param(const A& arg) {
  if constexpr (std::is_same_v<A, std::nullopt_t> || std::is_same_v<A, std::nullptr_t>) {
    return std::monostate{};
  } else if constexpr (IsOptional<A>::value) {
    return arg ? to_param(*arg) : Param{};
  } else if constexpr (std::is_same_v<A, Param>) {
    return arg;
  } else if constexpr (std::is_same_v<A, Value>) {
    return std::visit([](const auto& v) -> Param { return to_param(v); }, arg);
  } else if constexpr (std::is_same_v<A, std::monostate>) {
    return arg;
  } else if constexpr (std::is_same_v<A, Timestamp>) {
    return to_unix_ms(arg);
  } else if constexpr (std::is_integral_v<A>) {
    if (!std::in_range<std::int64_t>(
            static_cast<std::conditional_t<std::is_same_v<A, bool>, int, A>>(arg))) {
      refuse_number();
    }
    return static_cast<std::int64_t>(arg);
  } else if constexpr (std::is_floating_point_v<A>) {
    return static_cast<double>(arg);
  } else {
    return std::string_view(arg);
  }
}

template <class C>
C from_column(Cursor& cursor, std::size_t column) {
  if constexpr (IsOptional<C>::value) {
    if (cursor.null(column)) return std::nullopt;
    return from_column<typename C::value_type>(cursor, column);
  } else if constexpr (std::is_same_v<C, Value>) {
    return cursor.value(column);
  } else {
    if (cursor.null(column)) refuse_null(column);
    if constexpr (std::is_same_v<C, bool>) {
      return cursor.integer(column) != 0;
    } else if constexpr (std::is_same_v<C, Timestamp>) {
      return from_unix_ms(cursor.integer(column));
    } else if constexpr (std::is_integral_v<C>) {
      const std::int64_t number = cursor.integer(column);
      if (!std::in_range<C>(number)) refuse_number();
      return static_cast<C>(number);
    } else if constexpr (std::is_floating_point_v<C>) {
      return static_cast<C>(cursor.real(column));
    } else {
      return C(cursor.text(column));
    }
  }
}

struct CloseCursor {
  void operator()(Cursor* cursor) const noexcept { cursor->close(); }
};

}  // namespace detail

// One transaction; valid only inside the unit that received it, on that thread.
// Arguments and columns: bool, integers, double, std::string(_view), Timestamp (Unix ms), Value and
// std::optional of those; std::nullopt. Text may hold any bytes, NUL included (in {{blob}}
// columns). A NULL in a column that is not optional, a number that does not fit, or another number
// of columns throws Failure.
class Tx {
 public:
  Tx(Connection& connection, const Clock& clock) : connection_(connection), clock_(clock) {}
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;

  Dialect dialect() const { return connection_.dialect(); }

  // Runs one statement with `?` placeholders and returns how many rows it inserted, deleted or (for
  // UPDATE) matched. MySQL counts a row that INSERT … ON DUPLICATE KEY UPDATE changed as two.
  // Throws UniqueViolation, Failure. Statements are kept prepared by their text: keep texts few.
  template <class... A>
  std::int64_t exec(std::string_view sql, const A&... args) {
    const std::array<Param, sizeof...(A)> params{detail::to_param(args)...};
    return connection_.exec(sql, params);
  }

  // All rows. In a write, a trailing " FOR UPDATE" locks the rows on MySQL; SQLite has one writer
  // and ignores it.
  template <class... Columns, class... A>
  std::vector<std::tuple<Columns...>> query(std::string_view sql, const A&... args) {
    const std::array<Param, sizeof...(A)> params{detail::to_param(args)...};
    return query_with<Columns...>(sql, params);
  }

  // The first row, if there is one.
  template <class... Columns, class... A>
  std::optional<std::tuple<Columns...>> one(std::string_view sql, const A&... args) {
    const std::array<Param, sizeof...(A)> params{detail::to_param(args)...};
    const auto cursor = open<Columns...>(sql, params);
    if (!cursor->next()) return std::nullopt;
    return row<Columns...>(*cursor, std::index_sequence_for<Columns...>{});
  }

  // The same with a list of arguments that is only known at run time.
  std::int64_t exec_with(std::string_view sql, std::span<const Param> params) {
    return connection_.exec(sql, params);
  }
  template <class... Columns>
  std::vector<std::tuple<Columns...>> query_with(std::string_view sql,
                                                 std::span<const Param> params) {
    std::vector<std::tuple<Columns...>> rows;
    const auto cursor = open<Columns...>(sql, params);
    while (cursor->next()) {
      rows.push_back(row<Columns...>(*cursor, std::index_sequence_for<Columns...>{}));
    }
    return rows;
  }

  // Writes an event into the outbox: it exists exactly when this transaction commits. Publish after
  // the statement that claims the subject's row, then events of one key keep their order.
  void publish(std::string_view topic, std::string_view key, std::string_view json);

  // For migrations only: one statement as it stands.
  void direct(std::string_view sql) { connection_.direct(sql); }
  bool published() const { return published_; }

 private:
  template <class... Columns>
  std::unique_ptr<Cursor, detail::CloseCursor> open(std::string_view sql,
                                                    std::span<const Param> params) {
    std::unique_ptr<Cursor, detail::CloseCursor> cursor(&connection_.open(sql, params));
    if (cursor->columns() != sizeof...(Columns)) {
      detail::refuse_columns(sql, sizeof...(Columns), cursor->columns());
    }
    return cursor;
  }
  template <class... Columns, std::size_t... I>
  static std::tuple<Columns...> row(Cursor& cursor, std::index_sequence<I...>) {
    return std::tuple<Columns...>{detail::from_column<Columns>(cursor, I)...};
  }

  Connection& connection_;
  const Clock& clock_;
  bool published_ = false;
};

// A unit on its way through the back-end's queues. Exactly one of succeed and fail is called.
class Unit {
 public:
  virtual ~Unit() = default;
  virtual void run(Tx& tx) = 0;  // again after a rollback, if need be
  virtual void succeed() noexcept = 0;
  virtual void fail(std::exception_ptr error) noexcept = 0;
  Executor* home() const { return home_; }  // where its awaiter is; null when on no executor
  std::chrono::steady_clock::time_point queued_at() const { return queued_at_; }
  // What a replica must show before it may run this unit; empty: only the primary may.
  const std::optional<Position>& after() const { return after_; }

 protected:
  std::optional<Position> after_;

 private:
  Executor* home_ = Executor::current();
  std::chrono::steady_clock::time_point queued_at_ = std::chrono::steady_clock::now();
};

enum class Lane { write, read };

struct Statistics {
  std::uint64_t writes = 0;     // units that committed
  std::uint64_t reads = 0;      // units that finished
  std::uint64_t failures = 0;   // units that ended in an exception
  std::uint64_t commits = 0;    // transactions; fewer than writes under group commit
  std::uint64_t retries = 0;    // units run again after a deadlock or a lost connection
  std::uint64_t overloads = 0;  // units turned away
  std::size_t write_queue = 0;  // waiting now
  std::size_t read_queue = 0;
};

// A server that repeats what the primary does.
struct Replica {
  std::string place;  // host:port
  bool up = false;
  Millis lag{0};             // from a commit on the primary to its being seen here, the last time
  std::uint64_t reads = 0;   // units that it served
  std::uint64_t behind = 0;  // units that went to the primary because it did not have what they
  std::uint64_t lost = 0;    // must see, or because it could not be asked
};

// Goes along with a Task whose reads need not be the newest: replicas that got so far may do.
struct ReadsAfter final : TaskContext {
  explicit ReadsAfter(Position after) : position(std::move(after)) {}
  const Position position;
};

class Database {
 public:
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  // Closes.
  virtual ~Database() = default;
  // Finishes what is queued, hands every outcome to its awaiter's executor and joins the database's
  // threads; from then on write and read throw Failure. Call it while those executors and whatever
  // the awaiters touch still live. Idempotent. Never on a database thread; blocks.
  virtual void close() = 0;
  virtual Dialect dialect() const = 0;
  virtual const Clock& clock() const = 0;
  virtual Statistics statistics() const = 0;
  // As far as this process knows the primary's history: every commit that finished here is in it.
  // Empty where there are no replicas. Any thread.
  virtual Position position() const { return {}; }
  virtual std::vector<Replica> replicas() const { return {}; }
  // `wake` is called on a database thread after a commit that published. Null clears it.
  virtual void on_publish(std::function<void()> wake) = 0;

  // One transaction on the writer. `unit(Tx&)` runs on a database thread and may run again, on
  // either dialect: after a deadlock or a lost connection on MySQL; on SQLite, where units share a
  // commit, when a neighbour of its group failed, although nothing was wrong with this one. So: no
  // side effects outside the Tx, set captured results afresh in each run, and move nothing out of
  // the captures. What it throws rolls it back (it alone) and is rethrown here. Throws Overloaded
  // when the queue is full. The commit is durable (fsync) before this finishes. Failure may mean
  // "unknown" when the answer to COMMIT was lost.
  template <class F>
  Task<std::invoke_result_t<F&, Tx&>> write(F unit) {
    return run(Lane::write, std::move(unit), std::nullopt);
  }

  // One snapshot on the reader pool. Sees everything committed before the call; within a
  // ReadsAfter only what that asks for, see read_after().
  template <class F>
  Task<std::invoke_result_t<F&, Tx&>> read(F unit) {
    return run(Lane::read, std::move(unit), std::nullopt);
  }

  // One snapshot of a replica, which shows everything up to `after`, and what came later perhaps.
  // When none has got so far, the primary serves it, as read() does.
  template <class F>
  Task<std::invoke_result_t<F&, Tx&>> read_after(Position after, F unit) {
    return run(Lane::read, std::move(unit), std::move(after));
  }

 protected:
  Database() = default;
  // Throws Overloaded, or Failure while closing.
  virtual void submit(Lane lane, std::unique_ptr<Unit> unit) = 0;

 private:
  template <class F, class R>
  class Job final : public Unit {
   public:
    using Stored = std::conditional_t<std::is_void_v<R>, std::monostate, R>;
    Job(F unit, std::optional<Position> after) : unit_(std::move(unit)) {
      after_ = std::move(after);
    }
    void run(Tx& tx) override {
      if constexpr (std::is_void_v<R>) {
        unit_(tx);
        value_.emplace();
      } else {
        value_.emplace(unit_(tx));
      }
    }
    void succeed() noexcept override { done_.set(std::move(*value_)); }
    void fail(std::exception_ptr error) noexcept override { done_.fail(std::move(error)); }
    OneShot<Stored> done() const { return done_; }

   private:
    F unit_;
    std::optional<Stored> value_;
    OneShot<Stored> done_;
  };

  template <class F, class R = std::invoke_result_t<F&, Tx&>>
  Task<R> run(Lane lane, F unit, std::optional<Position> after) {
    if (lane == Lane::read && !after) {
      const TaskContext* context = co_await task_context();
      if (const auto* reads = dynamic_cast<const ReadsAfter*>(context)) after = reads->position;
    }
    auto job = std::make_unique<Job<F, R>>(std::move(unit), std::move(after));
    auto done = job->done();
    submit(lane, std::move(job));
    if constexpr (std::is_void_v<R>) {
      co_await done.wait();
    } else {
      auto value = co_await done.wait();
      co_return value;
    }
  }
};

struct DatabaseConfig {
  // "sqlite:PATH", "mysql://user:password@host:port/database" or
  // "mysql:unix_socket=/run/mysqld/mysqld.sock;db=onsale;user=onsale;password=…".
  std::string url;
  int readers = 4;                 // threads with a connection each
  int writers = 8;                 // likewise; SQLite always has one
  std::size_t queue_max = 10'000;  // units waiting per lane, then Overloaded
  // On MySQL: what waited so long is not begun any more, Overloaded.
  Millis wait_max = std::chrono::seconds(3);
  // On MySQL: URLs of servers that repeat what `url`'s does; read_after() asks them.
  std::vector<std::string> replicas{};
  int replica_readers = 10;      // connections to each
  const Clock* clock = nullptr;  // the wall clock when null; must outlive the database
  // Also while a server runs on the same data: only reads, or with `beside_writes` a short write
  // that the server expects from outside.
  bool beside = false;
  bool beside_writes = false;
  // One server at a time: open() refuses while another one has the data. SQLite always does so; on
  // MySQL a lock of the server's, see mysql_owner.h.
  bool alone = false;
  // Called once, on a thread of the database, when another server had the data meanwhile: nothing
  // is read or written any more, and what this process keeps in memory is out of date.
  std::function<void(const std::string& why)> displaced{};
};

// Throws Failure with a one-line reason that says what to do.
std::unique_ptr<Database> open(const DatabaseConfig& config);

}  // namespace onsale::sql

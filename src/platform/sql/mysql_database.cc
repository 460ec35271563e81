// MySQL and MariaDB: a pool of writers and a pool of readers, a connection and a thread each. One
// unit is one transaction; the server groups their commits.
#include <chrono>
#include <random>
#include <thread>

#include "base/log.h"
#include "platform/sql/engine.h"
#include "platform/sql/mysql_connection.h"
#include "platform/sql/mysql_owner.h"
#include "platform/sql/mysql_replicas.h"

namespace onsale::sql {

namespace {

constexpr int kDeadlocksMax = 20;             // attempts of one unit before its Failure
constexpr int kReconnectsMax = 6;             // with the pauses below about three seconds
constexpr std::chrono::seconds kUnitMax{30};  // the outbox counts on it, see outbox_relay.cc
constexpr Millis kPauseFirst{2};
constexpr Millis kPauseMax{1'000};

// Doubles with every attempt; half of it is chance, so that two units do not meet again.
void pause(int attempt, Millis first) {
  thread_local std::minstd_rand chance{std::random_device{}()};
  const auto most =
      std::min<std::int64_t>(first.count() << std::min(attempt, 20), kPauseMax.count());
  std::uniform_int_distribution<std::int64_t> pick(most / 2, most);
  std::this_thread::sleep_for(Millis(pick(chance)));
}

class MysqlDatabase final : public Engine {
 public:
  MysqlDatabase(const MysqlAddress& address, const DatabaseConfig& config)
      : Engine(config), wait_max_(config.wait_max) {
    if (config.alone && !config.beside) {
      owner_ = std::make_unique<MysqlOwner>(address, clock(), config.displaced);
    }
    for (int i = 0; i < std::max(1, config.writers); ++i) {
      writers_.push_back(std::make_unique<MysqlConnection>(address, MysqlConnection::Use::write,
                                                           !config.replicas.empty()));
    }
    for (int i = 0; i < std::max(1, config.readers); ++i) {
      readers_.push_back(std::make_unique<MysqlConnection>(address, MysqlConnection::Use::read));
    }
    warn_about_durability(*writers_.front());
    for (auto& writer : writers_) start_thread([this, &writer] { loop(Lane::write, *writer); });
    for (auto& reader : readers_) start_thread([this, &reader] { loop(Lane::read, *reader); });
    if (config.replicas.empty()) return;
    replicas_ = std::make_unique<MysqlReplicas>(
        config, MysqlReplicas::Ports{
                    .clock = clock(),
                    .primary = [this](std::unique_ptr<Unit> unit) { hand_over(std::move(unit)); },
                    .settle =
                        [this](std::unique_ptr<Unit> unit, std::exception_ptr error) {
                          settle(Lane::read, std::move(unit), std::move(error));
                        },
                    .newest = [this] { return position(); }});
  }
  ~MysqlDatabase() override { close(); }

  void close() override {
    if (replicas_) replicas_->close();
    Engine::close();
  }
  Dialect dialect() const override { return Dialect::mysql; }
  Position position() const override {
    std::lock_guard lock(position_mutex_);
    return position_;
  }
  std::vector<Replica> replicas() const override {
    return replicas_ ? replicas_->statistics() : std::vector<Replica>{};
  }

 private:
  void submit(Lane which, std::unique_ptr<Unit> unit) override {
    if (which == Lane::read && unit->after() && replicas_ && replicas_->take(unit)) return;
    Engine::submit(which, std::move(unit));
  }

  // What a replica could not serve.
  void hand_over(std::unique_ptr<Unit> unit) {
    try {
      if (lane(Lane::read).push(unit)) return;
    } catch (const Failure&) {
      return settle(Lane::read, std::move(unit), std::current_exception());
    }
    settle(Lane::read, std::move(unit), too_much());
  }

  static std::exception_ptr too_much() {
    return std::make_exception_ptr(Overloaded("the database has too much to do"));
  }

  static void warn_about_durability(MysqlConnection& connection) {
    const std::string flush = connection.variable("innodb_flush_log_at_trx_commit");
    if (flush != "1") {
      log::warn("sql",
                "the database server may lose acknowledged commits when its machine fails: set "
                "innodb_flush_log_at_trx_commit=1",
                {{"innodb_flush_log_at_trx_commit", flush}});
    }
  }

  void loop(Lane which, MysqlConnection& connection) {
    for (;;) {
      auto units = lane(which).pop(1);
      if (units.empty()) return;
      const bool late = std::chrono::steady_clock::now() - units[0]->queued_at() > wait_max_;
      auto error = late ? too_much() : run(which, connection, *units[0]);
      settle(which, std::move(units[0]), std::move(error));
    }
  }

  // Runs the unit to its end: again after a deadlock and, as long as COMMIT was not sent, after a
  // lost connection.
  std::exception_ptr run(Lane which, MysqlConnection& connection, Unit& unit) {
    int deadlocks = 0;
    int reconnects = 0;
    for (;;) {
      bool committing = false;
      auto error = attempt(which, connection, unit, committing);
      switch (connection.state()) {
        case MysqlConnection::State::sound:
          return error;
        case MysqlConnection::State::rolled_back:
          if (++deadlocks >= kDeadlocksMax) return error;
          pause(deadlocks, kPauseFirst);
          break;
        case MysqlConnection::State::lost:
          if (committing) return unknown_outcome();
          if (++reconnects >= kReconnectsMax) return error;
          // The first time it may be an idle connection that the server closed.
          if (reconnects > 1) pause(reconnects, Millis(40));
          break;
      }
      count_retry();
    }
  }

  static std::exception_ptr unknown_outcome() {
    return std::make_exception_ptr(
        Outage("the connection was lost while committing: the change may or may not have been "
               "made; ask again with the same key"));
  }

  // Null when the unit committed. A connection that is not sound afterwards asks for another try.
  std::exception_ptr attempt(Lane which, MysqlConnection& connection, Unit& unit,
                             bool& committing) {
    try {
      if (owner_) {
        if (connection.state() == MysqlConnection::State::lost) owner_->doubt();
        owner_->check();
      }
      connection.begin();
      const auto began = std::chrono::steady_clock::now();
      Tx tx(connection, clock());
      unit.run(tx);
      if (connection.state() != MysqlConnection::State::sound) {
        // The unit swallowed the error that ended its transaction.
        return std::make_exception_ptr(Outage("the transaction was rolled back"));
      }
      if (tx.published() && std::chrono::steady_clock::now() - began > kUnitMax) {
        throw Outage("the unit took longer than 30 seconds");
      }
      committing = which == Lane::write;
      connection.commit();
      if (which == Lane::write) {
        count_commit();
        reach(connection.committed());
      }
      if (tx.published()) wake_subscribers();
      return nullptr;
    } catch (...) {
      const auto error = std::current_exception();
      if (connection.state() == MysqlConnection::State::sound) connection.roll_back();
      return error;
    }
  }

  void reach(const std::string& committed) {
    if (committed.empty()) return;
    const Position here = Position::parse(committed);
    std::lock_guard lock(position_mutex_);
    position_.reach(here);
  }

  const Millis wait_max_;
  mutable std::mutex position_mutex_;
  Position position_;
  std::unique_ptr<MysqlOwner> owner_;  // null: others may use the data, too
  std::vector<std::unique_ptr<MysqlConnection>> writers_;
  std::vector<std::unique_ptr<MysqlConnection>> readers_;
  std::unique_ptr<MysqlReplicas> replicas_;  // null: there are none
};

}  // namespace

std::unique_ptr<Database> open_mysql(const std::string& url, const DatabaseConfig& config) {
  return std::make_unique<MysqlDatabase>(parse_mysql_url(url), config);
}

}  // namespace onsale::sql

#include "platform/sql/mysql_replicas.h"

#include <algorithm>
#include <atomic>

#include "base/log.h"

namespace onsale::sql {

namespace {

constexpr Millis kPatience{50};  // with a replica that is behind; then the primary serves the unit
constexpr Millis kBeat{1'000};   // of the watch
constexpr std::size_t kQueueMax = 1'000;  // units waiting for one replica; more go to the primary

using Steady = std::chrono::steady_clock;

}  // namespace

struct MysqlReplicas::Server {
  explicit Server(const std::string& url)
      : address(parse_mysql_url(url)), place(place_of(address)), units(kQueueMax) {}

  const MysqlAddress address;
  const std::string place;
  UnitQueue units;
  std::atomic<bool> up{false};
  std::atomic<bool> told{false};  // that it is down
  std::atomic<std::int64_t> lag_ms{0};
  std::atomic<std::uint64_t> reads{0}, behind{0}, lost{0};
};

MysqlReplicas::MysqlReplicas(const DatabaseConfig& config, Ports ports) : ports_(std::move(ports)) {
  for (const auto& url : config.replicas) servers_.push_back(std::make_unique<Server>(url));
  for (auto& server : servers_) {
    threads_.emplace_back([this, &server] { watch(*server); });
    for (int i = 0; i < std::max(1, config.replica_readers); ++i) {
      threads_.emplace_back([this, &server] { serve(*server); });
    }
  }
}

MysqlReplicas::~MysqlReplicas() { close(); }

void MysqlReplicas::close() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (auto& server : servers_) {
    server->up = false;
    server->units.close();
  }
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

bool MysqlReplicas::take(std::unique_ptr<Unit>& unit) {
  Server* least = nullptr;
  std::size_t waiting = kQueueMax;
  for (auto& server : servers_) {
    const std::size_t queue = server->up ? server->units.size() : kQueueMax;
    if (queue >= waiting) continue;
    least = server.get();
    waiting = queue;
  }
  try {
    return least && least->units.push(unit);
  } catch (const Failure&) {
    return false;  // closing: the primary says so
  }
}

std::vector<Replica> MysqlReplicas::statistics() const {
  std::vector<Replica> out;
  for (const auto& server : servers_) {
    out.push_back({.place = server->place,
                   .up = server->up,
                   .lag = Millis(server->lag_ms),
                   .reads = server->reads,
                   .behind = server->behind,
                   .lost = server->lost});
  }
  return out;
}

void MysqlReplicas::serve(Server& server) {
  std::unique_ptr<MysqlConnection> connection;
  Position seen;  // of this connection's server
  for (;;) {
    auto units = server.units.pop(1);
    if (units.empty()) return;
    std::exception_ptr error;
    if (server.up && attempt(server, connection, seen, *units[0], error)) {
      ports_.settle(std::move(units[0]), std::move(error));
    } else {
      ports_.primary(std::move(units[0]));
    }
  }
}

// False when the primary has to do it. What the unit itself throws is its outcome; what the server
// throws is not: it may lack a table that the primary has since a moment ago.
bool MysqlReplicas::attempt(Server& server, std::unique_ptr<MysqlConnection>& connection,
                            Position& seen, Unit& unit, std::exception_ptr& error) {
  try {
    if (!connection) {
      seen = {};
      connection = std::make_unique<MysqlConnection>(server.address, MysqlConnection::Use::replica);
    }
    if (!seen.covers(*unit.after())) {
      seen.reach(connection->applied(*unit.after(), kPatience));
      if (!seen.covers(*unit.after())) {
        ++server.behind;
        return false;
      }
    }
    connection->begin();
    Tx tx(*connection, ports_.clock);
    unit.run(tx);
    connection->commit();
  } catch (const Failure& failure) {
    ++server.lost;
    if (connection && connection->state() == MysqlConnection::State::sound) {
      connection->roll_back();
      log::debug("sql", "a replica can't serve what the primary may",
                 {{"replica", server.place}, {"why", failure.what()}});
    } else {
      connection.reset();
      down(server, failure.what());
    }
    return false;
  } catch (...) {
    connection->roll_back();
    error = std::current_exception();
  }
  ++server.reads;
  return true;
}

void MysqlReplicas::down(Server& server, const std::string& why) {
  server.up = false;
  if (server.told.exchange(true)) return;
  log::warn("sql", "a replica is not there; the primary serves its reads",
            {{"replica", server.place}, {"why", why}});
}

// Asks every second how far it is, and with that whether it is there.
void MysqlReplicas::watch(Server& server) {
  std::unique_ptr<MysqlConnection> connection;
  Position measured;
  do {
    try {
      if (!connection) {
        measured = {};
        connection =
            std::make_unique<MysqlConnection>(server.address, MysqlConnection::Use::replica);
      }
      measure(server, *connection, measured);
      if (!server.up.exchange(true)) {
        server.told = false;
        log::info("sql", "a replica serves reads", {{"replica", server.place}});
      }
    } catch (const std::exception& error) {
      connection.reset();
      down(server, error.what());
    }
  } while (rest(kBeat));
}

// From the newest commit that this process knows of now to its being seen there.
void MysqlReplicas::measure(Server& server, MysqlConnection& connection, Position& measured) {
  const Position newest = ports_.newest();
  if (measured.covers(newest)) {  // nothing happened: is it there at all?
    connection.begin();
    connection.commit();
    return;
  }
  const auto began = Steady::now();
  measured.reach(connection.applied(newest, kBeat));
  const auto took = std::chrono::duration_cast<Millis>(Steady::now() - began);
  if (measured.covers(newest)) {
    server.lag_ms = took.count();
  } else {
    server.lag_ms += took.count();
  }
}

bool MysqlReplicas::rest(Millis time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return closing_; });
  return !closing_;
}

}  // namespace onsale::sql

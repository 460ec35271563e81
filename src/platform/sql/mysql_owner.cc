#include "platform/sql/mysql_owner.h"

#include <random>

#include "base/log.h"

namespace onsale::sql {

namespace {

constexpr std::chrono::seconds kBeat{1};
constexpr std::chrono::seconds kFresh{5};  // the lock was seen ours not longer ago than this
constexpr Millis kPatience{300};           // of a transaction, for the next look
constexpr int kStartWaitS = 3;             // the server may not have noticed yet that one ended
constexpr int kIdleS = 30;                 // then the server ends a session whose host is gone
constexpr std::size_t kNameMax = 64;       // of a lock, in MySQL

std::string lock_name(const std::string& database) {
  std::string plain = "onsale." + database;
  if (plain.size() <= kNameMax) return plain;
  const auto hash = std::to_string(std::hash<std::string>{}(database));
  return plain.substr(0, kNameMax - hash.size() - 1) + "." + hash;
}

std::string random_nonce() {
  std::random_device random;
  std::string out;
  for (int i = 0; i < 4; ++i) out += std::to_string(random()) + (i < 3 ? "-" : "");
  return out;
}

template <class T>
std::optional<T> first(MysqlConnection& connection, const Clock& clock, std::string_view sql,
                       const std::string& argument) {
  Tx tx(connection, clock);
  const auto row = tx.one<std::optional<T>>(sql, argument);
  return row ? std::get<0>(*row) : std::nullopt;
}

}  // namespace

MysqlOwner::MysqlOwner(const MysqlAddress& address, const Clock& clock, Displaced displaced)
    : database_(address.database),
      name_(lock_name(address.database)),
      nonce_(random_nonce()),
      clock_(clock),
      displaced_(std::move(displaced)),
      connection_(address, MysqlConnection::Use::write) {
  connection_.begin();
  if (!lock(kStartWaitS)) {
    throw Failure("another onsale server" + holder() + " uses the database " + database_ +
                  ": one at a time; stop it or choose another database");
  }
  connection_.commit();
  if (look() != Seen::ours) throw Outage("the lock of the database " + database_ + " was lost");
  seen_ = Steady::now();
  watcher_ = std::thread([this] { watch(); });
}

MysqlOwner::~MysqlOwner() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  watcher_.join();
}

void MysqlOwner::check() {
  const auto ours = [this] { return seen_ > doubted_ && Steady::now() - seen_ < kFresh; };
  std::unique_lock lock(mutex_);
  if (!gone_ && !ours()) changed_.wait_for(lock, kPatience, [&] { return gone_ || ours(); });
  if (gone_) throw Failure("another onsale server took the database " + database_);
  if (!ours()) throw Outage("nobody knows whether the database " + database_ + " is still ours");
}

void MysqlOwner::doubt() {
  std::lock_guard lock(mutex_);
  doubted_ = Steady::now();
  hurry_ = true;
  changed_.notify_all();
}

void MysqlOwner::watch() {
  bool told = false;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kBeat, [this] { return stopping_ || hurry_; });
      if (stopping_) return;
      hurry_ = false;
    }
    const auto began = Steady::now();
    const Seen seen = look();
    if (seen == Seen::away && !std::exchange(told, true)) {
      log::warn("sql", "the database's lock can't be seen", {{"database", database_}});
    }
    if (seen == Seen::ours) told = false;
    {
      std::lock_guard lock(mutex_);
      if (seen == Seen::ours) seen_ = began;
      if (seen == Seen::taken) gone_ = true;
    }
    changed_.notify_all();
    if (seen != Seen::taken) continue;
    const std::string why = "another onsale server took the database " + database_;
    log::error("sql", "this server ends its work", {{"why", why}});
    if (displaced_) displaced_(why);
    return;
  }
}

// Takes the lock again when the connection had been lost.
MysqlOwner::Seen MysqlOwner::look() {
  try {
    connection_.begin();
    const bool held = first<int>(connection_, clock_,
                                 "SELECT COALESCE(IS_USED_LOCK(?) = CONNECTION_ID(), 0)", name_)
                          .value_or(0) == 1;
    // Our own old session may have it still, as far as the server knows: the row tells.
    const bool locked = held || lock(0);
    const Seen seen = whose(held);
    connection_.commit();
    if (seen != Seen::ours) return seen;
    written_ = written_ || has_table_;
    return locked ? Seen::ours : Seen::away;
  } catch (const std::exception& error) {
    log::debug("sql", "no look at the database's lock", {{"why", error.what()}});
    connection_.roll_back();
    return Seen::away;
  }
}

bool MysqlOwner::lock(int wait_s) {
  connection_.direct("SET SESSION wait_timeout=" + std::to_string(kIdleS));
  const std::string text = "SELECT GET_LOCK(?, " + std::to_string(wait_s) + ")";
  return first<int>(connection_, clock_, text, name_).value_or(0) == 1;
}

// What the row says. It is written on the first occasion, for which the lock was never let go: the
// table comes with the first migration.
MysqlOwner::Seen MysqlOwner::whose(bool held) {
  Tx tx(connection_, clock_);
  if (written_) {
    const auto row = tx.one<std::string>("SELECT nonce FROM platform_owner WHERE id = 1");
    return row && std::get<0>(*row) == nonce_ ? Seen::ours : Seen::taken;
  }
  if (!held) return Seen::taken;
  has_table_ = tx.one<int>(
                     "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() "
                     "AND table_name = 'platform_owner'")
                   .has_value();
  if (has_table_) {
    tx.exec("REPLACE INTO platform_owner (id, nonce, since) VALUES (1, ?, ?)", nonce_,
            clock_.now());
  }
  return Seen::ours;
}

std::string MysqlOwner::holder() {
  try {
    const auto host = first<std::string>(connection_, clock_,
                                         "SELECT host FROM information_schema.processlist WHERE "
                                         "id = IS_USED_LOCK(?)",
                                         name_);
    return host && !host->empty() ? " (" + *host + ")" : "";
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace onsale::sql

// Keeps a second server off the same MySQL database for as long as this process lives: a named lock
// (GET_LOCK) on a connection of its own, which goes with the connection, so also with kill -9. When
// the connection is lost the lock is taken again; until then nothing is read or written, and never
// again when another server had the data meanwhile (a row says whose they are): what this process
// remembers would be out of date.
// Not promised: a lock across the nodes of a Galera cluster (use one of them), and that nobody
// writes in the second between the loss of this connection alone and its being noticed.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "platform/sql/mysql_connection.h"

namespace onsale::sql {

class MysqlOwner {
 public:
  using Displaced = std::function<void(const std::string& why)>;

  // Throws Failure with one line when another server has the lock.
  MysqlOwner(const MysqlAddress& address, const Clock& clock, Displaced displaced);
  MysqlOwner(const MysqlOwner&) = delete;
  MysqlOwner& operator=(const MysqlOwner&) = delete;
  ~MysqlOwner();  // frees the lock

  // Before every transaction. Waits a moment, then throws Outage, while the lock is not known to be
  // ours; throws Failure for good once it was another's. Any thread.
  void check();
  // A connection was lost: the server may have forgotten the lock with it. From now on the lock
  // must have been seen again. Any thread.
  void doubt();

 private:
  using Steady = std::chrono::steady_clock;
  enum class Seen { ours, away, taken };

  void watch();
  Seen look();
  bool lock(int wait_s);
  Seen whose(bool held);
  std::string holder();

  const std::string database_;
  const std::string name_;
  const std::string nonce_;
  const Clock& clock_;
  const Displaced displaced_;
  MysqlConnection connection_;  // the watcher's, once the constructor is done
  bool has_table_ = false;
  bool written_ = false;  // the row said that the data are ours

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Steady::time_point seen_{};     // when a look began that found the lock ours
  Steady::time_point doubted_{};  // only what was seen after this counts
  bool hurry_ = false;
  bool gone_ = false;
  bool stopping_ = false;
  std::thread watcher_;
};

}  // namespace onsale::sql

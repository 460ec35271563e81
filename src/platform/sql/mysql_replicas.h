// Servers that repeat what the primary does: reads that may be a little behind, and say how far
// back is too far. Each has its connections, a thread each, and one more that measures how far
// behind it is and finds out when it answers again. Whatever a replica can't serve, the primary
// does.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "platform/sql/engine.h"
#include "platform/sql/mysql_connection.h"

namespace onsale::sql {

class MysqlReplicas {
 public:
  struct Ports {
    const Clock& clock;
    // The primary's turn. Takes the unit for good.
    std::function<void(std::unique_ptr<Unit>)> primary;
    std::function<void(std::unique_ptr<Unit>, std::exception_ptr)> settle;
    std::function<Position()> newest;  // that was committed here
  };

  // A replica that doesn't answer is no reason not to start.
  MysqlReplicas(const DatabaseConfig& config, Ports ports);
  MysqlReplicas(const MysqlReplicas&) = delete;
  MysqlReplicas& operator=(const MysqlReplicas&) = delete;
  ~MysqlReplicas();

  // False, and the unit is the caller's still, when no replica is up or too much waits.
  bool take(std::unique_ptr<Unit>& unit);
  // What waits goes to the primary. Before the primary's lanes close.
  void close();
  std::vector<Replica> statistics() const;

 private:
  struct Server;

  void serve(Server& server);
  bool attempt(Server& server, std::unique_ptr<MysqlConnection>& connection, Position& seen,
               Unit& unit, std::exception_ptr& error);
  void watch(Server& server);
  void measure(Server& server, MysqlConnection& connection, Position& measured);
  static void down(Server& server, const std::string& why);
  bool rest(Millis time);

  const Ports ports_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closing_ = false;
};

}  // namespace onsale::sql

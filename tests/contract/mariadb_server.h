// A real MariaDB server for tests: made in a temporary directory, on a socket and a port of its
// own, stopped with the process. Starting takes about two seconds, so one serves all tests of a
// program; or of all programs, where the environment's ONSALE_TEST_MARIADB ("PORT SOCKET") names
// one (tools/test_database.py).
#pragma once

#include <sys/types.h>

#include <string>

namespace onsale::testing_support {

class MariadbServer {
 public:
  // Starts it on first use, unless one runs already. Throws std::runtime_error that says why it
  // could not.
  static MariadbServer& shared();

  // For tests that kill it; all others use shared().
  MariadbServer();
  // One that keeps a binary log, as user "app" of every database, who may not write where the
  // server is read-only; with a `primary` it repeats what that one does, read-only.
  struct Replicated {
    int server_id;
    MariadbServer* primary = nullptr;
  };
  explicit MariadbServer(Replicated replicated);
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;
  ~MariadbServer();

  // For sql::DatabaseConfig::url; the database must exist.
  std::string url(const std::string& database) const;      // over the socket
  std::string tcp_url(const std::string& database) const;  // over the port
  std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }
  // Makes an empty database with a name that was never used, and returns the name.
  std::string create_database();
  // One statement as root, outside every pool.
  void execute(const std::string& sql);
  // The first column of the first row.
  std::string ask(const std::string& sql);

  void kill();   // -9
  void start();  // again, on the same data

 private:
  explicit MariadbServer(const char* running);

  void begin();
  std::string name_of(int database) const;
  void install();
  void wait_until_ready();

  std::string directory_;
  std::string socket_;
  int port_ = 0;
  pid_t process_ = 0;
  pid_t owner_ = 0;
  int databases_ = 0;
  int server_id_ = 0;  // 0: no binary log
};

}  // namespace onsale::testing_support

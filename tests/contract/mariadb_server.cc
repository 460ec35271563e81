#include "tests/contract/mariadb_server.h"

#include <mysql.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/contract/process.h"
#include "tests/contract/scratch.h"

namespace onsale::testing_support {

namespace {

constexpr std::chrono::seconds kReadyWithin{60};

// mariadbd is in sbin, which not every user has in PATH.
std::string server_program() {
  for (const char* path : {"/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd", "/usr/bin/mariadbd"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return "mariadbd";
}

struct CloseHandle {
  void operator()(MYSQL* handle) const noexcept { mysql_close(handle); }
};
using Handle = std::unique_ptr<MYSQL, CloseHandle>;

Handle connect(const std::string& socket) {
  Handle handle(mysql_init(nullptr));
  if (!mysql_real_connect(handle.get(), nullptr, "root", "", nullptr, 0, socket.c_str(), 0)) {
    return nullptr;
  }
  return handle;
}

}  // namespace

MariadbServer& MariadbServer::shared() {
  static MariadbServer server(std::getenv("ONSALE_TEST_MARIADB"));
  return server;
}

MariadbServer::MariadbServer(const char* running) : owner_(::getpid()) {
  if (running) {
    std::istringstream said(running);
    said >> port_ >> socket_;
  } else {
    begin();
  }
}

MariadbServer::MariadbServer() : MariadbServer(nullptr) {}

MariadbServer::MariadbServer(Replicated replicated)
    : owner_(::getpid()), server_id_(replicated.server_id) {
  begin();
  execute("CREATE USER app@'%' IDENTIFIED BY 'secret'");
  execute("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON *.* TO app@'%'");
  execute("RESET MASTER");
  if (!replicated.primary) return;
  execute("CHANGE MASTER TO master_host='127.0.0.1', master_port=" +
          std::to_string(replicated.primary->port_) +
          ", master_user='onsale', master_password='p@ss:word', master_connect_retry=1, "
          "master_use_gtid=slave_pos");
  execute("SET GLOBAL read_only=1");
  execute("START SLAVE");
}

void MariadbServer::begin() {
  directory_ = scratch_directory("mariadb");
  socket_ = directory_ + "/sock";
  port_ = free_port();
  install();
  start();
  execute("CREATE USER onsale@'%' IDENTIFIED BY 'p@ss:word'");
  execute("GRANT ALL ON *.* TO onsale@'%'");
}

MariadbServer::~MariadbServer() {
  if (::getpid() != owner_) return;  // a child that a test forked
  if (directory_.empty()) {          // it goes on for others, without what was made here
    try {
      for (int i = 1; i <= databases_; ++i) execute("DROP DATABASE IF EXISTS " + name_of(i));
    } catch (const std::runtime_error&) {  // it has stopped meanwhile
    }
    return;
  }
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void MariadbServer::install() {
  std::vector<std::string> words = {
      "mariadb-install-db",  "--no-defaults",
      "--skip-test-db",      "--auth-root-authentication-method=normal",
      "--skip-name-resolve", "--datadir=" + directory_ + "/data"};
  if (::geteuid() == 0) words.push_back("--user=root");
  const pid_t child = spawn(words, directory_ + "/install.log");
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) {
    throw std::runtime_error("mariadb-install-db failed (is mariadb-server installed?): " +
                             read_all(directory_ + "/install.log"));
  }
}

void MariadbServer::start() {
  // The directory is in memory, so honest durability costs nothing here.
  std::vector<std::string> words = {server_program(),
                                    "--no-defaults",
                                    "--datadir=" + directory_ + "/data",
                                    "--socket=" + socket_,
                                    "--port=" + std::to_string(port_),
                                    "--bind-address=127.0.0.1",
                                    "--pid-file=" + directory_ + "/pid",
                                    "--skip-name-resolve",
                                    "--max-connections=500",
                                    "--innodb-buffer-pool-size=64M",
                                    "--innodb-log-file-size=32M",
                                    "--innodb-flush-log-at-trx-commit=1",
                                    "--innodb-flush-method=fsync",
                                    "--innodb-use-native-aio=0",
                                    "--performance-schema=OFF"};
  if (server_id_ > 0) {
    words.push_back("--log-bin=" + directory_ + "/data/log");
    words.push_back("--log-slave-updates");
    words.push_back("--server-id=" + std::to_string(server_id_));
  } else {
    words.push_back("--skip-log-bin");
  }
  if (::geteuid() == 0) words.push_back("--user=root");
  process_ = spawn(words, directory_ + "/server.log");
  wait_until_ready();
}

void MariadbServer::wait_until_ready() {
  const auto until = std::chrono::steady_clock::now() + kReadyWithin;
  while (std::chrono::steady_clock::now() < until) {
    if (connect(socket_)) return;
    if (::waitpid(process_, nullptr, WNOHANG) != 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  process_ = 0;
  throw std::runtime_error("mariadbd did not start: " + read_all(directory_ + "/server.log"));
}

void MariadbServer::kill() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = 0;
}

std::string MariadbServer::url(const std::string& database) const {
  return "mysql:unix_socket=" + socket_ + ";db=" + database + ";user=root";
}

std::string MariadbServer::tcp_url(const std::string& database) const {
  return "mysql://onsale:p%40ss%3Aword@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string MariadbServer::name_of(int database) const {
  return "t" + std::to_string(owner_) + "_" + std::to_string(database);
}

std::string MariadbServer::create_database() {
  std::string name = name_of(++databases_);
  execute("CREATE DATABASE " + name);
  return name;
}

void MariadbServer::execute(const std::string& sql) {
  const Handle handle = connect(socket_);
  if (!handle) throw std::runtime_error("the test database server does not answer");
  if (mysql_real_query(handle.get(), sql.data(), sql.size()) != 0) {
    throw std::runtime_error(mysql_error(handle.get()));
  }
  if (MYSQL_RES* rows = mysql_store_result(handle.get())) mysql_free_result(rows);
}

std::string MariadbServer::ask(const std::string& sql) {
  const Handle handle = connect(socket_);
  if (!handle) throw std::runtime_error("the test database server does not answer");
  if (mysql_real_query(handle.get(), sql.data(), sql.size()) != 0) {
    throw std::runtime_error(mysql_error(handle.get()));
  }
  MYSQL_RES* rows = mysql_store_result(handle.get());
  const MYSQL_ROW row = rows ? mysql_fetch_row(rows) : nullptr;
  std::string answer = row && row[0] ? row[0] : "";
  mysql_free_result(rows);
  return answer;
}

}  // namespace onsale::testing_support

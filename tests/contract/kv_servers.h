// Real Redis servers for tests: on free ports, in memory, stopped with the process. Starting one
// takes some 50 ms, a cluster of six about two seconds.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "platform/kv/redis.h"

struct redisContext;

namespace onsale::testing_support {

class RedisServer {
 public:
  struct Setup {
    bool tls = false;                 // on a second port; with a password and a user besides
    int port = 0;                     // 0: any
    std::string nodes{};              // what it knows of its cluster: its nodes.conf
    std::vector<std::string> more{};  // arguments
  };
  // Throws std::runtime_error that says why it could not start.
  RedisServer();
  explicit RedisServer(Setup setup);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  kv::Endpoint at() const;    // of the port in the clear
  kv::Config config() const;  // for it alone, as it wants to be spoken to
  const std::string& directory() const { return directory_; }

  // One command over a connection of the test's own. An error is thrown as std::runtime_error.
  kv::Reply ask(const std::vector<std::string>& words);
  std::string info(const std::string& section, const std::string& field);

  void kill();                                            // -9
  void start(const std::vector<std::string>& more = {});  // again, on the same ports
  void pause();                                           // SIGSTOP
  void resume();

 private:
  struct Close {
    void operator()(redisContext* context) const noexcept;
  };
  void make_certificate();
  bool greet();

  const Setup setup_;
  const std::string directory_;
  const int port_, tls_port_;
  pid_t process_ = 0;
  std::unique_ptr<redisContext, Close> context_;
};

// Three primaries with a replica each.
class RedisCluster {
 public:
  RedisCluster();
  kv::Config config() const;
  RedisServer& node(int index) { return *nodes_[static_cast<std::size_t>(index)]; }
  static constexpr int kNodes = 6;
  // Of the primary that has `slot`.
  int owner(int slot);
  std::string id(int index);
  void wait_until_ok();
  // Whole again after each test.
  static RedisCluster& shared();

 private:
  std::vector<std::unique_ptr<RedisServer>> nodes_;
};

}  // namespace onsale::testing_support

// One loop's part of the client: which server gets which call, what is asked again, what is given
// up. Thread: its loop's, but for admit and statistics.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "platform/kv/connection.h"
#include "platform/kv/redis.h"

namespace onsale::kv {

// What all loops share.
struct Shared {
  Config config;
  std::unique_ptr<Trust> trust;  // null: in the clear
};

// An address, asked as primary or as replica.
struct Server {
  Endpoint at;
  From from = From::primary;
  std::shared_ptr<Connection> shared{};
  std::vector<std::shared_ptr<Connection>> own{};   // for calls that block
  std::vector<std::shared_ptr<Connection>> idle{};  // those of them that do nothing
  bool connecting = false;
  int own_connecting = 0;
  int failures = 0;       // in a row
  Deadline not_before{};  // of the next attempt
};

class Side final : public std::enable_shared_from_this<Side>, public Connection::Owner {
 public:
  Side(exec::Loop& loop, std::shared_ptr<const Shared> shared);

  exec::Loop& loop() { return loop_; }
  const Shared& shared() const { return *shared_; }
  // Any thread. Throws Overloaded.
  void admit(std::span<Pending> calls);
  // What was admitted. Finishes nothing before it returns.
  void submit(std::span<Pending> calls);
  // Ends everything.
  void close();
  // Any thread; adds to `out`.
  void count(Statistics& out) const;
  // Whom to ask for news, in turn.
  std::vector<Endpoint> known() const;
  // Before the `failures + 1`th attempt in a row.
  Millis pause(int failures);

 private:
  using ServerPtr = std::shared_ptr<Server>;

  void answered(Connection& connection, Pending& pending, Reply&& reply) override;
  void rests(Connection& connection) override;
  void broke(Connection& connection, const std::string& why, Connection::Left left) override;
  void role_told(Connection& connection, const Reply& role) override;

  void route(Pending& pending);
  void route_blocking(const ServerPtr& server, Pending& first);
  void reroute();
  const ServerPtr& choose(const Pending& pending);
  const ServerPtr& choose_in_cluster(const Pending& pending);
  const ServerPtr& server(const Endpoint& at, From from);
  ServerPtr& current(From from) { return from == From::primary ? primary_ : replica_; }
  void try_next(From from);

  void refused(Connection& connection, Pending& pending, const std::string& text);
  bool follow(Connection& connection, Pending& pending, const std::string& text);
  void again(Pending& pending, Millis after);
  void lost(Pending& pending, const std::string& why);
  void give_up(Pending& pending);
  void finish(Pending& pending, Failure failure);
  void finished(Pending& pending);
  void finish_soon(Pending& pending);
  void abandon(Connection& connection);

  void connect(const ServerPtr& server);
  void connect_own(const ServerPtr& server);
  static boost::asio::awaitable<void> make(std::shared_ptr<Side> self, ServerPtr server, bool own);
  static boost::asio::awaitable<void> greet(std::shared_ptr<Side> self, Stream& stream, From from);
  void made(const ServerPtr& server, std::shared_ptr<Stream> stream, bool own);
  void failed(const ServerPtr& server, const Failure& failure);

  void refresh();
  static boost::asio::awaitable<void> learn(std::shared_ptr<Side> self, Endpoint from);
  void forget_servers();

  void tick();
  std::vector<std::shared_ptr<Connection>> connections() const;
  void look_after_connections(Deadline now);

  exec::Loop& loop_;
  const std::shared_ptr<const Shared> shared_;
  std::minstd_rand random_{std::random_device{}()};
  boost::asio::steady_timer timer_;
  bool ticking_ = false;
  bool closed_ = false;

  std::map<std::pair<Endpoint, From>, ServerPtr> servers_;
  std::vector<Pending*> waiting_;  // for a connection, or for their next try
  Failure last_{Why::not_sent, "no server was asked yet"};
  std::vector<std::shared_ptr<Connection>> leaving_;  // retired, not all answered
  int own_ = 0;  // connections for calls that block, being made or there

  ServerPtr primary_, replica_;  // not in a cluster: who is asked
  std::size_t primary_at_ = 0, replica_at_ = 0;

  std::optional<SlotMap> map_;
  bool learning_ = false;
  bool stale_ = false;  // the map is to be asked for anew
  Deadline learn_not_before_{};
  unsigned turn_ = 0;

  std::atomic<int> calls_{0};
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::uint64_t> connected_{0}, broken_{0}, redirected_{0}, repeated_{0}, unknown_{0};
};

}  // namespace onsale::kv

// One connection to a server that carries many calls: they are written in batches and answered in
// order. Thread: its loop's.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "platform/kv/pending.h"
#include "platform/kv/reader.h"
#include "platform/kv/stream.h"

namespace onsale::exec {
class Loop;
}

namespace onsale::kv {

struct Server;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Calls that were written, and those that were not.
  struct Left {
    std::vector<Pending*> sent, unsent;
  };
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void answered(Connection& connection, Pending& pending, Reply&& reply) = 0;
    // After a batch of answers, when nothing is under way any more.
    virtual void rests(Connection& connection) = 0;
    virtual void broke(Connection& connection, const std::string& why, Left left) = 0;
    virtual void role_told(Connection& connection, const Reply& role) = 0;
  };

  // `own`: for one pipeline that blocks at a time.
  Connection(exec::Loop& loop, std::weak_ptr<Owner> owner, std::weak_ptr<Server> server,
             std::shared_ptr<Stream> stream, bool own);
  void start();

  // Written at the end of the loop's turn. It must be usable.
  void send(Pending& pending);
  // No more is sent, and it closes when all is answered; gives back what was not written yet.
  std::vector<Pending*> retire();
  // Asks for the server's role, unless that was done within `every`.
  void ask_role(Deadline now, Millis every);
  // Takes out what is due. One of its `own` in it closes it.
  Left expire(Deadline now);
  // Closes it when something was asked and nothing came for too long.
  void judge_silence(Deadline now, Millis silent_max);
  void close(const std::string& why);

  bool usable() const { return !retired_ && !closed_; }
  bool own() const { return own_; }
  // Something was asked and not answered.
  bool listens() const { return !sent_.empty(); }
  std::shared_ptr<Server> server() const { return server_.lock(); }

 private:
  enum class Slot : std::uint8_t { call, unheard, role };  // unheard: nobody waits for the answer
  struct Sent {
    Slot slot = Slot::unheard;
    Pending* pending = nullptr;
  };

  static boost::asio::awaitable<void> read(std::shared_ptr<Connection> self);
  static boost::asio::awaitable<void> write(std::shared_ptr<Connection> self);
  void flush();
  void fill();
  void add(std::string_view wire, Sent sent);
  bool take(std::string_view bytes);
  void deliver(Owner& owner, Reply&& reply);

  exec::Loop& loop_;
  const std::weak_ptr<Owner> owner_;
  const std::weak_ptr<Server> server_;
  const std::shared_ptr<Stream> stream_;
  const bool own_;

  Reader reader_;
  std::array<char, 64 * 1024> in_;
  std::string out_;  // being written
  std::deque<Sent> sent_;
  std::deque<Pending*> queue_;      // not written yet
  std::set<std::string> loaded_{};  // scripts that this connection brought
  Deadline heard_{};
  Deadline role_asked_ = std::chrono::steady_clock::now();  // it has just been told
  bool role_wanted_ = false;
  bool flushing_ = false;  // posted, or writing
  bool retired_ = false;
  bool closed_ = false;
};

}  // namespace onsale::kv

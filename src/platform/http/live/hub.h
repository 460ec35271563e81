// Everything live: topics that anyone may watch, and private destinations whose present state is
// computed for each watcher. State, not a log: who reads slowly gets the latest and misses what was
// in between, so a body must stand alone or carry a version that shows the gap.
//
// Thread: publish() and poke() from any; they hand over once per event loop, and each loop walks
// its own watchers in slices, so that other connections are served in between. Sources and
// callbacks run on the connection's loop and must not block. Declare sources before the server
// starts. Memory per watcher is bounded: one pending body, shared among all watchers of a topic.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "platform/http/live/stomp.h"
#include "platform/http/message/authenticator.h"

namespace onsale::exec {
class Loops;
}

namespace onsale::http {

using Steady = std::chrono::steady_clock::time_point;

// One watcher's private view.
struct UserSubscription {
  std::string key;                            // poke(key) makes it look again
  std::function<std::string()> current_json;  // the present body; empty: nothing to say now
  // Once, when the watcher unsubscribed or its connection has ended, at the latest 30 s after the
  // peer fell silent. Not called when the hub is destroyed. May be empty.
  std::function<void()> on_close{};
  std::string own_key{};  // poke_now(own_key) doesn't wait for the interval; empty: never
  // Whenever the page itself says something. A browser answers pings for pages that it has frozen,
  // so a pong is not that. On the connection's loop; may be empty.
  std::function<void()> on_word{};
};

struct SubscribeRefusal {
  std::string code;  // stable, as in problem+json: "place_invalid"
  std::string detail;
};

using UserSource = std::function<Result<UserSubscription, SubscribeRefusal>(
    const stomp::Headers& headers, const std::optional<Principal>& principal)>;

// The present body of a topic, `rest` being the destination after the prefix. Empty optional: there
// is no such topic. Empty text: there is, but nothing to say yet.
using TopicSource = std::function<std::optional<std::string>(std::string_view rest)>;

struct HubConfig {
  Millis poke_interval{2000};  // of one private destination of one connection
  int connections_max = 50'000;
  // Of one client's address, which many people may share. Each has a bounded number of
  // subscriptions, so that these have a share too.
  int connections_per_client = 5'000;
  std::function<Steady()> now = std::chrono::steady_clock::now;
};

struct HubStats {
  std::int64_t connections = 0;  // WebSockets and event streams, now
  std::int64_t watches = 0;      // subscriptions, now
  std::uint64_t messages = 0;    // handed to connections
  std::uint64_t replaced = 0;    // bodies that a newer one overtook before they were sent
  std::uint64_t dead = 0;        // connections given up because the peer fell silent
};

class Watch;

// Whoever writes to the peer. On its loop.
class Watcher {
 public:
  // There is something newer: call watch.take() now or as soon as the peer takes more.
  virtual void ready(Watch& watch) = 0;

 protected:
  ~Watcher() = default;
};

// One connection, of whatever protocol, as the hub knows it. On its loop.
class Connection {
 public:
  virtual ~Connection() = default;
  // Every kTickInterval.
  virtual void tick(Steady now) = 0;
  // The server goes away: say so, ask to come back after `after`, and close.
  virtual void farewell(Millis after) = 0;
  // Close without ceremony.
  virtual void abort() = 0;

 private:
  friend struct HubPart;
  friend class Hub;
  std::string client_;
  std::uint32_t slot_ = 0;
  std::uint32_t index_ = 0;
};

inline constexpr Millis kTickInterval{8000};

struct HubPart;

// Keeps a connection known to its loop's part of the hub; on that loop, or when it has stopped.
class Registration {
 public:
  Registration() = default;
  Registration(std::shared_ptr<HubPart> part, Connection& connection);
  Registration(Registration&& other) noexcept
      : part_(std::move(other.part_)), connection_(std::exchange(other.connection_, nullptr)) {}
  Registration& operator=(Registration&& other) noexcept {
    std::swap(part_, other.part_);
    std::swap(connection_, other.connection_);
    return *this;
  }
  ~Registration();
  explicit operator bool() const { return connection_ != nullptr; }

 private:
  std::shared_ptr<HubPart> part_;
  Connection* connection_ = nullptr;
};

class Hub {
 public:
  explicit Hub(exec::Loops& loops, HubConfig config = {});
  // When the loops have stopped, or never started.
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // "/topic/rooms/film-x". The body goes to all who watch it.
  void publish(std::string_view topic, std::string json);
  // Subscribing to what starts with `prefix` asks `source`; the longest prefix wins.
  void topic_source(std::string prefix, TopicSource source);

  // "/user/queue/place": who may watch it, and what the present body is.
  void on_user_destination(std::string destination, UserSource source);
  // All who watch `key` compute their body again and get it when it has changed, each at most every
  // poke_interval.
  void poke(std::string_view key);
  // The same at once, for those who watch one of these own keys: news that can't wait.
  void poke_now(std::vector<std::string> own_keys);

  HubStats stats() const;  // any thread

  // Says farewell to all connections, asking them back after delays spread over `spread`. Ends when
  // all have gone; closes the rest at `deadline`. Await on a loop.
  Task<void> shutdown(Millis spread, Millis deadline);

  // For connections, on their loop.
  Result<std::unique_ptr<Watch>, SubscribeRefusal> subscribe(
      std::string_view destination, const stomp::Headers& headers,
      const std::optional<Principal>& principal, Watcher& watcher);
  std::unique_ptr<Watch> watch(UserSubscription subscription, Watcher& watcher);
  // Empty when there are too many, or the server is going away.
  Registration add(Connection& connection, std::string_view client = {});
  Steady now() const { return config_->now(); }
  void count_dead();

 private:
  struct Counters;
  friend struct HubPart;
  const std::shared_ptr<HubPart>& part_here() const;

  const std::shared_ptr<const HubConfig> config_;
  const std::shared_ptr<Counters> counters_;
  std::vector<std::shared_ptr<HubPart>> parts_;  // one per loop
  std::vector<std::pair<std::string, TopicSource>> topics_;
  std::vector<std::pair<std::string, UserSource>> users_;
};

// One subscription. Destroy it on its loop to end it.
class Watch {
 public:
  struct Entry;  // of the hub, which alone makes watches
  Watch(std::shared_ptr<HubPart> part, Entry& entry, Watcher& watcher);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // The newest body that was not taken yet; null when there is none (any more). A private body is
  // computed now, and null when it is the one taken before.
  std::shared_ptr<const std::string> take();
  void spoke() const {
    if (on_word_) on_word_();
  }

 private:
  friend struct HubPart;
  friend class Hub;

  const std::shared_ptr<HubPart> part_;
  Entry& entry_;
  Watcher& watcher_;
  std::uint32_t index_;                         // in entry_
  bool stale_ = false;                          // poked since it was computed
  std::shared_ptr<const std::string> pending_;  // of a topic
  std::function<std::string()> current_json_;   // of a private destination
  std::function<void()> on_close_;
  std::function<void()> on_word_;
  std::string own_key_;
  std::size_t taken_hash_ = 0;
  Steady next_at_{};
};

}  // namespace onsale::http

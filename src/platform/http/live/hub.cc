#include "platform/http/live/hub.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <unordered_map>

#include "base/check.h"
#include "base/log.h"
#include "platform/exec/loop.h"
#include "platform/http/message/address.h"

namespace onsale::http {
namespace {

constexpr std::size_t kSlots = 32;
constexpr Millis kSlotInterval = kTickInterval / kSlots;
// Watchers reached before other work of the loop gets its turn.
constexpr std::size_t kSlice = 256;

}  // namespace

namespace {

// Who has how many connections. An empty name has no bound.
class Shares {
 public:
  bool take(const std::string& client, int most) {
    if (client.empty()) return true;
    std::lock_guard lock(mutex_);
    int& count = counts_[client];
    if (count >= most) return false;
    ++count;
    return true;
  }
  void give_back(const std::string& client) {
    if (client.empty()) return;
    std::lock_guard lock(mutex_);
    const auto found = counts_.find(client);
    if (--found->second == 0) counts_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, int> counts_;
};

// Who is on this machine is a proxy that keeps its clients to itself, or a test with its crowd.
std::string bounded(std::string_view client) {
  if (client.empty() || client.starts_with("127.") || client == "::1") return {};
  return client_key(client);
}

}  // namespace

struct Hub::Counters {
  Shares shares;
  std::atomic<std::int64_t> connections{0}, watches{0};
  std::atomic<std::uint64_t> messages{0}, replaced{0}, dead{0};
  std::atomic<bool> leaving{false};
  std::atomic<bool> gone{false};  // the hub is destroyed: nobody is to be called any more
};

// What one topic, or one key of private destinations, knows of its watchers on one loop.
struct Watch::Entry {
  std::string name;
  bool topic;
  std::vector<Watch*> watches;
  std::shared_ptr<const std::string> body;  // of a topic
  // A walk goes from the back to the front. A watch that leaves is replaced by the last one, which
  // was visited already; one that joins gets the present state anyway.
  std::size_t cursor = 0;
  bool walking = false;
  bool again = false;         // news came during the walk
  bool poked = false;         // the next walk makes every watch stale
  bool walk_is_poke = false;  // this one does
  bool late = false;          // some stale watch had its last body too recently
};

// The hub's share of one loop. Everything but the counters is touched on that loop only.
struct HubPart : std::enable_shared_from_this<HubPart> {
  using Entry = Watch::Entry;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  using Entries = std::unordered_map<std::string, std::unique_ptr<Entry>, Hash, std::equal_to<>>;

  HubPart(exec::Loop& on, std::shared_ptr<const HubConfig> with, std::shared_ptr<Hub::Counters> to)
      : loop(on), config(std::move(with)), counters(std::move(to)), timer(on.io()) {}

  Entry& entry(bool topic, std::string_view name) {
    Entries& entries = topic ? topics : keys;
    auto found = entries.find(name);
    if (found == entries.end()) {
      auto fresh = std::make_unique<Entry>(Entry{.name = std::string(name), .topic = topic});
      found = entries.emplace(std::string(name), std::move(fresh)).first;
    }
    return *found->second;
  }

  void drop_if_unused(Entry& unused) {
    if (!unused.watches.empty() || unused.walking || unused.late) return;
    Entries& entries = unused.topic ? topics : keys;
    entries.erase(entries.find(unused.name));
  }

  std::unique_ptr<Watch> join(bool topic, std::string_view name, Watcher& watcher) {
    Entry& joined = entry(topic, name);
    auto watch = std::make_unique<Watch>(shared_from_this(), joined, watcher);
    watch->index_ = static_cast<std::uint32_t>(joined.watches.size());
    joined.watches.push_back(watch.get());
    (topic ? topic_watches : key_watches).fetch_add(1);
    counters->watches.fetch_add(1, std::memory_order_relaxed);
    return watch;
  }

  void leave(Watch& watch) {
    Entry& left = watch.entry_;
    left.watches.back()->index_ = watch.index_;
    left.watches[watch.index_] = left.watches.back();
    left.watches.pop_back();
    if (!watch.own_key_.empty()) disown(watch);
    (left.topic ? topic_watches : key_watches).fetch_sub(1);
    counters->watches.fetch_sub(1, std::memory_order_relaxed);
    drop_if_unused(left);
  }

  void own(Watch& watch) { owners.emplace(watch.own_key_, &watch); }

  void disown(Watch& watch) {
    auto [each, end] = owners.equal_range(watch.own_key_);
    while (each != end && each->second != &watch) ++each;
    if (each != end) owners.erase(each);
  }

  // Whoever is told may leave, and take others along.
  void poke_now(const std::string& own_key) {
    const auto owned = [&](const Watch* watch) {
      const auto [begin, end] = owners.equal_range(own_key);
      return std::any_of(begin, end, [&](const auto& each) { return each.second == watch; });
    };
    const auto [begin, end] = owners.equal_range(own_key);
    std::vector<Watch*> watches;
    for (auto each = begin; each != end; ++each) watches.push_back(each->second);
    for (Watch* watch : watches) {
      if (!owned(watch)) continue;
      watch->stale_ = true;
      watch->watcher_.ready(*watch);
    }
  }

  void publish(std::string_view topic, std::shared_ptr<const std::string> body) {
    const auto found = topics.find(topic);
    if (found == topics.end()) return;
    found->second->body = std::move(body);
    walk(*found->second);
  }

  void poke(std::string_view key) {
    const auto found = keys.find(key);
    if (found == keys.end()) return;
    found->second->poked = true;
    walk(*found->second);
  }

  void walk(Entry& walked) {
    if (walked.walking) {
      walked.again = true;
      return;
    }
    begin(walked);
    slice(walked);
  }

  static void begin(Entry& walked) {
    walked.walking = true;
    walked.again = false;
    walked.walk_is_poke = std::exchange(walked.poked, false);
    walked.cursor = walked.watches.size();
  }

  void slice(Entry& walked) {
    const Steady now = config->now();
    walked.cursor = std::min(walked.cursor, walked.watches.size());
    for (std::size_t i = 0; i < kSlice && walked.cursor > 0; ++i)
      visit(walked, *walked.watches[--walked.cursor], now);
    if (walked.cursor == 0) {
      if (!walked.again) {
        walked.walking = false;
        walked.body.reset();
        return drop_if_unused(walked);
      }
      begin(walked);
    }
    loop.post([self = shared_from_this(), &walked] { self->slice(walked); });
  }

  void visit(Entry& walked, Watch& watch, Steady now) {
    if (walked.topic) {
      if (watch.pending_) counters->replaced.fetch_add(1, std::memory_order_relaxed);
      watch.pending_ = walked.body;
      return watch.watcher_.ready(watch);
    }
    if (walked.walk_is_poke) watch.stale_ = true;
    if (!watch.stale_) return;
    if (now >= watch.next_at_) return watch.watcher_.ready(watch);
    if (!std::exchange(walked.late, true)) late.push_back(&walked);
  }

  void arm() {
    timer.expires_after(kSlotInterval);
    timer.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
      const auto part = self.lock();
      if (error || !part || part->counters->gone) return;
      part->tick();
      part->arm();
    });
  }

  void tick() {
    for (Entry* entry : std::exchange(late, {})) {
      entry->late = false;
      walk(*entry);
    }
    slot = (slot + 1) % kSlots;
    const Steady now = config->now();
    auto& connections = wheel[slot];
    // A connection may leave while it is asked; the one that takes its place was asked already.
    for (std::size_t i = connections.size(); i-- > 0;)
      if (i < connections.size()) connections[i]->tick(now);
  }

  void add(Connection& connection) {
    connection.slot_ = next_slot++ % kSlots;
    auto& connections = wheel[connection.slot_];
    connection.index_ = static_cast<std::uint32_t>(connections.size());
    connections.push_back(&connection);
  }

  void remove(Connection& connection) {
    auto& connections = wheel[connection.slot_];
    connections.back()->index_ = connection.index_;
    connections[connection.index_] = connections.back();
    connections.pop_back();
    counters->shares.give_back(connection.client_);
    counters->connections.fetch_sub(1, std::memory_order_relaxed);
  }

  std::vector<Connection*> everyone() const {
    std::vector<Connection*> all;
    for (const auto& connections : wheel)
      all.insert(all.end(), connections.begin(), connections.end());
    return all;
  }

  exec::Loop& loop;
  const std::shared_ptr<const HubConfig> config;
  const std::shared_ptr<Hub::Counters> counters;
  // So that news nobody watches here costs nothing. Counted before the first body is asked for and
  // read after the state has changed: whoever misses the news has seen the new state.
  std::atomic<std::int64_t> topic_watches{0}, key_watches{0};
  Entries topics, keys;
  std::unordered_multimap<std::string, Watch*> owners;  // by own key
  std::vector<Entry*> late;
  std::array<std::vector<Connection*>, kSlots> wheel;
  std::size_t slot = 0;
  std::uint32_t next_slot = 0;
  boost::asio::steady_timer timer;
};

Watch::Watch(std::shared_ptr<HubPart> part, Entry& entry, Watcher& watcher)
    : part_(std::move(part)), entry_(entry), watcher_(watcher) {}

Watch::~Watch() {
  part_->leave(*this);
  if (on_close_ && !part_->counters->gone) on_close_();
}

std::shared_ptr<const std::string> Watch::take() {
  auto& messages = part_->counters->messages;
  if (!current_json_) {
    if (pending_) messages.fetch_add(1, std::memory_order_relaxed);
    return std::exchange(pending_, nullptr);
  }
  stale_ = false;
  if (part_->counters->gone) return nullptr;
  std::string body;
  try {
    body = current_json_();
  } catch (const std::exception& error) {
    log::error("http", "a private destination has no body", {{"reason", error.what()}});
  }
  const std::size_t hash = std::hash<std::string>()(body);
  if (body.empty() || hash == taken_hash_) return nullptr;
  taken_hash_ = hash;
  next_at_ = part_->config->now() + part_->config->poke_interval;
  messages.fetch_add(1, std::memory_order_relaxed);
  return std::make_shared<const std::string>(std::move(body));
}

Registration::Registration(std::shared_ptr<HubPart> part, Connection& connection)
    : part_(std::move(part)), connection_(&connection) {
  part_->add(connection);
}

Registration::~Registration() {
  if (connection_) part_->remove(*connection_);
}

Hub::Hub(exec::Loops& loops, HubConfig config)
    : config_(std::make_shared<const HubConfig>(std::move(config))),
      counters_(std::make_shared<Counters>()) {
  for (int i = 0; i < loops.size(); ++i) {
    parts_.push_back(std::make_shared<HubPart>(loops.at(i), config_, counters_));
    loops.at(i).post([part = parts_.back()] { part->arm(); });
  }
}

Hub::~Hub() { counters_->gone = true; }

void Hub::publish(std::string_view topic, std::string json) {
  const auto name = std::make_shared<const std::string>(topic);
  const auto body = std::make_shared<const std::string>(std::move(json));
  for (const auto& part : parts_)
    if (part->topic_watches.load() > 0)
      part->loop.post([part, name, body] { part->publish(*name, body); });
}

void Hub::poke(std::string_view key) {
  const auto name = std::make_shared<const std::string>(key);
  for (const auto& part : parts_)
    if (part->key_watches.load() > 0) part->loop.post([part, name] { part->poke(*name); });
}

void Hub::poke_now(std::vector<std::string> own_keys) {
  const auto keys = std::make_shared<const std::vector<std::string>>(std::move(own_keys));
  for (const auto& part : parts_) {
    if (part->key_watches.load() == 0) continue;
    part->loop.post([part, keys] {
      for (const std::string& key : *keys) part->poke_now(key);
    });
  }
}

void Hub::topic_source(std::string prefix, TopicSource source) {
  topics_.emplace_back(std::move(prefix), std::move(source));
  std::ranges::sort(topics_, std::greater<>(),
                    [](const auto& topic) { return topic.first.size(); });
}

void Hub::on_user_destination(std::string destination, UserSource source) {
  users_.emplace_back(std::move(destination), std::move(source));
}

const std::shared_ptr<HubPart>& Hub::part_here() const {
  const exec::Loop* loop = exec::Loop::current();
  check(loop != nullptr, "a connection lives on an event loop");
  return parts_[static_cast<std::size_t>(loop->index())];
}

Result<std::unique_ptr<Watch>, SubscribeRefusal> Hub::subscribe(
    std::string_view destination, const stomp::Headers& headers,
    const std::optional<Principal>& principal, Watcher& watcher) {
  for (const auto& [name, source] : users_) {
    if (name != destination) continue;
    auto granted = source(headers, principal);
    if (!granted) return std::unexpected(std::move(granted.error()));
    return watch(std::move(*granted), watcher);
  }
  for (const auto& [prefix, source] : topics_) {
    if (!destination.starts_with(prefix)) continue;
    auto watch = part_here()->join(true, destination, watcher);
    auto body = source(destination.substr(prefix.size()));
    if (!body) break;
    if (!body->empty()) watch->pending_ = std::make_shared<const std::string>(std::move(*body));
    return watch;
  }
  return std::unexpected(SubscribeRefusal{"destination_unknown", "there is no such destination"});
}

std::unique_ptr<Watch> Hub::watch(UserSubscription subscription, Watcher& watcher) {
  auto watch = part_here()->join(false, subscription.key, watcher);
  watch->current_json_ = std::move(subscription.current_json);
  watch->on_close_ = std::move(subscription.on_close);
  watch->on_word_ = std::move(subscription.on_word);
  watch->own_key_ = std::move(subscription.own_key);
  if (!watch->own_key_.empty()) part_here()->own(*watch);
  return watch;
}

Registration Hub::add(Connection& connection, std::string_view client) {
  if (counters_->leaving) return {};
  if (counters_->connections.fetch_add(1) >= config_->connections_max) {
    counters_->connections.fetch_sub(1);
    return {};
  }
  std::string key = bounded(client);
  if (!counters_->shares.take(key, config_->connections_per_client)) {
    counters_->connections.fetch_sub(1);
    return {};
  }
  connection.client_ = std::move(key);
  return Registration(part_here(), connection);
}

void Hub::count_dead() { counters_->dead.fetch_add(1, std::memory_order_relaxed); }

HubStats Hub::stats() const {
  return {.connections = counters_->connections,
          .watches = counters_->watches,
          .messages = counters_->messages,
          .replaced = counters_->replaced,
          .dead = counters_->dead};
}

Task<void> Hub::shutdown(Millis spread, Millis deadline) {
  constexpr Millis kLook{20};
  const auto counters = counters_;
  counters->leaving = true;
  for (const auto& part : parts_) {
    part->loop.post([part, spread] {
      const auto all = part->everyone();
      for (std::size_t i = 0; i < all.size(); ++i)
        all[i]->farewell(spread * static_cast<std::int64_t>(i) /
                         static_cast<std::int64_t>(all.size()));
    });
  }
  exec::Loop* const home = exec::Loop::current();
  check(home != nullptr, "shutdown is awaited on an event loop");
  for (Millis waited{0}; counters->connections > 0 && waited < deadline; waited += kLook)
    co_await home->sleep(kLook);
  for (const auto& part : parts_) {
    part->loop.post([part] {
      for (Connection* connection : part->everyone()) connection->abort();
    });
  }
  for (Millis waited{0}; counters->connections > 0 && waited < Millis(1000); waited += kLook)
    co_await home->sleep(kLook);
}

}  // namespace onsale::http

// The servers of a loop: connecting, learning who has what, looking after what is under way.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/log.h"
#include "platform/exec/loop.h"
#include "platform/kv/login.h"
#include "platform/kv/side.h"

namespace onsale::kv {

namespace asio = boost::asio;

namespace {

constexpr Millis kTick{20};
constexpr Millis kRoleEvery{1'000};
constexpr Millis kLearnEvery{100};

Deadline now() { return std::chrono::steady_clock::now(); }

}  // namespace

const Side::ServerPtr& Side::server(const Endpoint& at, From from) {
  ServerPtr& there = servers_[{at, from}];
  if (!there) there = std::make_shared<Server>(Server{.at = at, .from = from});
  return there;
}

void Side::try_next(From from) {
  const auto& all = shared_->config.endpoints;
  std::size_t& at = from == From::primary ? primary_at_ : replica_at_;
  at = (at + 1) % all.size();
  current(from) = server(all[at], from);
}

Millis Side::pause(int failures) {
  const Config& config = shared_->config;
  const auto longest = config.backoff_min * (1LL << std::min(failures, 20));
  const auto most = std::min<std::int64_t>(config.backoff_max.count(), longest.count());
  return Millis(std::uniform_int_distribution<std::int64_t>(0, most)(random_));
}

// ---- connecting

void Side::connect(const ServerPtr& to) {
  if (to->connecting || now() < to->not_before) return;
  to->connecting = true;
  asio::co_spawn(loop_.io(), make(shared_from_this(), to, false), asio::detached);
}

void Side::connect_own(const ServerPtr& to) {
  const auto wanted =
      std::ranges::count_if(waiting_, [&](const Pending* one) { return one->wants == to.get(); });
  if (to->own_connecting >= wanted || now() < to->not_before) return;
  if (own_ >= shared_->config.blocking_max) return;
  ++to->own_connecting;
  ++own_;
  asio::co_spawn(loop_.io(), make(shared_from_this(), to, true), asio::detached);
}

asio::awaitable<void> Side::make(std::shared_ptr<Side> self, ServerPtr to, bool own) {
  Failure failure{Why::not_sent, ""};
  std::shared_ptr<Stream> stream;
  try {
    const Shared& shared = *self->shared_;
    stream = co_await log_in(shared.config, shared.trust.get(), to->at);
    co_await greet(self, *stream, to->from);
    stream->never_close();
  } catch (const Refusal& refusal) {
    failure = {refusal.why, refusal.what()};
  } catch (const Broken& broken) {
    failure.text = broken.what();
  }
  if (own)
    --to->own_connecting;
  else
    to->connecting = false;
  if (failure.text.empty()) {
    self->made(to, std::move(stream), own);
  } else {
    if (own) --self->own_;
    self->failed(to, failure);
  }
}

// Is it what it is to be?
asio::awaitable<void> Side::greet(std::shared_ptr<Side> self, Stream& stream, From from) {
  std::vector<Command> words;
  if (self->shared_->config.cluster) {
    if (from == From::primary) co_return;
    words.emplace_back("READONLY");
    (void)co_await ask(stream, std::move(words));
    co_return;
  }
  words.emplace_back("ROLE");
  const std::vector<Reply> replies = co_await ask(stream, std::move(words));
  const Role role = role_of(replies.front());
  if (from == From::primary && role != Role::primary) throw Broken("it is a replica");
  if (from == From::replica && role != Role::replica) throw Broken("it is no replica that follows");
}

void Side::made(const ServerPtr& to, std::shared_ptr<Stream> stream, bool own) {
  if (closed_) return stream->close();
  ++connected_;
  if (to->failures > 0) log::info("kv", "connected again", {{"server", to_string(to->at)}});
  to->failures = 0;
  const auto connection = std::make_shared<Connection>(loop_, weak_from_this(), to, stream, own);
  if (own) {
    to->own.push_back(connection);
    to->idle.push_back(connection);
  } else {
    to->shared = connection;
  }
  connection->start();
  reroute();
}

void Side::failed(const ServerPtr& to, const Failure& failure) {
  last_ = {failure.why, to_string(to->at) + ": " + failure.text};
  if (to->failures == 0) log::warn("kv", "no connection", {{"why", last_.text}});
  to->not_before = now() + pause(++to->failures);
  stale_ = true;
  if (to == current(to->from)) try_next(to->from);
  reroute();
}

// ---- who has what, in a cluster

std::vector<Endpoint> Side::known() const {
  std::vector<Endpoint> all;
  if (map_) {
    for (const auto& shard : map_->shards()) all.push_back(shard.primary);
    for (const auto& shard : map_->shards())
      all.insert(all.end(), shard.replicas.begin(), shard.replicas.end());
  }
  all.insert(all.end(), shared_->config.endpoints.begin(), shared_->config.endpoints.end());
  return all;
}

void Side::refresh() {
  if (!shared_->config.cluster || learning_ || closed_ || now() < learn_not_before_) return;
  learning_ = true;
  const std::vector<Endpoint> all = known();
  asio::co_spawn(loop_.io(), learn(shared_from_this(), all[turn_++ % all.size()]), asio::detached);
}

asio::awaitable<void> Side::learn(std::shared_ptr<Side> self, Endpoint from) {
  try {
    const Shared& shared = *self->shared_;
    const std::shared_ptr<Stream> stream = co_await log_in(shared.config, shared.trust.get(), from);
    std::vector<Command> words;
    words.emplace_back("CLUSTER", "SLOTS");
    const std::vector<Reply> replies = co_await ask(*stream, std::move(words));
    stream->close();
    auto map = SlotMap::parse(replies.front(), from);
    if (!map || map->shards().empty()) throw Broken("a map of slots that makes no sense");
    self->map_ = std::move(map);
    self->stale_ = false;
  } catch (const Refusal& refusal) {
    self->last_ = {refusal.why, to_string(from) + ": " + refusal.what()};
  } catch (const Broken& broken) {
    self->last_ = {Why::not_sent, to_string(from) + ": " + broken.what()};
  }
  self->learning_ = false;
  self->learn_not_before_ = now() + kLearnEvery + self->pause(0);
  self->forget_servers();
  self->reroute();
}

// Those that the map does not name any more.
void Side::forget_servers() {
  const std::vector<Endpoint> all = known();
  std::erase_if(servers_, [&](const auto& entry) {
    const Server& one = *entry.second;
    return !one.shared && one.own.empty() && !one.connecting && !one.own_connecting &&
           !std::ranges::count(all, one.at);
  });
}

// ---- time

// While anything is under way, be it an answer that nobody waits for any more.
void Side::tick() {
  ticking_ = true;
  timer_.expires_after(kTick);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    const Deadline at = now();
    std::vector<Pending*> late;
    std::erase_if(self->waiting_, [&](Pending* one) {
      if (one->deadline > at) return false;
      late.push_back(one);
      return true;
    });
    for (Pending* one : late) self->give_up(*one);
    self->look_after_connections(at);
    if (self->stale_) self->refresh();
    self->reroute();
    self->ticking_ = false;
    const bool listens = std::ranges::any_of(self->connections(), &Connection::listens);
    if ((self->calls_ > 0 || listens) && !self->ticking_) self->tick();
  });
}

std::vector<std::shared_ptr<Connection>> Side::connections() const {
  std::vector<std::shared_ptr<Connection>> all = leaving_;
  for (const auto& [key, one] : servers_) {
    if (one->shared) all.push_back(one->shared);
    all.insert(all.end(), one->own.begin(), one->own.end());
  }
  return all;
}

void Side::look_after_connections(Deadline at) {
  for (const auto& connection : connections()) {
    const Connection::Left late = connection->expire(at);
    for (Pending* one : late.unsent) finish(*one, Failure{Why::not_sent, "not written in time"});
    for (Pending* one : late.sent) finish(*one, Failure{Why::unknown, "no answer in time"});
    connection->judge_silence(at, shared_->config.silent_max);
    if (!shared_->config.cluster && !connection->own()) connection->ask_role(at, kRoleEvery);
  }
}

void Side::close() {
  closed_ = true;
  timer_.cancel();
  for (const auto& connection : connections()) connection->close("closed by us");
  for (Pending* one : std::exchange(waiting_, {})) give_up(*one);
}

}  // namespace onsale::kv

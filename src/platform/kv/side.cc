#include "platform/kv/side.h"

#include <boost/asio/io_context.hpp>

#include "base/overload.h"
#include "platform/exec/loop.h"
#include "platform/kv/failure.h"
#include "platform/kv/login.h"

namespace onsale::kv {

namespace {

constexpr int kTriesAtOnce = 5;  // redirects followed without a pause
constexpr int kIdleMax = 4;      // connections kept for the next call that blocks

Deadline now() { return std::chrono::steady_clock::now(); }

}  // namespace

Side::Side(exec::Loop& loop, std::shared_ptr<const Shared> shared)
    : loop_(loop), shared_(std::move(shared)), timer_(loop.io()) {
  if (shared_->config.cluster) return;
  primary_ = server(shared_->config.endpoints.front(), From::primary);
  replica_at_ = shared_->config.endpoints.size() - 1;
  replica_ = server(shared_->config.endpoints.back(), From::replica);
}

void Side::admit(std::span<Pending> calls) {
  std::size_t bytes = 0;
  for (const Pending& one : calls) bytes += one.bytes;
  const int count = static_cast<int>(calls.size());
  const bool full = (calls_ += count) > shared_->config.calls_max;
  const bool large = (bytes_ += bytes) > shared_->config.call_bytes_max;
  if (!full && !large) return;
  calls_ -= count;
  bytes_ -= bytes;
  throw Overloaded("too many calls to Redis under way");
}

void Side::submit(std::span<Pending> calls) {
  if (!ticking_) tick();
  if (shared_->config.cluster)
    for (Pending& one : calls) one.slot = one.command.slot();
  Pending& first = calls.front();
  first.blocks =
      std::ranges::any_of(calls, [](const Pending& one) { return one.command.blocks(); });
  if (first.blocks) {
    for (const Pending& one : calls)
      if (first.slot < 0) first.slot = one.slot;
    for (Pending& one : calls) one.together = calls.size() > 1;
    first.rest = calls.subspan(1);
    calls = calls.first(1);
  }
  for (Pending& one : calls) closed_ ? finish_soon(one) : route(one);
}

void Side::finish_soon(Pending& pending) {
  loop_.post([self = shared_from_this(), &pending] { self->give_up(pending); });
}

// ---- to a server

void Side::route(Pending& pending) {
  const ServerPtr& to = choose(pending);
  if (!to) return waiting_.push_back(&pending);
  if (pending.blocks) return route_blocking(to, pending);
  if (to->shared) return to->shared->send(pending);
  waiting_.push_back(&pending);
  connect(to);
}

void Side::route_blocking(const ServerPtr& to, Pending& first) {
  first.wants = to.get();
  if (to->idle.empty()) {
    waiting_.push_back(&first);
    return connect_own(to);
  }
  const auto connection = std::move(to->idle.back());
  to->idle.pop_back();
  connection->send(first);
  for (Pending& one : first.rest) connection->send(one);
}

void Side::reroute() {
  if (closed_) return;
  const Deadline at = now();
  for (Pending* pending : std::exchange(waiting_, {})) {
    if (pending->not_before > at)
      waiting_.push_back(pending);
    else
      route(*pending);
  }
}

const Side::ServerPtr& Side::choose(const Pending& pending) {
  if (shared_->config.cluster) return choose_in_cluster(pending);
  const bool replica = pending.from == From::replica && shared_->config.endpoints.size() > 1 &&
                       (replica_->shared || now() >= replica_->not_before);
  return replica ? replica_ : primary_;
}

const Side::ServerPtr& Side::choose_in_cluster(const Pending& pending) {
  static const ServerPtr kNone;
  if (pending.ask) return server(*pending.ask, From::primary);
  const auto* shard = map_ ? map_->at(std::max(pending.slot, 0)) : nullptr;
  if (!shard) {
    stale_ = true;
    refresh();
    return kNone;
  }
  if (pending.from == From::replica && !shard->replicas.empty()) {
    const auto& replica = server(shard->replicas[turn_++ % shard->replicas.size()], From::replica);
    if (replica->shared || now() >= replica->not_before) return replica;
  }
  return server(shard->primary, From::primary);
}

// ---- what is said

void Side::answered(Connection& connection, Pending& pending, Reply&& reply) {
  if (reply.kind == Reply::Kind::error) return refused(connection, pending, reply.text);
  pending.outcome.emplace(std::move(reply));
  finished(pending);
}

void Side::refused(Connection& connection, Pending& pending, const std::string& text) {
  const Why why = classify(text);
  pending.ask.reset();
  if (shared_->config.cluster && follow(connection, pending, text)) return;
  if (text.starts_with("NOSCRIPT") && pending.command.script_ && !pending.together &&
      !std::exchange(pending.spelled_out, true)) {
    pending.command.spell_out();
    return route(pending);
  }
  if (why == Why::read_only && !shared_->config.cluster) abandon(connection);
  if (why == Why::read_only || text.starts_with("CLUSTERDOWN") || text.starts_with("MASTERDOWN"))
    stale_ = true;
  pending.last = {pending.maybe && untouched(why) ? Why::unknown : why, text};
  if (!pending.together && (passes_soon(text) || why == Why::read_only))
    return again(pending, Millis(5) + pause(std::min(pending.tries++, 3)));
  Failure failure = std::move(pending.last);
  finish(pending, std::move(failure));
}

// MOVED and ASK. The server that says so has done nothing.
bool Side::follow(Connection& connection, Pending& pending, const std::string& text) {
  const ServerPtr from = connection.server();
  const auto redirect = from ? parse_redirect(text, from->at) : std::nullopt;
  if (!redirect) return false;
  if (!redirect->ask) {
    if (map_) map_->move(redirect->slot, redirect->at);
    stale_ = true;
  }
  if (pending.together) return false;  // refused: what goes with it may have been answered already
  ++redirected_;
  if (redirect->ask) pending.ask = redirect->at;
  pending.last = {pending.maybe ? Why::unknown : Why::unavailable, text};
  if (++pending.tries <= kTriesAtOnce)
    route(pending);
  else
    again(pending, pause(1));
  return true;
}

void Side::role_told(Connection& connection, const Reply& reply) {
  const ServerPtr at = connection.server();
  const Role role = role_of(reply);
  if (!at || (at->from == From::primary ? role == Role::primary : role != Role::lagging)) return;
  abandon(connection);
}

void Side::rests(Connection& connection) {
  const ServerPtr at = connection.server();
  if (!at || !connection.own()) return;
  at->idle.push_back(connection.shared_from_this());
  if (std::ssize(at->idle) > kIdleMax) {
    at->idle.front()->close("not needed any more");
    return;
  }
  reroute();
}

// Its server has another role now: the next endpoint is asked.
void Side::abandon(Connection& connection) {
  const ServerPtr at = connection.server();
  if (!at || !connection.usable()) return;
  const auto keep = connection.shared_from_this();
  if (at->shared == keep) {
    leaving_.push_back(std::move(at->shared));
  } else if (at->shared) {
    abandon(*at->shared);
  }
  for (Pending* pending : connection.retire()) waiting_.push_back(pending);
  for (const auto& one : std::vector(at->idle)) one->close("not needed any more");
  at->not_before = now() + pause(++at->failures);
  if (at == current(at->from)) try_next(at->from);
  reroute();
}

// ---- how a call ends

void Side::again(Pending& pending, Millis after) {
  pending.not_before = now() + after;
  if (closed_) return give_up(pending);
  waiting_.push_back(&pending);
}

// It was written, and no answer will come.
void Side::lost(Pending& pending, const std::string& why) {
  pending.maybe = true;
  pending.ask.reset();
  pending.last = {Why::unknown, why};
  if (!pending.idempotent || pending.together || closed_) return give_up(pending);
  ++repeated_;
  again(pending, Millis(0));
}

// With all that goes with it.
void Side::give_up(Pending& pending) {
  Failure failure = pending.last;
  if (failure.text.empty())
    failure = {last_.why == Why::denied ? Why::denied : Why::not_sent, last_.text};
  const std::span<Pending> rest = pending.rest;
  for (Pending& one : rest) finish(one, failure);
  finish(pending, failure);
}

void Side::finish(Pending& pending, Failure failure) {
  if (failure.why == Why::unknown) ++unknown_;
  pending.outcome.emplace(std::unexpect, std::move(failure));
  finished(pending);
}

void Side::finished(Pending& pending) {
  --calls_;
  bytes_ -= pending.bytes;
  Group& group = *pending.group;
  if (--group.remaining > 0) return;
  const auto waiter = group.waiter;
  if (!group.home || group.home == Executor::current())
    waiter.resume();
  else
    group.home->post([waiter] { waiter.resume(); });
}

void Side::broke(Connection& connection, const std::string& why, Connection::Left left) {
  const auto keep = connection.shared_from_this();
  if (const ServerPtr at = connection.server()) {
    if (at->shared == keep) {
      at->shared.reset();
      at->not_before = now() + pause(0);
      ++broken_;
    }
    own_ -= static_cast<int>(std::erase(at->own, keep));
    std::erase(at->idle, keep);
  }
  std::erase(leaving_, keep);
  stale_ = true;
  const Group* kept = nullptr;  // a pipeline that stays whole
  for (Pending* pending : left.unsent) {
    if (!pending->together || !pending->rest.empty()) {
      if (pending->together) kept = pending->group;
      again(*pending, Millis(0));
    } else if (pending->group != kept) {
      finish(*pending, Failure{Why::not_sent, why});
    }
  }
  for (Pending* pending : left.sent) {
    pending->rest = {};  // each part ends as it went
    lost(*pending, why);
  }
  reroute();
}

void Side::count(Statistics& out) const {
  out.under_way += calls_;
  out.connected += connected_;
  out.broken += broken_;
  out.redirected += redirected_;
  out.repeated += repeated_;
  out.unknown += unknown_;
}

}  // namespace onsale::kv

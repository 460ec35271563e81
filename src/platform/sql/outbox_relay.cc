#include "platform/sql/outbox_relay.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "platform/sql/outbox_parked.h"

namespace onsale::sql {

namespace {

constexpr Millis kAfterTrouble{500};     // the database did not answer the relay
constexpr Millis kYoungGap{1'000};       // looked for with every wake-up
constexpr Millis kGapForgotten{60'000};  // twice as long as a unit may take on MySQL
constexpr std::size_t kLateMax = 1'000;  // looked for in one read
constexpr std::size_t kGapsMax = 10'000;
constexpr std::int64_t kJumpMax = 1'000;  // numbers of one jump that are looked for
constexpr int kReplaysMax = 100;          // read at once

using Row = std::tuple<std::int64_t, std::string, std::string, std::string, Timestamp>;

Event to_event(Row& row) {
  auto& [sequence, topic, key, json, at] = row;
  return {sequence, std::move(topic), std::move(key), std::move(json), at};
}

std::vector<Event> to_events(std::vector<Row> rows) {
  std::vector<Event> events;
  events.reserve(rows.size());
  for (auto& row : rows) events.push_back(to_event(row));
  return events;
}

// On MySQL a DELETE locks one row more than its range, and would wait there for a unit that is
// still open; told how many rows there are, it stops in time.
void remove_up_to(Tx& tx, std::int64_t sequence) {
  if (tx.dialect() == Dialect::sqlite) {
    tx.exec("DELETE FROM platform_outbox WHERE sequence <= ?", sequence);
    return;
  }
  const auto count =
      tx.one<std::int64_t>("SELECT COUNT(*) FROM platform_outbox WHERE sequence <= ?", sequence);
  if (!count || std::get<0>(*count) == 0) return;
  tx.exec("DELETE FROM platform_outbox WHERE sequence <= ? ORDER BY sequence LIMIT ?", sequence,
          std::get<0>(*count));
}

}  // namespace

Outbox::Relay::Relay(Database& database, OutboxOptions options)
    : database_(database), options_(options) {}

std::int64_t Outbox::Relay::Consumer::handled_upto() const {
  if (queue.empty()) return cursor;
  // A late event queues behind the busy front one although its number is lower.
  std::int64_t lowest = queue.front().sequence;
  if (queue.size() > 1) lowest = std::min(lowest, queue[1].sequence);
  return lowest - 1;
}

void Outbox::Relay::subscribe(std::string consumer, std::string topic, Handler handler) {
  check(!worker_, "subscriptions come before start");
  const auto same = [&](const auto& c) { return c->name == consumer; };
  auto found = std::ranges::find_if(consumers_, same);
  if (found == consumers_.end()) {
    consumers_.push_back(std::make_unique<Consumer>());
    consumers_.back()->name = std::move(consumer);
    found = std::prev(consumers_.end());
  }
  const bool fresh = (*found)->handlers.emplace(std::move(topic), std::move(handler)).second;
  check(fresh, "a consumer takes a topic once");
}

void Outbox::Relay::start() {
  if (worker_) return;
  stopping_ = woken_ = false;
  quiet_ = ended_ = loaded_ = pumping_ = again_ = dirty_ = save_armed_ = save_due_ = final_save_ =
      false;
  gaps_.clear();
  for (auto& consumer : consumers_) {
    consumer->queue.clear();
    consumer->replays.clear();
    consumer->attempts = consumer->tries = 0;
    consumer->busy = consumer->replaying = false;
  }
  worker_ = std::make_unique<Worker>();
  database_.on_publish([this] { wake(); });
  worker_->post([this] { poll(); });
}

void Outbox::Relay::stop() {
  if (!worker_) return;
  database_.on_publish(nullptr);  // afterwards no thread is inside wake()
  stopping_ = true;
  worker_->post([this] { note_progress(); });
  {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, std::chrono::seconds(10), [this] { return quiet_; })) {
      log::warn("sql", "the outbox waits for a handler that does not end");
    }
  }
  worker_.reset();
}

OutboxStatistics Outbox::Relay::statistics() const {
  const Timestamp now = database_.clock().now();
  std::lock_guard lock(mutex_);
  OutboxStatistics out = statistics_;
  if (oldest_) out.lag_ms = std::max<std::int64_t>(0, (now - *oldest_).count());
  return out;
}

void Outbox::Relay::wake() {
  if (woken_.exchange(true)) return;
  worker_->post([this] {
    woken_ = false;
    request_pump();
  });
}

void Outbox::Relay::poll() {
  if (stopping_) return;
  polled_ = dirty_ = save_due_ = true;  // positions may have waited for a gap
  request_pump();
  worker_->post_after(options_.poll, [this] { poll(); });
}

void Outbox::Relay::request_pump() {
  if (ended_) return;
  if (pumping_) {
    again_ = true;
    return;
  }
  pumping_ = true;
  // NOLINTNEXTLINE: `onsale::start`, not the member.
  onsale::start(pump(), [this](std::exception_ptr error) {
    worker_->post([this, error] { pumped(error); });
  });
}

void Outbox::Relay::pumped(const std::exception_ptr& error) {
  pumping_ = false;
  if (error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& why) {
      log::warn("sql", "the outbox cannot use the database now", {{"why", why.what()}});
    }
    if (!stopping_) worker_->post_after(kAfterTrouble, [this] { request_pump(); });
  } else if (again_) {
    request_pump();
  }
  note_progress();
}

Task<void> Outbox::Relay::pump() {
  again_ = false;
  if (!loaded_ && !stopping_) co_await load_positions();
  for (bool more = true; more && !stopping_;) {
    again_ = false;
    more = false;
    const bool thorough = std::exchange(polled_, false);
    if (thorough) co_await read_parked();
    if (!gaps_.empty()) co_await read_late(thorough ? kGapForgotten : kYoungGap);
    const auto cursors = cursors_to_read();
    for (const std::int64_t cursor : cursors) {
      const bool full = co_await read_from(cursor);
      more = more || full;
    }
    more = more || again_;
  }
  if (consumers_.empty()) co_await discard_all();
  if (dirty_ && (save_due_ || stopping_)) co_await save_positions();
}

Task<void> Outbox::Relay::load_positions() {
  auto reading = database_.read([](Tx& tx) {
    return tx.query<std::string, std::int64_t>(
        "SELECT consumer, handled_upto FROM platform_outbox_position");
  });
  const auto loaded = co_await std::move(reading);
  for (auto& consumer : consumers_) consumer->cursor = consumer->persisted = 0;
  for (const auto& [name, upto] : loaded) {
    for (auto& consumer : consumers_) {
      if (consumer->name == name) consumer->cursor = consumer->persisted = upto;
    }
  }
  const auto last = [](const auto& consumer) { return consumer->cursor; };
  const auto slowest = std::ranges::min_element(consumers_, {}, last);
  frontier_ = slowest == consumers_.end() ? 0 : (*slowest)->cursor;
  loaded_ = true;
}

// How many there are, and those that an operator asked for: each goes to its consumer alone.
Task<void> Outbox::Relay::read_parked() {
  auto reading = database_.read(
      [](Tx& tx) { return std::pair(count_parked(tx), parked_to_replay(tx, kReplaysMax)); });
  auto found = co_await std::move(reading);
  {
    std::lock_guard lock(mutex_);
    statistics_.parked = found.first;
  }
  for (auto& [name, event] : found.second) {
    for (auto& consumer : consumers_) {
      const auto known = [&](const Event& e) { return e.sequence == event.sequence; };
      if (consumer->name != name || !consumer->handlers.contains(event.topic) ||
          std::ranges::any_of(consumer->replays, known)) {
        continue;
      }
      consumer->replays.push_back(event);
      deliver(*consumer);
    }
  }
}

bool Outbox::Relay::has_room(const Consumer& consumer) const {
  return consumer.queue.size() < options_.batch;
}

std::set<std::int64_t> Outbox::Relay::cursors_to_read() const {
  std::set<std::int64_t> cursors;
  for (const auto& consumer : consumers_) {
    if (has_room(*consumer)) cursors.insert(consumer->cursor);
  }
  return cursors;
}

// True when there may be more behind what was read.
Task<bool> Outbox::Relay::read_from(std::int64_t cursor) {
  auto reading = database_.read([cursor, limit = options_.batch](Tx& tx) {
    return tx.query<std::int64_t, std::string, std::string, std::string, Timestamp>(
        "SELECT sequence, topic, subject, body, created_at FROM platform_outbox "
        "WHERE sequence > ? ORDER BY sequence LIMIT ?",
        cursor, limit);
  });
  auto rows = co_await std::move(reading);
  if (rows.empty()) co_return false;
  const auto events = to_events(std::move(rows));
  note_gaps(events);
  for (auto& consumer : consumers_) {
    if (consumer->cursor != cursor || !has_room(*consumer)) continue;
    for (const auto& event : events) give(*consumer, event);
    consumer->cursor = events.back().sequence;
    deliver(*consumer);
  }
  mark_dirty();
  note_progress();
  co_return events.size() == options_.batch;
}

void Outbox::Relay::note_gaps(const std::vector<Event>& events) {
  for (const auto& event : events) {
    if (event.sequence <= frontier_) continue;
    if (database_.dialect() == Dialect::mysql) {
      const auto now = worker_->now();
      const auto first = std::max(frontier_ + 1, event.sequence - kJumpMax);
      for (auto missing = first; missing < event.sequence; ++missing) gaps_[missing] = now;
    }
    frontier_ = event.sequence;
  }
  while (gaps_.size() > kGapsMax) gaps_.erase(gaps_.begin());
}

// Events that committed after one with a higher number: consumers that were already past them get
// them now.
Task<void> Outbox::Relay::read_late(Millis younger_than) {
  const auto now = worker_->now();
  std::erase_if(gaps_, [now](const auto& gap) { return now - gap.second > kGapForgotten; });
  std::vector<std::int64_t> wanted;
  for (const auto& [sequence, since] : gaps_) {
    if (now - since <= younger_than && wanted.size() < kLateMax) wanted.push_back(sequence);
  }
  auto reading = database_.read([wanted = std::move(wanted)](Tx& tx) {
    std::vector<Row> found;
    for (const std::int64_t sequence : wanted) {
      auto row = tx.one<std::int64_t, std::string, std::string, std::string, Timestamp>(
          "SELECT sequence, topic, subject, body, created_at FROM platform_outbox "
          "WHERE sequence = ?",
          sequence);
      if (row) found.push_back(std::move(*row));
    }
    return found;
  });
  auto rows = co_await std::move(reading);
  for (const auto& event : to_events(std::move(rows))) {
    gaps_.erase(event.sequence);
    for (auto& consumer : consumers_) {
      if (consumer->cursor < event.sequence) continue;
      give(*consumer, event);
      deliver(*consumer);
    }
  }
}

Task<void> Outbox::Relay::save_positions() {
  dirty_ = save_due_ = false;
  const std::int64_t bound = gaps_.empty() ? frontier_ : gaps_.begin()->first - 1;
  std::vector<std::pair<std::string, std::int64_t>> moved;
  std::int64_t everyone = bound;
  for (auto& consumer : consumers_) {
    const std::int64_t upto = std::min(consumer->handled_upto(), bound);
    everyone = std::min(everyone, upto);
    if (upto <= consumer->persisted) continue;
    moved.emplace_back(consumer->name, upto);
  }
  if (moved.empty()) co_return;
  auto writing = database_.write([moved, everyone](Tx& tx) {
    for (const auto& [consumer, upto] : moved) {
      const auto known =
          tx.exec("UPDATE platform_outbox_position SET handled_upto = ? WHERE consumer = ?", upto,
                  consumer);
      if (known > 0) continue;
      tx.exec("INSERT INTO platform_outbox_position (consumer, handled_upto) VALUES (?, ?)",
              consumer, upto);
    }
    remove_up_to(tx, everyone);
  });
  try {
    co_await std::move(writing);
  } catch (...) {
    dirty_ = save_due_ = true;
    throw;
  }
  for (const auto& [name, upto] : moved) {
    for (auto& consumer : consumers_) {
      if (consumer->name == name) consumer->persisted = upto;
    }
  }
}

// Nobody listens: the table must not grow for ever.
Task<void> Outbox::Relay::discard_all() {
  co_await database_.write([](Tx& tx) { tx.exec("DELETE FROM platform_outbox"); });
}

void Outbox::Relay::mark_dirty() {
  dirty_ = true;
  if (save_armed_) return;
  save_armed_ = true;
  worker_->post_after(options_.save, [this] {
    save_armed_ = false;
    save_due_ = true;
    request_pump();
  });
}

}  // namespace onsale::sql

#include "platform/sql/outbox_parked.h"

#include <charconv>

namespace onsale::sql {

namespace {

constexpr std::string_view kColumns =
    "SELECT consumer, sequence, topic, subject, body, created_at, attempts, reason, parked_at, "
    "replay_at FROM platform_outbox_parked WHERE ";

template <class... A>
std::vector<ParkedEvent> select_parked(Tx& tx, std::string_view where, const A&... args) {
  std::vector<ParkedEvent> out;
  const std::string text = std::string(kColumns).append(where);
  for (auto& [consumer, sequence, topic, key, json, at, attempts, reason, parked_at, replay_at] :
       tx.query<std::string, std::int64_t, std::string, std::string, std::string, Timestamp, int,
                std::string, Timestamp, std::optional<Timestamp>>(text, args...)) {
    out.push_back({std::move(consumer),
                   {sequence, std::move(topic), std::move(key), std::move(json), at},
                   attempts,
                   std::move(reason),
                   parked_at,
                   replay_at});
  }
  return out;
}

}  // namespace

std::string ParkedEvent::id() const { return consumer + ":" + std::to_string(event.sequence); }

std::optional<ParkedKey> parse_parked_id(std::string_view id) {
  const auto colon = id.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  ParkedKey key{.consumer = std::string(id.substr(0, colon))};
  const std::string_view digits = id.substr(colon + 1);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), key.sequence);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return {};
  return key;
}

std::uint64_t count_parked(Tx& tx) {
  return std::get<0>(*tx.one<std::uint64_t>("SELECT COUNT(*) FROM platform_outbox_parked"));
}

std::vector<ParkedEvent> list_parked(Tx& tx, const std::optional<ParkedKey>& after, int limit) {
  if (!after) return select_parked(tx, "1 = 1 ORDER BY consumer, sequence LIMIT ?", limit);
  return select_parked(tx,
                       "consumer > ? OR (consumer = ? AND sequence > ?) "
                       "ORDER BY consumer, sequence LIMIT ?",
                       after->consumer, after->consumer, after->sequence, limit);
}

std::optional<ParkedEvent> find_parked(Tx& tx, const ParkedKey& key) {
  auto found = select_parked(tx, "consumer = ? AND sequence = ?", key.consumer, key.sequence);
  if (found.empty()) return {};
  return std::move(found.front());
}

bool ask_for_replay(Tx& tx, const ParkedKey& key, Timestamp now) {
  return tx.exec(
             "UPDATE platform_outbox_parked SET replay_at = ? WHERE consumer = ? AND sequence = ?",
             now, key.consumer, key.sequence) > 0;
}

std::vector<std::pair<std::string, Event>> parked_to_replay(Tx& tx, int limit) {
  std::vector<std::pair<std::string, Event>> out;
  for (auto& parked : select_parked(
           tx, "replay_at IS NOT NULL ORDER BY replay_at, consumer, sequence LIMIT ?", limit)) {
    out.emplace_back(std::move(parked.consumer), std::move(parked.event));
  }
  return out;
}

void park_event(Tx& tx, const ParkedEvent& parked) {
  const Event& event = parked.event;
  const auto known = tx.exec(
      "UPDATE platform_outbox_parked SET attempts = ?, reason = ?, parked_at = ?, replay_at = NULL "
      "WHERE consumer = ? AND sequence = ?",
      parked.attempts, parked.reason, parked.parked_at, parked.consumer, event.sequence);
  if (known > 0) return;
  tx.exec(
      "INSERT INTO platform_outbox_parked (consumer, sequence, topic, subject, body, created_at, "
      "attempts, reason, parked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      parked.consumer, event.sequence, event.topic, event.key, event.json, event.at,
      parked.attempts, parked.reason, parked.parked_at);
}

void forget_parked_event(Tx& tx, const std::string& consumer, std::int64_t sequence) {
  tx.exec("DELETE FROM platform_outbox_parked WHERE consumer = ? AND sequence = ?", consumer,
          sequence);
}

}  // namespace onsale::sql

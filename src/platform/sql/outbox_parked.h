// Events that a consumer could not handle: an operator looks at them, mends what stood in the way,
// and has them delivered once more. A running server's relay sees the wish within its poll (two
// seconds), another one when it starts; the event leaves the list once its consumer has handled it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/sql/outbox.h"

namespace onsale::sql {

struct ParkedEvent {
  std::string consumer;
  Event event;
  int attempts = 0;
  std::string reason;  // what the last attempt said
  Timestamp parked_at{};
  std::optional<Timestamp> replay_at;  // asked for and still to be done

  // "booking.payments:17", for people and addresses.
  std::string id() const;
};
struct ParkedKey {
  std::string consumer;
  std::int64_t sequence = 0;
};
std::optional<ParkedKey> parse_parked_id(std::string_view id);

std::uint64_t count_parked(Tx& tx);
// In the order of their ids, from behind `after`.
std::vector<ParkedEvent> list_parked(Tx& tx, const std::optional<ParkedKey>& after, int limit);
std::optional<ParkedEvent> find_parked(Tx& tx, const ParkedKey& key);
// False when there is no such event.
bool ask_for_replay(Tx& tx, const ParkedKey& key, Timestamp now);

// What the relay does with them.
std::vector<std::pair<std::string, Event>> parked_to_replay(Tx& tx, int limit);
// Also one that was replayed in vain: nobody asks for it any more.
void park_event(Tx& tx, const ParkedEvent& parked);
void forget_parked_event(Tx& tx, const std::string& consumer, std::int64_t sequence);

}  // namespace onsale::sql

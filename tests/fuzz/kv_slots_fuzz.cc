// What a Redis cluster says of its slots: maps and redirects are refused, or name what can be
// asked.
#include "platform/kv/kv.h"
#include "platform/kv/reader.h"
#include "platform/kv/slots.h"
#include "tests/fuzz/fuzz.h"

namespace onsale::fuzz {
namespace {

void check_endpoint(const kv::Endpoint& at) {
  check(at.port > 0 && at.host != "?" && !at.host.empty(), "somebody to ask");
}

void check_redirect(std::string_view text, const kv::Endpoint& from) {
  const auto redirect = kv::parse_redirect(text, from);
  if (!redirect) return;
  check_endpoint(redirect->at);
  check(redirect->slot >= 0 && redirect->slot < kv::kSlots, "a slot that there is");
  const std::string again = std::string(redirect->ask ? "ASK " : "MOVED ") +
                            std::to_string(redirect->slot) + " " + kv::to_string(redirect->at);
  const auto same = kv::parse_redirect(again, from);
  check(same && same->at == redirect->at && same->slot == redirect->slot, "it says the same again");
}

void check_map(kv::SlotMap& map, const kv::Endpoint& from) {
  for (const auto& shard : map.shards()) {
    check_endpoint(shard.primary);
    for (const auto& replica : shard.replicas) check_endpoint(replica);
    check(std::ranges::count(map.shards(), shard.primary, &kv::SlotMap::Shard::primary) == 1,
          "a primary has one shard");
  }
  const int slots[] = {0, 1, 8'000, kv::kSlots - 1};
  for (const int slot : slots) {
    const auto* there = map.at(slot);
    check(!there ||
              std::ranges::count(map.shards(), there->primary, &kv::SlotMap::Shard::primary) == 1,
          "who has a slot is known");
    map.move(slot, from);
    check(map.at(slot) && map.at(slot)->primary == from, "a slot goes where it moved");
  }
}

// Replies one after the other, as they come on a connection; an error may be a redirect.
void kv_slots(std::string_view bytes) {
  const kv::Endpoint from{"from", 6'379};
  check_redirect(bytes, from);
  const int slot = kv::hash_slot(bytes);
  check(slot >= 0 && slot < kv::kSlots, "a slot that there is");
  check(bytes.contains('}') || kv::hash_slot("{" + std::string(bytes) + "}more") == slot ||
            bytes.contains('{') || bytes.empty(),
        "a tag stands for the key");
  kv::Reader reader;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kv::Reader::kFeedMax)))
    reader.feed(bytes.substr(0, kv::Reader::kFeedMax));
  kv::Reply reply;
  while (reader.next(reply) == kv::Reader::Got::reply) {
    if (reply.kind == kv::Reply::Kind::error) check_redirect(reply.text, from);
    if (auto map = kv::SlotMap::parse(reply, from)) check_map(*map, from);
  }
}

const Declare kDeclared("kv_slots", kv_slots);

}  // namespace
}  // namespace onsale::fuzz

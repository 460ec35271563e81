#include "platform/kv/slots.h"

#include <algorithm>
#include <charconv>

#include "platform/kv/kv.h"

namespace onsale::kv {
namespace {

constexpr std::array<std::uint16_t, 256> kCrc = [] {
  std::array<std::uint16_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    unsigned crc = i << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ (crc & 0x8000U ? 0x1021U : 0U);
    table[i] = static_cast<std::uint16_t>(crc);
  }
  return table;
}();

template <class Number>
bool read(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

// A node's first two fields; none when it can't be reached or makes no sense.
std::optional<Endpoint> endpoint_of(const Reply& node, const Endpoint& from) {
  if (node.kind != Reply::Kind::array || node.items.size() < 2) return {};
  const Reply& host = node.items[0];
  const Reply& port = node.items[1];
  if (port.kind != Reply::Kind::integer || port.integer < 1 || port.integer > 65'535) return {};
  if (host.kind != Reply::Kind::nil && host.kind != Reply::Kind::text) return {};
  if (host.text == "?") return {};
  return Endpoint{host.text.empty() ? from.host : host.text,
                  static_cast<std::uint16_t>(port.integer)};
}

bool range_of(const Reply& row, int& first, int& last) {
  if (row.kind != Reply::Kind::array || row.items.size() < 3) return false;
  const Reply& a = row.items[0];
  const Reply& b = row.items[1];
  if (a.kind != Reply::Kind::integer || b.kind != Reply::Kind::integer) return false;
  if (a.integer < 0 || b.integer < a.integer || b.integer >= kSlots) return false;
  first = static_cast<int>(a.integer);
  last = static_cast<int>(b.integer);
  return true;
}

}  // namespace

int hash_slot(std::string_view key) {
  if (const auto open = key.find('{'); open != key.npos) {
    const auto close = key.find('}', open + 1);
    if (close != key.npos && close != open + 1) key = key.substr(open + 1, close - open - 1);
  }
  unsigned crc = 0;
  for (const char c : key)
    crc = ((crc << 8) ^ kCrc[((crc >> 8) ^ static_cast<unsigned char>(c)) & 0xffU]) & 0xffffU;
  return static_cast<int>(crc % kSlots);
}

std::string to_string(const Endpoint& at) { return at.host + ":" + std::to_string(at.port); }

std::optional<Redirect> parse_redirect(std::string_view text, const Endpoint& from) {
  Redirect out;
  if (text.starts_with("MOVED ")) {
    text.remove_prefix(6);
  } else if (text.starts_with("ASK ")) {
    out.ask = true;
    text.remove_prefix(4);
  } else {
    return {};
  }
  const auto space = text.find(' ');
  const auto colon = text.rfind(':');  // an IPv6 host has some of its own
  if (space == text.npos || colon == text.npos || colon <= space) return {};
  if (!read(text.substr(0, space), out.slot) || out.slot < 0 || out.slot >= kSlots) return {};
  if (!read(text.substr(colon + 1), out.at.port) || out.at.port == 0) return {};
  out.at.host = text.substr(space + 1, colon - space - 1);
  if (out.at.host == "?") return {};
  if (out.at.host.empty()) out.at.host = from.host;
  return out;
}

std::optional<SlotMap> SlotMap::parse(const Reply& answer, const Endpoint& from) {
  if (answer.kind != Reply::Kind::array) return {};
  SlotMap map;
  for (const Reply& row : answer.items) {
    int first = 0, last = 0;
    if (!range_of(row, first, last)) return {};
    const auto primary = endpoint_of(row.items[2], from);
    if (!primary) continue;
    const std::size_t shard = map.shard_of(*primary);
    if (shard >= kShardsMax) return {};
    auto& replicas = map.shards_[shard].replicas;
    for (std::size_t i = 3; i < row.items.size() && replicas.size() < kReplicasMax; ++i) {
      const auto replica = endpoint_of(row.items[i], from);
      if (replica && !std::ranges::count(replicas, *replica)) replicas.push_back(*replica);
    }
    std::fill(map.owner_.begin() + first, map.owner_.begin() + last + 1,
              static_cast<std::uint16_t>(shard));
  }
  return map;
}

const SlotMap::Shard* SlotMap::at(int slot) const {
  const std::uint16_t owner = owner_[static_cast<std::size_t>(slot)];
  return owner == kNobody ? nullptr : &shards_[owner];
}

void SlotMap::move(int slot, const Endpoint& to) {
  const std::size_t shard = shard_of(to);
  if (shard < kShardsMax)
    owner_[static_cast<std::size_t>(slot)] = static_cast<std::uint16_t>(shard);
}

// kShardsMax when there is no room for one more.
std::size_t SlotMap::shard_of(const Endpoint& primary) {
  const auto found = std::ranges::find(shards_, primary, &Shard::primary);
  if (found != shards_.end()) return static_cast<std::size_t>(found - shards_.begin());
  if (shards_.size() >= kShardsMax) return kShardsMax;
  shards_.push_back({primary});
  return shards_.size() - 1;
}

}  // namespace onsale::kv

#include "waitroom/lottery/lottery.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/encoding.h"

namespace onsale::waitroom::lottery {

namespace {

constexpr char kLeaf = 0;
constexpr char kNode = 1;
constexpr char kEntry = 2;
constexpr int kLowLevels = 4;  // these are recomputed
constexpr std::size_t kGroup = std::size_t{1} << kLowLevels;
constexpr std::size_t kSignatureMin = 32, kSignatureMax = 128;
constexpr std::int64_t kSecondsMax = 4'102'444'800;  // the year 2100

Digest leaf_of(const Hashing& hashing, const Digest& entry) {
  std::array<char, 1 + kDigestBytes> bytes;
  bytes[0] = kLeaf;
  std::memcpy(bytes.data() + 1, entry.data(), kDigestBytes);
  return hashing.sha256({bytes.data(), bytes.size()});
}

Digest node_of(const Hashing& hashing, const Digest& left, const Digest& right) {
  std::array<char, 1 + 2 * kDigestBytes> bytes;
  bytes[0] = kNode;
  std::memcpy(bytes.data() + 1, left.data(), kDigestBytes);
  std::memcpy(bytes.data() + 1 + kDigestBytes, right.data(), kDigestBytes);
  return hashing.sha256({bytes.data(), bytes.size()});
}

// Pairs of neighbours; the odd one at the end goes up as it is. That is RFC 6962's tree.
std::vector<Digest> level_above(const Hashing& hashing, std::span<const Digest> level) {
  std::vector<Digest> above;
  above.reserve((level.size() + 1) / 2);
  for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
    above.push_back(node_of(hashing, level[i], level[i + 1]));
  }
  if (level.size() % 2 == 1) above.push_back(level.back());
  return above;
}

std::vector<Digest> leaves_of(const Hashing& hashing, std::span<const Digest> entries) {
  std::vector<Digest> leaves;
  leaves.reserve(entries.size());
  for (const Digest& entry : entries) leaves.push_back(leaf_of(hashing, entry));
  return leaves;
}

// The sixteen entries around `index`, or what there is of them at the end.
std::span<const Digest> group_of(std::span<const Digest> entries, std::size_t index) {
  const std::size_t first = index / kGroup * kGroup;
  return entries.subspan(first, std::min(kGroup, entries.size() - first));
}

std::unexpected<Refused<Refusal>> beacon_invalid(std::string field, std::string message) {
  return refused(Refusal::beacon_invalid, {{std::move(field), "invalid", std::move(message)}});
}

Result<void, Refused<Refusal>> judge_round(const DrandBeacon& drand, Timestamp now) {
  if (!digest_from_hex(drand.chain.hash)) {
    return beacon_invalid("beacon.chain.hash", "64 hexadecimal digits");
  }
  if (drand.round < 1) return beacon_invalid("beacon.round", "rounds count from 1");
  const auto time = round_time(drand.chain, drand.round);
  if (!time) return beacon_invalid("beacon.round", "no time can be told for this round");
  if (*time < now + kRoundLead) return refused(Refusal::round_not_future);
  return {};
}

Result<void, Refused<Refusal>> judge_parties(const PartiesBeacon& parties) {
  const auto& commitments = parties.commitments;
  if (commitments.empty() || commitments.size() > kPartiesMax) {
    return beacon_invalid("beacon.commitments",
                          "between 1 and " + std::to_string(kPartiesMax) + " of them");
  }
  if (parties.needed < 1 || parties.needed > static_cast<std::int64_t>(commitments.size())) {
    return beacon_invalid("beacon.k", "between 1 and the number of commitments");
  }
  auto sorted = commitments;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    return beacon_invalid("beacon.commitments", "no two may be the same");
  }
  return {};
}

Result<Digest, Refused<Refusal>> value_of_round(const Hashing& hashing, const DrandBeacon& beacon,
                                                const DrandRound& round, Timestamp now) {
  if (round.round != beacon.round) return refused(Refusal::wrong_evidence);
  const auto time = round_time(beacon.chain, beacon.round);
  if (!time || now < *time) return refused(Refusal::round_not_reached);
  if (round.signature.size() < kSignatureMin || round.signature.size() > kSignatureMax) {
    return refused(Refusal::beacon_mismatch);
  }
  const Digest value = hashing.sha256(round.signature);
  if (round.randomness && *round.randomness != value) return refused(Refusal::beacon_mismatch);
  return value;
}

Result<Digest, Refused<Refusal>> value_of_parties(const Hashing& hashing,
                                                  const PartiesBeacon& beacon,
                                                  const Reveals& reveals) {
  std::vector<const Digest*> revealed(beacon.commitments.size(), nullptr);
  for (const Reveal& reveal : reveals) {
    const auto party = static_cast<std::size_t>(reveal.party - 1);
    if (reveal.party < 1 || party >= revealed.size() || revealed[party]) {
      return refused(Refusal::wrong_evidence);
    }
    if (hashing.sha256(bytes_of(reveal.value)) != beacon.commitments[party]) {
      return refused(Refusal::reveal_mismatch,
                     {{"reveals[" + std::to_string(&reveal - reveals.data()) + "].value",
                       "reveal_mismatch", "Its hash is not what this party committed to."}});
    }
    revealed[party] = &reveal.value;
  }
  if (reveals.size() < static_cast<std::size_t>(beacon.needed)) {
    return refused(Refusal::too_few_reveals);
  }
  std::string text;
  for (const Digest* value : revealed) {
    text.push_back(value ? 1 : 0);
    if (value) text += bytes_of(*value);
  }
  return hashing.sha256(text);
}

}  // namespace

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string_view bytes_of(const Salt& salt) {
  return {reinterpret_cast<const char*>(salt.data()), salt.size()};
}

std::string hex(std::string_view bytes) { return hex_encoded(bytes); }

std::optional<std::string> from_hex(std::string_view text) { return hex_decoded(text); }

std::optional<Digest> digest_from_hex(std::string_view text) {
  const auto bytes = from_hex(text);
  Digest digest;
  if (!bytes || bytes->size() != digest.size()) return {};
  std::memcpy(digest.data(), bytes->data(), digest.size());
  return digest;
}

Salt salt_of(const Hashing& hashing, const Digest& key, Sequence place) {
  std::array<char, 8> number;
  for (int i = 0; i < 8; ++i) {
    number[static_cast<std::size_t>(i)] = static_cast<char>(place >> (56 - 8 * i));
  }
  const Digest mac = hashing.hmac_sha256(bytes_of(key), {number.data(), number.size()});
  Salt salt;
  std::memcpy(salt.data(), mac.data(), salt.size());
  return salt;
}

Digest entry_of(const Hashing& hashing, const Salt& salt, const RoomId& room, Sequence place) {
  std::string text(1, kEntry);
  text += bytes_of(salt);
  text += room.str();
  text += '/';
  text += std::to_string(place);
  return hashing.sha256(text);
}

Tree::Tree(const Hashing& hashing, std::span<const Digest> entries) {
  if (entries.empty()) {
    root_ = hashing.sha256("");
    return;
  }
  std::vector<Digest> level;
  level.reserve((entries.size() + kGroup - 1) / kGroup);
  for (std::size_t first = 0; first < entries.size(); first += kGroup) {
    std::vector<Digest> low = leaves_of(hashing, group_of(entries, first));
    while (low.size() > 1) low = level_above(hashing, low);
    level.push_back(low.front());
  }
  while (level.size() > 1) {
    std::vector<Digest> above = level_above(hashing, level);
    levels_.push_back(std::exchange(level, std::move(above)));
  }
  root_ = level.front();
}

std::vector<Digest> Tree::proof(const Hashing& hashing, std::span<const Digest> entries,
                                std::size_t index) const {
  std::vector<Digest> path;
  const auto take_sibling = [&path](std::span<const Digest> level, std::size_t at) {
    if ((at ^ 1) < level.size()) path.push_back(level[at ^ 1]);
  };
  std::vector<Digest> low = leaves_of(hashing, group_of(entries, index));
  for (std::size_t at = index % kGroup; low.size() > 1; at /= 2) {
    take_sibling(low, at);
    low = level_above(hashing, low);
  }
  std::size_t at = index / kGroup;
  for (const auto& level : levels_) {
    take_sibling(level, at);
    at /= 2;
  }
  return path;
}

std::vector<std::uint32_t> ranking(const Hashing& hashing, const Digest& seed, const Digest& beacon,
                                   std::span<const Digest> entries) {
  std::string key(bytes_of(seed));
  key += bytes_of(beacon);
  // Sorting by the first eight bytes decides nearly everything, and keeps to the cache.
  struct Ranked {
    std::uint64_t front;
    std::uint32_t index;
  };
  std::vector<Digest> macs;
  std::vector<Ranked> line;
  macs.reserve(entries.size());
  line.reserve(entries.size());
  for (const Digest& entry : entries) {
    const Digest& mac = macs.emplace_back(hashing.hmac_sha256(key, bytes_of(entry)));
    std::uint64_t front = 0;
    for (std::size_t i = 0; i < sizeof front; ++i) front = front << 8 | mac[i];
    line.push_back({front, static_cast<std::uint32_t>(macs.size() - 1)});
  }
  std::sort(line.begin(), line.end(), [&macs](const Ranked& a, const Ranked& b) {
    if (a.front != b.front) return a.front < b.front;
    return macs[a.index] != macs[b.index] ? macs[a.index] < macs[b.index] : a.index < b.index;
  });
  std::vector<std::uint32_t> order;
  order.reserve(line.size());
  for (const Ranked& one : line) order.push_back(one.index);
  return order;
}

DrandChain quicknet() {
  return {.hash = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
          .genesis_s = 1'692'803'367,
          .period_s = 3};
}

std::optional<Timestamp> round_time(const DrandChain& chain, std::uint64_t round) {
  if (round < 1 || chain.period_s < 1 || chain.genesis_s < 0 || chain.genesis_s > kSecondsMax) {
    return {};
  }
  const auto left = static_cast<std::uint64_t>(kSecondsMax - chain.genesis_s);
  if (round - 1 > left / static_cast<std::uint64_t>(chain.period_s)) return {};
  const auto after = static_cast<std::int64_t>(round - 1) * chain.period_s;
  return from_unix_ms((chain.genesis_s + after) * 1000);
}

std::string_view to_string(State state) {
  constexpr std::array<std::string_view, 5> kNames{"none", "committed", "closed", "drawn",
                                                   "abandoned"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(Refusal refusal) {
  constexpr std::array<std::string_view, 17> kNames{
      "room_not_found",   "not_a_pool",        "joining_began",      "not_committed",
      "not_closed",       "already_closed",    "already_drawn",      "beacon_invalid",
      "round_not_future", "round_not_reached", "wrong_evidence",     "beacon_mismatch",
      "reveal_mismatch",  "too_few_reveals",   "beacon_unavailable", "place_invalid",
      "abandoned"};
  return kNames[static_cast<std::size_t>(refusal)];
}

Result<void, Refused<Refusal>> judge(const Beacon& beacon, Timestamp now) {
  if (const auto* drand = std::get_if<DrandBeacon>(&beacon)) return judge_round(*drand, now);
  return judge_parties(std::get<PartiesBeacon>(beacon));
}

Result<Digest, Refused<Refusal>> value_of(const Hashing& hashing, const Beacon& beacon,
                                          const Evidence& evidence, Timestamp now) {
  if (beacon.index() != evidence.index()) return refused(Refusal::wrong_evidence);
  if (const auto* drand = std::get_if<DrandBeacon>(&beacon)) {
    return value_of_round(hashing, *drand, std::get<DrandRound>(evidence), now);
  }
  return value_of_parties(hashing, std::get<PartiesBeacon>(beacon), std::get<Reveals>(evidence));
}

}  // namespace onsale::waitroom::lottery

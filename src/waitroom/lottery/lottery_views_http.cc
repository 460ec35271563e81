#include "waitroom/lottery/lottery_views_http.h"

namespace onsale::waitroom::lottery {
namespace {

std::string hex_of(const Digest& digest) { return hex(bytes_of(digest)); }

std::vector<std::string> hex_of(const std::vector<Digest>& digests) {
  std::vector<std::string> texts;
  for (const Digest& digest : digests) texts.push_back(hex_of(digest));
  return texts;
}

BeaconJson to_json(const Beacon& beacon) {
  BeaconJson json;
  if (const auto* drand = std::get_if<DrandBeacon>(&beacon)) {
    json.kind = BeaconKind::drand;
    json.chain = ChainJson{drand->chain.hash, drand->chain.genesis_s, drand->chain.period_s};
    json.round = static_cast<std::int64_t>(drand->round);
    json.round_at = round_time(drand->chain, drand->round);
    if (!drand->url.empty()) json.url = drand->url;
    return json;
  }
  const auto& parties = std::get<PartiesBeacon>(beacon);
  json.kind = BeaconKind::parties;
  json.k = parties.needed;
  json.commitments = hex_of(parties.commitments);
  return json;
}

}  // namespace

LotteryJson to_json(const Lottery& lottery) {
  LotteryJson json{.room = lottery.room.str(), .state = lottery.state};
  if (lottery.state >= State::committed) {
    json.number = lottery.number;
    json.committed_at = lottery.committed_at;
    json.commitment = hex_of(lottery.commitment);
  }
  if (lottery.beacon) {  // it was closed, whatever came after
    json.closed_at = lottery.closed_at;
    json.count = static_cast<std::int64_t>(lottery.count);
    json.root = hex_of(lottery.root);
    json.beacon = to_json(*lottery.beacon);
  }
  if (!lottery.seed) return json;
  json.drawn_at = lottery.drawn_at;
  json.seed = hex_of(*lottery.seed);
  json.value = hex_of(lottery.value);
  if (const auto* round = std::get_if<DrandRound>(&*lottery.evidence)) {
    json.drand = RoundJson{static_cast<std::int64_t>(round->round), hex(round->signature)};
  } else {
    json.reveals.emplace();
    for (const Reveal& reveal : std::get<Reveals>(*lottery.evidence)) {
      json.reveals->push_back({reveal.party, hex_of(reveal.value)});
    }
  }
  return json;
}

OwnEntryJson to_json(const RoomId& room, const OwnEntry& own) {
  OwnEntryJson json{.room = room.str(), .state = own.state, .entered = own.proof.has_value()};
  json.place = static_cast<std::int64_t>(own.place);
  // A late joiner has no part in it.
  if (own.state == State::committed || own.proof) {
    json.salt = hex(bytes_of(own.salt));
    json.entry = hex_of(own.entry);
  }
  if (own.proof) {
    json.index = static_cast<std::int64_t>(own.proof->index);
    json.count = static_cast<std::int64_t>(own.proof->count);
    json.proof = hex_of(own.proof->path);
    if (own.proof->rank) json.rank = static_cast<std::int64_t>(*own.proof->rank);
  }
  return json;
}

}  // namespace onsale::waitroom::lottery

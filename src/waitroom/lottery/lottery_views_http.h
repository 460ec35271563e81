// The JSON of lotteries.
#pragma once

#include <boost/describe.hpp>

#include "waitroom/lottery/lottery_service.h"

namespace onsale::waitroom::lottery {

BOOST_DESCRIBE_ENUM(State, none, committed, closed, drawn, abandoned)

enum class BeaconKind { drand, parties };
BOOST_DESCRIBE_ENUM(BeaconKind, drand, parties)

struct ChainJson {
  std::string hash;
  std::int64_t genesis_time = 0, period = 0;  // seconds
};
BOOST_DESCRIBE_STRUCT(ChainJson, (), (hash, genesis_time, period))

struct BeaconJson {
  BeaconKind kind{};
  std::optional<ChainJson> chain;
  std::optional<std::int64_t> round;
  std::optional<Timestamp> round_at;
  std::optional<std::string> url;
  std::optional<std::int64_t> k;
  std::optional<std::vector<std::string>> commitments;
};
BOOST_DESCRIBE_STRUCT(BeaconJson, (), (kind, chain, round, round_at, url, k, commitments))

struct RoundJson {
  std::int64_t round = 0;
  std::string signature;
};
BOOST_DESCRIBE_STRUCT(RoundJson, (), (round, signature))

struct RevealJson {
  std::int64_t party = 0;
  std::string value;
};
BOOST_DESCRIBE_STRUCT(RevealJson, (), (party, value))

struct LotteryJson {
  std::string room;
  State state{};
  std::optional<std::int64_t> number;
  std::optional<Timestamp> committed_at;
  std::optional<std::string> commitment;
  std::optional<Timestamp> closed_at;
  std::optional<std::int64_t> count;
  std::optional<std::string> root;
  std::optional<BeaconJson> beacon;
  std::optional<Timestamp> drawn_at;
  std::optional<std::string> seed, value;
  std::optional<RoundJson> drand;
  std::optional<std::vector<RevealJson>> reveals;
};
BOOST_DESCRIBE_STRUCT(LotteryJson, (),
                      (room, state, number, committed_at, commitment, closed_at, count, root,
                       beacon, drawn_at, seed, value, drand, reveals))

struct OwnEntryJson {
  std::string room;
  State state{};
  bool entered = false;
  std::int64_t place = 0;
  std::optional<std::string> salt, entry;
  std::optional<std::int64_t> index, count;
  std::optional<std::vector<std::string>> proof;
  std::optional<std::int64_t> rank;
};
BOOST_DESCRIBE_STRUCT(OwnEntryJson, (),
                      (room, state, entered, place, salt, entry, index, count, proof, rank))

LotteryJson to_json(const Lottery& lottery);
OwnEntryJson to_json(const RoomId& room, const OwnEntry& own);

}  // namespace onsale::waitroom::lottery

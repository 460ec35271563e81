// The draw's rules: published hashes, the tree, the order, the beacons.
#include "waitroom/lottery/lottery.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/fakes.h"
#include "tests/long_run.h"
#include "waitroom/lottery/lottery_client.h"
#include "waitroom/lottery/lottery_fakes.h"
#include "waitroom/lottery/lottery_record.h"

namespace onsale::waitroom::lottery {
namespace {

const CryptoHashing kHashing;
const RoomId kRoom = *RoomId::parse("film-1");

Digest digest_of(std::string_view text) { return kHashing.sha256(text); }

std::vector<Digest> some_entries(std::size_t count) {
  std::vector<Digest> entries;
  for (std::size_t i = 0; i < count; ++i) entries.push_back(digest_of(std::to_string(i)));
  return entries;
}

// RFC 6962, section 2.1, word for word and slowly.
Digest by_the_book(std::span<const Digest> entries) {
  if (entries.empty()) return digest_of("");
  if (entries.size() == 1) return digest_of(std::string(1, 0).append(bytes_of(entries[0])));
  std::size_t k = 1;
  while (k * 2 < entries.size()) k *= 2;
  std::string node(1, 1);
  node += bytes_of(by_the_book(entries.first(k)));
  node += bytes_of(by_the_book(entries.subspan(k)));
  return digest_of(node);
}

// Published rounds of drand's default chain.
constexpr std::string_view kSignature1 =
    "8d61d9100567de44682506aea1a7a6fa6e5491cd27a0a0ed349ef6910ac5ac20ff7bc3e09d7c046566c9f7f3c6f3"
    "b10104990e7cb424998203d8f7de586fb7fa5f60045417a432684f85093b06ca91c769f0e7ca19268375e659c2a2"
    "352b4655";
constexpr std::string_view kRandomness1 =
    "101297f1ca7dc44ef6088d94ad5fb7ba03455dc33d53ddb412bbc4564ed986ec";
const DrandChain kDefaultChain{
    .hash = "8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce",
    .genesis_s = 1'595'431'050,
    .period_s = 30};

DrandRound round_one() {
  return {.round = 1, .signature = *from_hex(kSignature1), .randomness = {}};
}

TEST(LotteryHex, RoundTripsAndRefusesAnythingElse) {
  EXPECT_EQ(hex(*from_hex("00fF10")), "00ff10");
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
  EXPECT_FALSE(digest_from_hex("00"));
  EXPECT_TRUE(digest_from_hex(std::string(64, 'a')));
}

TEST(LotteryEntry, IsBoundToRoomPlaceAndSecret) {
  const Salt salt = salt_of(kHashing, digest_of("key"), 17);
  const Digest entry = entry_of(kHashing, salt, kRoom, 17);
  // As docs/lottery.md says it.
  std::string text("\x02", 1);
  EXPECT_EQ(entry, digest_of(text.append(bytes_of(salt)).append("film-1/17")));
  EXPECT_NE(entry, entry_of(kHashing, salt, kRoom, 18));
  EXPECT_NE(entry, entry_of(kHashing, salt, *RoomId::parse("film-2"), 17));
  EXPECT_NE(salt, salt_of(kHashing, digest_of("key"), 18));
  EXPECT_NE(salt, salt_of(kHashing, digest_of("other key"), 17));
}

TEST(LotteryTree, IsTheTreeOfRfc6962AtEverySize) {
  const auto entries = some_entries(130);
  for (std::size_t count = 0; count <= entries.size(); ++count) {
    const auto some = std::span(entries).first(count);
    EXPECT_EQ(Tree(kHashing, some).root(), by_the_book(some)) << count;
  }
}

TEST(LotteryTree, EveryEntryHasAShortProofAndNoOtherFits) {
  const auto entries = some_entries(131);
  for (const std::size_t count : {1U, 2U, 3U, 15U, 16U, 17U, 31U, 64U, 65U, 130U, 131U}) {
    const auto some = std::span(entries).first(count);
    const Tree tree(kHashing, some);
    for (std::size_t i = 0; i < count; ++i) {
      auto proof = tree.proof(kHashing, some, i);
      EXPECT_LE(proof.size(), static_cast<std::size_t>(std::bit_width(count - 1)));
      EXPECT_TRUE(included(kHashing, tree.root(), some[i], i, count, proof)) << count << " " << i;
      EXPECT_FALSE(included(kHashing, tree.root(), entries[count % 131], i, count, proof) &&
                   entries[count % 131] != some[i]);
      EXPECT_FALSE(included(kHashing, tree.root(), some[i], i + 1, count, proof));
      EXPECT_FALSE(included(kHashing, tree.root(), some[i], i, 2 * count, proof));
      if (proof.empty()) continue;
      proof.back()[5] ^= 1;
      EXPECT_FALSE(included(kHashing, tree.root(), some[i], i, count, proof));
      proof.pop_back();
      EXPECT_FALSE(included(kHashing, tree.root(), some[i], i, count, proof));
    }
  }
}

TEST(LotteryRanking, FollowsTheMacAndNothingElse) {
  const auto entries = some_entries(200);
  const Digest seed = digest_of("seed");
  const Digest beacon = digest_of("beacon");
  const auto order = ranking(kHashing, seed, beacon, entries);
  std::string key(bytes_of(seed));
  key += bytes_of(beacon);
  Digest before{};
  std::vector<bool> seen(entries.size());
  for (const std::uint32_t index : order) {
    const Digest mac = kHashing.hmac_sha256(key, bytes_of(entries[index]));
    EXPECT_LT(before, mac);
    before = mac;
    EXPECT_FALSE(seen[index]);
    seen[index] = true;
  }
  EXPECT_NE(order, ranking(kHashing, digest_of("other"), beacon, entries));
  EXPECT_NE(order, ranking(kHashing, seed, digest_of("other"), entries));
  const std::vector<Digest> twins(3, digest_of("twin"));
  EXPECT_EQ(ranking(kHashing, seed, beacon, twins), (std::vector<std::uint32_t>{0, 1, 2}));
}

// Ranks of many entrants under one seed; the bounds hold for 99.999 % of all seeds.
TEST(LotteryRanking, IsUniformAndHasNothingToDoWithTheOrderOfJoining) {
  const std::size_t kCount = testing_support::in_long_run<std::size_t>(1'000'000, 100'000);
  std::vector<Digest> entries;
  entries.reserve(kCount);
  const Digest key = digest_of("salt key");
  for (Sequence place = 1; place <= kCount; ++place) {
    entries.push_back(entry_of(kHashing, salt_of(kHashing, key, place), kRoom, place));
  }
  const auto order = ranking(kHashing, digest_of("seed"), digest_of("beacon"), entries);

  constexpr std::size_t kCells = 20;  // of joining, by 20 of rank
  std::vector<double> cells(kCells * kCells);
  double squares = 0;
  for (std::size_t rank = 0; rank < kCount; ++rank) {
    const double apart = static_cast<double>(rank) - static_cast<double>(order[rank]);
    squares += apart * apart;
    ++cells[order[rank] * kCells / kCount * kCells + rank * kCells / kCount];
  }
  const double n = static_cast<double>(kCount);
  const double spearman = 1 - 6 * squares / (n * (n * n - 1));
  EXPECT_LT(std::abs(spearman), 5 / std::sqrt(n)) << spearman;

  const double expected = n / static_cast<double>(cells.size());
  double chi_square = 0;
  for (const double cell : cells) chi_square += (cell - expected) * (cell - expected) / expected;
  // 19 * 19 = 361 degrees of freedom: mean 361, deviation 26.9.
  EXPECT_GT(chi_square, 361 - 4.5 * 26.9);
  EXPECT_LT(chi_square, 361 + 4.5 * 26.9);
}

TEST(LotteryRanking, NegativeControlTheStatisticsSeeAnOrderThatFavoursTheEarly) {
  // One in fifty of the early half is moved to the front.
  constexpr std::size_t kCount = 100'000;
  auto order = ranking(kHashing, digest_of("seed"), digest_of("beacon"), some_entries(kCount));
  std::stable_partition(order.begin(), order.end(),
                        [](std::uint32_t index) { return index < kCount / 2 && index % 50 == 0; });
  double squares = 0;
  for (std::size_t rank = 0; rank < kCount; ++rank) {
    const double apart = static_cast<double>(rank) - static_cast<double>(order[rank]);
    squares += apart * apart;
  }
  const double n = static_cast<double>(kCount);
  EXPECT_GT(1 - 6 * squares / (n * (n * n - 1)), 0.01);
}

TEST(LotteryBeacon, ARoundsTimeFollowsFromGenesisAndPeriod) {
  // 20 April 2026, 00:00 UTC, as other implementations have it.
  EXPECT_EQ(round_time(quicknet(), 27'946'612), parse_rfc3339("2026-04-20T00:00:00Z"));
  EXPECT_EQ(round_time(kDefaultChain, 1), from_unix_ms(1'595'431'050'000));
  EXPECT_FALSE(round_time(kDefaultChain, 0));
  EXPECT_FALSE(round_time(kDefaultChain, ~0ULL));
  EXPECT_FALSE(round_time({.hash = {}, .genesis_s = 1, .period_s = 0}, 1));
}

TEST(LotteryBeacon, ARoundMustBeInTheFutureWhenTheEntriesAreFixed) {
  const DrandBeacon beacon{.chain = kDefaultChain, .round = 2};
  const Timestamp time = *round_time(kDefaultChain, 2);
  EXPECT_TRUE(judge(beacon, time - kRoundLead));
  EXPECT_EQ(judge(beacon, time - kRoundLead + Millis(1)).error().why, Refusal::round_not_future);
  EXPECT_EQ(judge(beacon, time + Millis(1)).error().why, Refusal::round_not_future);
  EXPECT_EQ(judge(DrandBeacon{.chain = kDefaultChain, .round = 0}, {}).error().why,
            Refusal::beacon_invalid);
  DrandBeacon nameless{.chain = kDefaultChain, .round = 2};
  nameless.chain.hash = "x";
  EXPECT_EQ(judge(nameless, {}).error().why, Refusal::beacon_invalid);
}

TEST(LotteryBeacon, ARoundsValueIsTheHashOfItsSignature) {
  const DrandBeacon beacon{.chain = kDefaultChain, .round = 1};
  const Timestamp after = *round_time(kDefaultChain, 1);
  DrandRound round = round_one();
  EXPECT_EQ(value_of(kHashing, beacon, round, after), *digest_from_hex(kRandomness1));
  round.randomness = digest_from_hex(kRandomness1);
  EXPECT_EQ(value_of(kHashing, beacon, round, after), *digest_from_hex(kRandomness1));
  const auto refusal = [&](const DrandRound& other, Timestamp now) {
    return value_of(kHashing, beacon, other, now).error().why;
  };
  EXPECT_EQ(refusal(round, after - Millis(1)), Refusal::round_not_reached);
  round.randomness = digest_of("wished for");
  EXPECT_EQ(refusal(round, after), Refusal::beacon_mismatch);
  round = round_one();
  round.round = 2;
  EXPECT_EQ(refusal(round, after), Refusal::wrong_evidence);
  EXPECT_EQ(refusal({.round = 1, .signature = "short", .randomness = {}}, after),
            Refusal::beacon_mismatch);
  EXPECT_EQ(value_of(kHashing, beacon, Reveals{}, after).error().why, Refusal::wrong_evidence);
}

class LotteryParties : public testing::Test {
 protected:
  LotteryParties() {
    for (int i = 1; i <= 3; ++i) {
      values_.push_back(digest_of("value " + std::to_string(i)));
      beacon_.commitments.push_back(kHashing.sha256(bytes_of(values_.back())));
    }
  }
  Reveal reveal(std::int64_t party) const {
    return {.party = party, .value = values_[static_cast<std::size_t>(party - 1)]};
  }
  Result<Digest, Refused<Refusal>> value(Reveals reveals) const {
    return value_of(kHashing, beacon_, reveals, {});
  }

  std::vector<Digest> values_;
  PartiesBeacon beacon_{.needed = 2, .commitments = {}};
};

TEST_F(LotteryParties, TheValueFollowsFromWhatWasRevealedInTheOrderOfTheParties) {
  EXPECT_TRUE(judge(beacon_, {}));
  std::string text("\1", 1);
  text.append(bytes_of(values_[0])).append(1, 0).append(1, 1).append(bytes_of(values_[2]));
  EXPECT_EQ(value({reveal(1), reveal(3)}), digest_of(text));
  EXPECT_EQ(value({reveal(3), reveal(1)}), digest_of(text));
  EXPECT_NE(value({reveal(1), reveal(2)}), digest_of(text));
  EXPECT_NE(value({reveal(1), reveal(2), reveal(3)}), digest_of(text));
}

TEST_F(LotteryParties, EveryRefusalHasItsName) {
  const auto refusal = [&](Reveals reveals) { return value(std::move(reveals)).error().why; };
  EXPECT_EQ(refusal({}), Refusal::too_few_reveals);
  EXPECT_EQ(refusal({reveal(1)}), Refusal::too_few_reveals);
  EXPECT_EQ(refusal({reveal(1), {.party = 2, .value = values_[0]}}), Refusal::reveal_mismatch);
  EXPECT_EQ(refusal({reveal(1), reveal(1)}), Refusal::wrong_evidence);
  EXPECT_EQ(refusal({reveal(1), {.party = 4, .value = {}}}), Refusal::wrong_evidence);
  EXPECT_EQ(refusal({reveal(1), {.party = 0, .value = {}}}), Refusal::wrong_evidence);
  const auto invalid = [](PartiesBeacon beacon) {
    const auto fine = judge(beacon, {});
    return !fine && fine.error().why == Refusal::beacon_invalid;
  };
  PartiesBeacon copycat = beacon_;
  copycat.commitments[2] = copycat.commitments[0];
  EXPECT_TRUE(invalid(copycat));
  EXPECT_TRUE(invalid({.needed = 4, .commitments = beacon_.commitments}));
  EXPECT_TRUE(invalid({.needed = 0, .commitments = beacon_.commitments}));
  EXPECT_TRUE(invalid({}));
}

TEST(LotteryRecord, WhatIsStoredComesBackAndNothingElseDoes) {
  const Beacon drand = DrandBeacon{.chain = quicknet(), .round = 7, .url = "https://x.test"};
  const Beacon parties = PartiesBeacon{.needed = 1, .commitments = some_entries(3)};
  DrandRound told = round_one();
  told.randomness = digest_of("r");
  const Evidence round = told;
  const Evidence silent = round_one();
  const Evidence reveals = Reveals{{.party = 1, .value = digest_of("1")}};
  EXPECT_EQ(decode_beacon(encode(drand)), drand);
  EXPECT_EQ(decode_beacon(encode(parties)), parties);
  EXPECT_EQ(decode_evidence(encode(round)), round);
  EXPECT_EQ(decode_evidence(encode(silent)), silent);
  EXPECT_EQ(decode_evidence(encode(reveals)), reveals);
  for (const std::string& bytes :
       {encode(drand), encode(parties), encode(round), encode(reveals)}) {
    const std::string cut = bytes.substr(0, bytes.size() - 1);
    EXPECT_FALSE(decode_beacon(cut));
    EXPECT_FALSE(decode_evidence(cut));
  }
  const std::vector<Sequence> places{1, 2, 5, 1'000'000'000'000};
  EXPECT_EQ(decode_places(encode(std::span(places))), places);
  EXPECT_FALSE(decode_places(std::string("\x01\x00", 2)));
  EXPECT_FALSE(decode_places("\xff"));
}

TEST(LotteryRound, IsReadAsRelaysTellIt) {
  const std::string text = R"({"round":1,"randomness":")" + std::string(kRandomness1) +
                           R"(","signature":")" + std::string(kSignature1) +
                           R"(","previous_signature":"176f93498eac9ca3"})";
  const auto round = read_round(text);
  ASSERT_TRUE(round);
  EXPECT_EQ(round->round, 1U);
  EXPECT_EQ(hex(round->signature), kSignature1);
  EXPECT_EQ(round->randomness, digest_from_hex(kRandomness1));
  for (const char* other :
       {"", "[]", "null", R"({"round":1})", R"({"round":"1","signature":"00"})",
        R"({"round":-1,"signature":"00"})", R"({"round":1,"signature":"xx"})",
        R"({"round":1,"signature":"00","randomness":"00"})", R"({"round":1,"signature":7})"}) {
    EXPECT_FALSE(read_round(other)) << other;
  }
}

}  // namespace
}  // namespace onsale::waitroom::lottery

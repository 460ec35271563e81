// The rules of proof of work: what counts, and that each rule is needed.
#include "waitroom/join/proof.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/fakes.h"
#include "platform/crypto/bytes.h"
#include "platform/crypto/fakes.h"
#include "tests/long_run.h"
#include "waitroom/join/proof_client.h"
#include "waitroom/join/proof_fakes.h"

namespace onsale::waitroom {
namespace {

constexpr std::int64_t kBits = 6, kCount = 4;

DeviceKey device(std::uint8_t first) {
  DeviceKey key{};
  key[0] = first;
  return key;
}

class Proof : public testing::Test {
 protected:
  std::string challenge(const ProofBinding& binding) { return challenge(room_, 7, binding); }
  std::string challenge(const RoomId& room, std::uint32_t epoch, const ProofBinding& binding) {
    const Challenge made = make_challenge(
        {.room = room, .epoch = epoch, .binding = binding, .bits = kBits, .count = kCount}, random_,
        now_);
    return sign(*crypto_, made);
  }
  // What is wrong with this proof, for a caller of `mine_` in `room_`; nothing when it counts.
  std::optional<ProofFault> judge(std::string_view token, std::vector<std::uint64_t> numbers,
                                  const ProofGuards& guards = {}) {
    const auto opened = open_challenge(*crypto_, token,
                                       {.room = room_, .epoch = 7, .binding = mine_}, now_, guards);
    if (!opened) return opened.error();
    return check_solutions(*crypto_, token, *opened, numbers, guards);
  }
  std::vector<std::uint64_t> solved(std::string_view token) {
    return solve(*crypto_, token, kBits, kCount);
  }

  const Timestamp now_ = FakeClock().now();
  SeededRandom random_{5};
  crypto::MemoryKeyStore store_;
  crypto::KeyRing ring_{store_, now_};
  std::unique_ptr<ProofCrypto> crypto_ = make_proof_crypto(ring_);
  const RoomId room_ = *RoomId::parse("film-1");
  const ProofBinding mine_ = binding_of(device(1), prefix_of("192.0.2.1"));
};

TEST_F(Proof, ASolvedChallengeCounts) {
  const std::string token = challenge(mine_);
  EXPECT_EQ(judge(token, solved(token)), std::nullopt);
}

TEST_F(Proof, TheFormatIsTheOneThePageKnows) {
  const std::string token = challenge(mine_);
  EXPECT_LE(token.size(), kProofTokenMax);
  for (const std::uint64_t n : solved(token)) {
    const std::string digest = crypto::sha256(token + "." + std::to_string(n));
    EXPECT_EQ(static_cast<unsigned char>(digest[0]) >> (8 - kBits), 0);
  }
  const RoomId longest = *RoomId::parse(std::string(40, 'r'));
  EXPECT_LE(challenge(longest, 0xFFFFFFFF, mine_).size(), kProofTokenMax);
}

TEST_F(Proof, EveryFaultHasItsOwnName) {
  const std::string token = challenge(mine_);
  const auto good = solved(token);
  EXPECT_EQ(judge("", good), ProofFault::forged);
  EXPECT_EQ(judge("nonsense", good), ProofFault::forged);
  EXPECT_EQ(judge(std::string(100'000, 'A'), good), ProofFault::forged);
  EXPECT_EQ(judge(token, {}), ProofFault::wrong_count);
  EXPECT_EQ(judge(token, {good[0], good[1], good[2]}), ProofFault::wrong_count);
  EXPECT_EQ(judge(token, std::vector<std::uint64_t>(10'000, 1)), ProofFault::wrong_count);
  EXPECT_EQ(judge(token, {good[0], good[1], good[2], good[2]}), ProofFault::duplicate);
  EXPECT_EQ(judge(token, {good[1], good[0], good[2], good[3]}), ProofFault::duplicate);
  auto wrong = good;
  while (zero_bits(*crypto_, token, ++wrong[3]) >= kBits) {
  }
  EXPECT_EQ(judge(token, wrong), ProofFault::insufficient);
}

TEST_F(Proof, AChallengeIsForOneCallerInOneRoom) {
  const auto refused_as_foreign = [&](const std::string& token) {
    return judge(token, solved(token)) == ProofFault::foreign;
  };
  EXPECT_TRUE(refused_as_foreign(challenge(*RoomId::parse("film-2"), 7, mine_)));
  EXPECT_TRUE(refused_as_foreign(challenge(room_, 8, mine_)));
  EXPECT_TRUE(refused_as_foreign(challenge(binding_of(device(2), prefix_of("192.0.2.1")))));
  EXPECT_TRUE(refused_as_foreign(challenge(binding_of({}, prefix_of("10.0.0.1")))));
  EXPECT_NE(binding_of({}, prefix_of("10.0.0.1")), binding_of({}, prefix_of("10.0.1.1")));
}

TEST_F(Proof, NegativeControlWithoutItsGuardEachRuleIsBroken) {
  const std::string other = challenge(binding_of(device(2), prefix_of("192.0.2.1")));
  EXPECT_EQ(judge(other, solved(other), {.binding = false}), std::nullopt);
  const std::string token = challenge(mine_);
  const std::uint64_t one = solved(token)[0];
  EXPECT_EQ(judge(token, {one, one, one, one}, {.distinct = false}), std::nullopt);
  EXPECT_EQ(judge(token, {1, 2, 3, 4}, {.work = false}), std::nullopt);
}

RC_GTEST_FIXTURE_PROP(Proof, NoChangedTokenIsOurs, ()) {
  std::string token = challenge(mine_);
  const auto at = *rc::gen::inRange<std::size_t>(0, token.size());
  const char was = token[at];
  token[at] = *rc::gen::elementOf(
      std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_ =.\0", 68));
  if (token[at] == was) return;
  RC_ASSERT(judge(token, {1, 2, 3, 4}) == ProofFault::forged);
}

TEST_F(Proof, ForgedTokensAreRefused) {
  const std::size_t forgeries = testing_support::in_long_run<std::size_t>(1'000'000, 50'000);
  std::string token = challenge(mine_);
  SeededRandom dice(9);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < forgeries; ++i) {
    std::string forged = token;
    const std::uint64_t roll = dice.next_u64();
    char& c = forged[roll % forged.size()];
    c = static_cast<char>(c ^ (1U << (roll >> 32) % 7));
    refused += judge(forged, {1, 2, 3, 4}) == ProofFault::forged ? 1U : 0U;
  }
  EXPECT_EQ(refused, forgeries);
}

TEST_F(Proof, OneKindOfTokenIsNoOther) {
  const std::string token = crypto_->sign("waitroom-challenge", "payload");
  EXPECT_TRUE(crypto_->open("waitroom-challenge", token, now_).has_value());
  EXPECT_FALSE(crypto_->open("waitroom-invite", token, now_).has_value());
  EXPECT_EQ(judge(token, {1, 2, 3, 4}), ProofFault::forged);
  const std::string invite = sign(*crypto_, Invite{.room = "film-1", .epoch = 7, .number = 1});
  EXPECT_EQ(judge(invite, {1, 2, 3, 4}), ProofFault::forged);
}

TEST_F(Proof, AKeyRotationChangesNobodysChallengeOrDevice) {
  const std::string token = challenge(mine_);
  const std::string cookie = crypto_->device_cookie("proof", token, now_);
  ring_.rotate(now_, Millis(600'000));
  EXPECT_EQ(judge(token, solved(token)), std::nullopt);
  EXPECT_EQ(crypto_->device_cookie("proof", token, now_), cookie);
  EXPECT_NE(crypto_->device_cookie("invite", token, now_), cookie);
  // Nobody who knows the token can tell the cookie without our key.
  crypto::MemoryKeyStore theirs;
  crypto::KeyRing other(theirs, now_);
  EXPECT_NE(make_proof_crypto(other)->device_cookie("proof", token, now_), cookie);
}

TEST_F(Proof, TheServerChecksAsLittleAsItSays) {
  const std::string token = challenge(mine_);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(judge(token, {1, 2, 3, 4}), ProofFault::insufficient);
  }
  const auto spent = std::chrono::steady_clock::now() - start;
  // A keyed hash and a SHA-256: microseconds, also in a debug build under a sanitizer.
  EXPECT_LT(spent, std::chrono::seconds(5));
}

TEST(NetworkPrefix, IsWhatAHouseholdShares) {
  EXPECT_EQ(prefix_of("192.0.2.1"), prefix_of("192.0.2.254"));
  EXPECT_NE(prefix_of("192.0.2.1"), prefix_of("192.0.3.1"));
  EXPECT_EQ(prefix_of("::ffff:192.0.2.1"), prefix_of("192.0.2.9"));
  EXPECT_EQ(prefix_of("2001:db8:1:1200::1"), prefix_of("2001:db8:1:12ff:9::9"));
  EXPECT_NE(prefix_of("2001:db8:1:1200::1"), prefix_of("2001:db8:1:1300::1"));
  EXPECT_EQ(prefix_of("nonsense"), prefix_of(""));
  EXPECT_EQ(prefix_of(std::string(1000, '1')), prefix_of(""));
  EXPECT_NE(prefix_of("0.0.0.0"), prefix_of(""));
}

}  // namespace
}  // namespace onsale::waitroom

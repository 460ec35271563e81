// A million place tokens that somebody has tampered with, or that are not for this room, this
// server, this purpose or this time: none of them finds a place. With real keys and a real host.
#include "waitroom/line/place_token.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "platform/crypto/fakes.h"
#include "platform/crypto/mutants.h"
#include "platform/crypto/token.h"
#include "waitroom/room/crypto_client.h"
#include "waitroom/room/fakes.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom {
namespace {

class PlaceTokens : public testing::Test {
 protected:
  PlaceTokens() {
    for (const RoomId& room : {room_, elsewhere_}) {
      sync_wait(host_.declare_room(room, "A film", {.mode = Mode::queue, .capacity = 0}));
    }
    token_ = join(room_, 1);
    other_ = join(room_, 2);
    abroad_ = join(elsewhere_, 1);
  }
  ~PlaceTokens() override { sync_wait(host_.drain()); }

  std::string join(const RoomId& room, std::uint8_t number) {
    DeviceKey device{};
    device.fill(number);
    return sync_wait(host_.join(room, device)).value().token;
  }
  bool accepted(std::string_view token) { return accepted(token, clock_.now()); }
  bool accepted(std::string_view token, Timestamp now) {
    return host_.look(room_, {.token = token, .device = {}}, now).has_value();
  }
  std::string payload_of(std::string_view token) {
    return *signer_->open_place(token, clock_.now());
  }

  const RoomId room_ = *RoomId::parse("film-a"), elsewhere_ = *RoomId::parse("film-b");
  FakeClock clock_;
  SeededRandom random_{5};
  crypto::MemoryKeyStore store_, foreign_store_;
  crypto::KeyRing ring_{store_, clock_.now()}, foreign_ring_{foreign_store_, clock_.now()};
  std::unique_ptr<Signer> signer_ = make_signer(ring_, "onsale");
  std::unique_ptr<Signer> foreign_signer_ = make_signer(foreign_ring_, "onsale");
  FakeJournal journal_;
  FakeAnnouncer announcer_;
  FakeAuditLog audit_;
  Host host_{{clock_, random_, journal_, *signer_, announcer_, audit_}};
  std::string token_, other_, abroad_;
};

// Signed well, by a key that is not ours, for another purpose, room or epoch, or for a time that is
// over; for any place.
std::string stranger(const std::string& payload, std::mt19937_64& random, Signer& foreign,
                     const crypto::KeyRing& ring, Timestamp now) {
  PlaceToken said = *decode_place_token(payload);
  said.place = 1 + random() % 3;
  switch (random() % 5) {
    case 0:
      return foreign.sign_place(encode(said));
    case 1:
      return crypto::sign_bytes(ring, "booking-ticket", encode(said));
    case 2:
      said.epoch += 1 + static_cast<std::uint32_t>(random() % 1'000);
      break;
    case 3:
      said.room = "film-b";
      break;
    default:
      said.expires_s = to_unix_ms(now) / 1000 - static_cast<std::int64_t>(random() % 1'000'000);
  }
  return crypto::sign_bytes(ring, "waitroom-place", encode(said));
}

TEST_F(PlaceTokens, AMillionOfThemAndNoneFindsAPlace) {
  const std::size_t count = crypto::mutants_wanted("ONSALE_TOKEN_MUTANTS");
  const std::string payload = payload_of(token_);
  std::atomic<std::size_t> tried{0}, found{0}, strangers{0};
  const auto work = [&](unsigned seed) {
    std::mt19937_64 random(20'261'121 + seed);
    while (tried.load() < count) {
      const bool is_signed = random() % 4 == 0;
      const std::string token =
          is_signed ? stranger(payload, random, *foreign_signer_, ring_, clock_.now())
                    : crypto::mutant_of(token_, random() % 2 == 0 ? other_ : abroad_, random);
      if (token == token_ || token == other_) continue;
      ++tried;
      strangers += is_signed ? 1 : 0;
      found += accepted(token) ? 1 : 0;
    }
  };
  {
    std::vector<std::jthread> workers;
    for (unsigned t = 0; t < std::max(1U, std::thread::hardware_concurrency()); ++t)
      workers.emplace_back(work, t);
  }
  EXPECT_GE(tried.load(), count);
  EXPECT_GT(strangers.load(), count / 8);
  EXPECT_EQ(found.load(), 0U);
  EXPECT_TRUE(accepted(token_));
  EXPECT_TRUE(accepted(other_));
  RecordProperty("mutants", static_cast<int>(tried.load()));
}

TEST_F(PlaceTokens, OneSpellingOfEveryToken) {
  for (std::size_t i = 0; i < token_.size(); ++i) {
    for (const char c : {'A', 'B', '=', ' ', '+', '\0', '\x80'}) {
      if (token_[i] == c) continue;
      std::string mutant = token_;
      mutant[i] = c;
      EXPECT_FALSE(accepted(mutant)) << i;
    }
  }
}

TEST_F(PlaceTokens, OfAnotherRoomOrAfterItsTimeItFindsNothing) {
  EXPECT_FALSE(accepted(abroad_));
  EXPECT_FALSE(accepted(token_, clock_.now() + Millis(kTokenDays * 86'400'000)));
}

// The control: what the strangers' tokens lack is only what each of them changed.
TEST_F(PlaceTokens, NegativeControlSignedByUsItFindsItsPlace) {
  const std::string told = payload_of(token_);
  PlaceToken said = *decode_place_token(told);
  said.expires_s -= 1;
  const std::string payload = encode(said);
  EXPECT_TRUE(accepted(crypto::sign_bytes(ring_, "waitroom-place", payload)));
  EXPECT_FALSE(accepted(crypto::sign_bytes(ring_, "booking-ticket", payload)));
  EXPECT_FALSE(accepted(foreign_signer_->sign_place(payload)));
}

}  // namespace
}  // namespace onsale::waitroom

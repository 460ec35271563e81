// What every lottery::Store promises: on the fake, on SQLite and on MariaDB.
#include "waitroom/lottery/lottery_store.h"

#include <gtest/gtest.h>

#include "platform/crypto/bytes.h"
#include "platform/crypto/fakes.h"
#include "platform/json/json.h"
#include "tests/contract/databases.h"
#include "tests/long_run.h"
#include "waitroom/lottery/lottery_client.h"
#include "waitroom/lottery/lottery_fakes.h"
#include "waitroom/lottery/lottery_service.h"

namespace onsale::waitroom::lottery {
namespace {

enum class Kind { fake, sqlite, mysql };

struct Opened {
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<Store> store;
};

Opened open_store(Kind kind) {
  Opened opened;
  if (kind == Kind::fake) {
    opened.store = std::make_unique<FakeStore>();
  } else {
    opened.database = testing_support::fresh_database(kind == Kind::sqlite ? sql::Dialect::sqlite
                                                                           : sql::Dialect::mysql);
    opened.store = make_sql_store(*opened.database);
  }
  return opened;
}

Digest digest(std::uint8_t fill) {
  Digest digest;
  digest.fill(fill);
  return digest;
}

class LotteryStore : public testing::TestWithParam<Kind> {
 protected:
  Stored committed(const RoomId& room, std::int64_t number = 1) {
    Lottery lottery{.room = room, .number = number, .state = State::committed};
    lottery.committed_at = from_unix_ms(1'000 * number);
    lottery.commitment = digest(0);
    return {.lottery = lottery, .sealed = "sealed", .in_force = false};
  }
  Lottery closed(Lottery lottery, Beacon beacon, std::uint64_t count) {
    lottery.state = State::closed;
    lottery.closed_at = from_unix_ms(2'000);
    lottery.count = count;
    lottery.root = digest(0xFF);
    lottery.beacon = std::move(beacon);
    return lottery;
  }
  Lottery drawn(Lottery lottery, Evidence evidence) {
    lottery.state = State::drawn;
    lottery.drawn_at = from_unix_ms(3'000);
    lottery.seed = digest(7);
    lottery.value = digest(8);
    lottery.evidence = std::move(evidence);
    return lottery;
  }
  // What happens is told under a number of its own.
  RoomChanged step() {
    return {.id = ChangeId(RawId{.high = ++steps_}),
            .room = "film-a",
            .who = "acc_boss",
            .changes = {{"lottery", "", std::to_string(steps_)}}};
  }
  std::vector<std::string> told() {
    std::vector<std::string> steps;
    const auto take = [&](const RoomChanged& one) { steps.push_back(one.changes.at(0).after); };
    if (!opened_.database) {
      for (const RoomChanged& one : static_cast<FakeStore&>(store_).told) take(one);
      return steps;
    }
    const auto rows = sync_wait(opened_.database->read([](sql::Tx& tx) {
      return tx.query<std::string, std::string>(
          "SELECT topic, body FROM platform_outbox ORDER BY sequence");
    }));
    for (const auto& [topic, body] : rows) {
      EXPECT_EQ(topic, kChangedTopic);
      take(json::read<RoomChanged>(body).value());
    }
    return steps;
  }

  std::uint64_t steps_ = 0;
  Opened opened_ = open_store(GetParam());
  Store& store_ = *opened_.store;
  const RoomId a_ = *RoomId::parse("film-a");
  const RoomId b_ = *RoomId::parse("film-b");
};

TEST_P(LotteryStore, EveryStateComesBackAsItWas) {
  EXPECT_TRUE(sync_wait(store_.latest()).empty());
  const Stored fresh = committed(a_);
  EXPECT_TRUE(sync_wait(store_.commit(fresh, step())));
  EXPECT_TRUE(sync_wait(store_.commit(committed(b_), step())));
  auto all = sync_wait(store_.latest());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].lottery, fresh.lottery);
  EXPECT_EQ(all[0].sealed, "sealed");

  const Beacon round = DrandBeacon{.chain = quicknet(), .round = 9, .url = "https://x.test"};
  const Lottery shut = closed(fresh.lottery, round, 3);
  EXPECT_TRUE(sync_wait(store_.close(shut, {1, 4, 1'000'000}, step())));
  EXPECT_EQ(sync_wait(store_.latest())[0].lottery, shut);
  EXPECT_EQ(sync_wait(store_.entrants(a_, 1)), (std::vector<Sequence>{1, 4, 1'000'000}));

  const Lottery done =
      drawn(shut, DrandRound{.round = 9, .signature = std::string(48, 0), .randomness = {}});
  EXPECT_TRUE(sync_wait(store_.draw(done, step())));
  EXPECT_EQ(sync_wait(store_.latest())[0].lottery, done);
  EXPECT_FALSE(sync_wait(store_.latest())[0].in_force);
  sync_wait(store_.mark_in_force(a_, 1));
  sync_wait(store_.mark_in_force(a_, 1));
  EXPECT_TRUE(sync_wait(store_.latest())[0].in_force);
  EXPECT_EQ(sync_wait(store_.latest())[1].lottery, committed(b_).lottery);
}

TEST_P(LotteryStore, EachChangeHappensOnceAndInOrder) {
  const Stored fresh = committed(a_);
  EXPECT_TRUE(sync_wait(store_.commit(fresh, step())));
  EXPECT_FALSE(sync_wait(store_.commit(fresh, step())));
  const Beacon parties = PartiesBeacon{.needed = 1, .commitments = {digest(1), digest(2)}};
  const Lottery shut = closed(fresh.lottery, parties, 2);
  EXPECT_FALSE(sync_wait(store_.draw(drawn(shut, Reveals{}), step())));
  EXPECT_TRUE(sync_wait(store_.close(shut, {1, 2}, step())));
  Lottery again = shut;
  again.root = digest(9);
  EXPECT_FALSE(sync_wait(store_.close(again, {1, 2, 3}, step())));
  EXPECT_EQ(sync_wait(store_.entrants(a_, 1)).size(), 2U);
  const Lottery done = drawn(shut, Reveals{{.party = 2, .value = digest(5)}});
  EXPECT_TRUE(sync_wait(store_.draw(done, step())));
  Lottery other = done;
  other.value = digest(6);
  EXPECT_FALSE(sync_wait(store_.draw(other, step())));
  EXPECT_EQ(sync_wait(store_.latest())[0].lottery, done);
  // The next one of the room takes its place.
  EXPECT_TRUE(sync_wait(store_.commit(committed(a_, 2), step())));
  EXPECT_EQ(sync_wait(store_.latest())[0].lottery, committed(a_, 2).lottery);
  EXPECT_TRUE(sync_wait(store_.entrants(a_, 2)).empty());
}

TEST_P(LotteryStore, WhatIsAbandonedSaysHowFarItCame) {
  const auto given_up = [](Lottery lottery) {
    lottery.state = State::abandoned;
    return lottery;
  };
  const Lottery open = committed(a_).lottery;
  sync_wait(store_.commit(committed(a_), step()));
  EXPECT_FALSE(sync_wait(store_.abandon(a_, 1, State::closed, step()))) << "it is not that far";
  EXPECT_TRUE(sync_wait(store_.abandon(a_, 1, State::committed, step())));
  EXPECT_FALSE(sync_wait(store_.abandon(a_, 1, State::committed, step())));
  EXPECT_EQ(sync_wait(store_.latest())[0].lottery, given_up(open));
  const Beacon parties = PartiesBeacon{.needed = 1, .commitments = {digest(1)}};
  EXPECT_FALSE(sync_wait(store_.close(closed(open, parties, 0), {}, step()))) << "for good";

  const Lottery shut = closed(committed(a_, 2).lottery, parties, 2);
  sync_wait(store_.commit(committed(a_, 2), step()));
  sync_wait(store_.close(shut, {1, 2}, step()));
  EXPECT_TRUE(sync_wait(store_.abandon(a_, 2, State::closed, step())));
  EXPECT_EQ(sync_wait(store_.latest())[0].lottery, given_up(shut));
  const Reveals reveals{{.party = 1, .value = digest(5)}};
  EXPECT_FALSE(sync_wait(store_.draw(drawn(shut, reveals), step())));

  const Lottery next = closed(committed(a_, 3).lottery, parties, 2);
  sync_wait(store_.commit(committed(a_, 3), step()));
  sync_wait(store_.close(next, {1, 2}, step()));
  sync_wait(store_.draw(drawn(next, reveals), step()));
  EXPECT_TRUE(sync_wait(store_.abandon(a_, 3, State::drawn, step()))) << "not in force yet";
  EXPECT_EQ(sync_wait(store_.latest())[0].lottery, given_up(drawn(next, reveals)));

  sync_wait(store_.commit(committed(b_), step()));
  sync_wait(store_.close(closed(committed(b_).lottery, parties, 2), {1, 2}, step()));
  sync_wait(store_.draw(drawn(closed(committed(b_).lottery, parties, 2), reveals), step()));
  sync_wait(store_.mark_in_force(b_, 1));
  EXPECT_FALSE(sync_wait(store_.abandon(b_, 1, State::drawn, step()))) << "people were told";
}

TEST_P(LotteryStore, TakesAsManyEntrantsAsARoomHolds) {
  std::vector<Sequence> places;
  const auto most = testing_support::in_long_run<std::size_t>(1'000'000, 200'000);
  for (Sequence place = 1; places.size() < most; place += 1 + place % 3 * 100) {
    places.push_back(place);
  }
  sync_wait(store_.commit(committed(a_), step()));
  const Beacon round = DrandBeacon{.chain = quicknet(), .round = 9, .url = {}};
  const Lottery shut = closed(committed(a_).lottery, round, places.size());
  EXPECT_TRUE(sync_wait(store_.close(shut, places, step())));
  EXPECT_EQ(sync_wait(store_.entrants(a_, 1)), places);
}

// Nobody is told of what did not happen, and what happened is told with it.
TEST_P(LotteryStore, TellsEachStepThatHappened) {
  const Beacon parties = PartiesBeacon{.needed = 1, .commitments = {digest(1)}};
  const Lottery shut = closed(committed(a_).lottery, parties, 2);
  const Lottery done = drawn(shut, Reveals{{.party = 1, .value = digest(5)}});
  sync_wait(store_.commit(committed(a_), step()));         // 1
  sync_wait(store_.commit(committed(a_), step()));         // was first already
  sync_wait(store_.draw(done, step()));                    // not closed
  sync_wait(store_.close(shut, {1, 2}, step()));           // 4
  sync_wait(store_.close(shut, {1, 2}, step()));           // done
  sync_wait(store_.draw(done, step()));                    // 6
  sync_wait(store_.draw(done, step()));                    // done
  sync_wait(store_.abandon(a_, 1, State::drawn, step()));  // 8
  sync_wait(store_.abandon(a_, 1, State::drawn, step()));  // done
  EXPECT_EQ(told(), (std::vector<std::string>{"1", "4", "6", "8"}));
}

std::string kind_name(const testing::TestParamInfo<Kind>& info) {
  switch (info.param) {
    case Kind::fake:
      return "fake";
    case Kind::sqlite:
      return "sqlite";
    default:
      return "mysql";
  }
}
INSTANTIATE_TEST_SUITE_P(, LotteryStore, testing::Values(Kind::fake, Kind::sqlite, Kind::mysql),
                         kind_name);

// The seed is nowhere in the database before the draw: not as it is, nor in hexadecimal.
TEST(LotterySecrecy, TheSeedIsSealedUntilTheDraw) {
  auto database = testing_support::fresh_database(sql::Dialect::sqlite);
  auto store = make_sql_store(*database);
  FakeClock clock;
  SeededRandom random(1);
  const CryptoHashing hashing;
  crypto::MemoryKeyStore keys;
  const crypto::KeyRing ring(keys, clock.now());
  KeyRingVault vault(ring);
  const RoomId room = *RoomId::parse("film-1");
  FakePool pool(room);
  FakeRounds rounds;
  ImmediateWorker worker;
  Lotteries lotteries({clock, random, hashing, *store, vault, pool, rounds, worker});
  const auto committed = sync_wait(lotteries.commit(room, "acc_boss"));
  ASSERT_TRUE(committed);
  const auto row = sync_wait(database->read([](sql::Tx& tx) {
    return tx.one<std::string, std::string>("SELECT sealed, seed FROM waitroom_lottery").value();
  }));
  const auto told = sync_wait(database->read(
      [](sql::Tx& tx) { return tx.query<std::string>("SELECT body FROM platform_outbox"); }));
  EXPECT_EQ(told.size(), 1U);
  Digest seed;
  SeededRandom again(1);
  again.fill(std::as_writable_bytes(std::span(seed)));
  ASSERT_EQ(hashing.sha256(bytes_of(seed)), committed->commitment);  // this is it
  const auto& [sealed, published] = row;
  EXPECT_EQ(published, "");
  for (const std::string& form :
       {std::string(bytes_of(seed)), hex(bytes_of(seed)), crypto::base64url(bytes_of(seed))}) {
    EXPECT_EQ(sealed.find(form.substr(0, 12)), sealed.npos);
    for (const auto& [body] : told) EXPECT_EQ(body.find(form.substr(0, 12)), body.npos);
  }
  EXPECT_EQ(vault.open(sealed, committed->committed_at)->seed, seed);
  crypto::MemoryKeyStore other_keys;
  const crypto::KeyRing other_ring(other_keys, clock.now());
  EXPECT_FALSE(KeyRingVault(other_ring).open(sealed, committed->committed_at));
}

TEST(LotterySecrecy, ARetiredKeyStillOpensWhatItSealed) {
  FakeClock clock;
  crypto::MemoryKeyStore keys;
  crypto::KeyRing ring(keys, clock.now());
  KeyRingVault vault(ring);
  const Secrets secrets{.seed = digest(1), .salt_key = digest(2)};
  const Timestamp then = clock.now();
  const std::string sealed = vault.seal(secrets, then);
  ring.rotate(clock.now(), Millis(60'000));
  clock.advance(Millis(3'600'000));
  ASSERT_TRUE(vault.open(sealed, then));
  EXPECT_EQ(vault.open(sealed, then)->salt_key, digest(2));
}

}  // namespace
}  // namespace onsale::waitroom::lottery

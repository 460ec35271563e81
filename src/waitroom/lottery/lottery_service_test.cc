// A lottery's life: who may do what when, what is published when, and that dying anywhere loses,
// doubles and betrays nothing.
#include "waitroom/lottery/lottery_service.h"

#include <gtest/gtest.h>

#include "waitroom/lottery/lottery_client.h"
#include "waitroom/lottery/lottery_fakes.h"

namespace onsale::waitroom::lottery {
namespace {

const CryptoHashing kHashing;
const RoomId kRoom = *RoomId::parse("film-1");
const Timestamp kStart = *parse_rfc3339("2026-11-21T10:00:00Z");

Digest digest_of(std::string_view text) { return kHashing.sha256(text); }

// What outlives a process.
struct World {
  World() : clock(kStart), random(7) {
    rounds.round =
        DrandRound{.round = beacon().round, .signature = std::string(48, 's'), .randomness = {}};
  }
  // A round of a chain that began at kStart, 100 s in.
  static DrandBeacon beacon() {
    return {.chain = {.hash = std::string(64, 'a'),
                      .genesis_s = to_unix_ms(kStart) / 1000,
                      .period_s = 10},
            .round = 11};
  }
  std::unique_ptr<Lotteries> start() {
    auto fresh = std::make_unique<Lotteries>(
        Lotteries::Ports{clock, random, kHashing, store, vault, pool, rounds, worker});
    sync_wait(fresh->load());
    return fresh;
  }
  void join(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) pool.waiting.push_back(++last);
  }
  Sequence last = 0;
  FakeClock clock;
  SeededRandom random;
  FakeStore store;
  FakeVault vault;
  FakePool pool{kRoom};
  FakeRounds rounds;
  ImmediateWorker worker;
};

class LotteryService : public testing::Test {
 protected:
  Lotteries::Changed commit() { return sync_wait(lotteries_->commit(kRoom, "acc_boss")); }
  Lotteries::Changed close(Beacon beacon = World::beacon()) {
    return sync_wait(lotteries_->close(kRoom, std::move(beacon), "acc_boss"));
  }
  Lotteries::Changed draw(std::optional<Evidence> evidence) {
    return sync_wait(lotteries_->draw(kRoom, std::move(evidence), "acc_boss"));
  }
  Lotteries::Changed draw() { return draw(*world_.rounds.round); }
  Task<void> draw_into(OneShot<Lotteries::Changed> done) {
    std::optional<Evidence> evidence = *world_.rounds.round;
    auto drawn = co_await lotteries_->draw(kRoom, std::move(evidence), "acc_boss");
    done.set(std::move(drawn));
  }
  void restart() { lotteries_ = world_.start(); }
  Lottery now() { return *lotteries_->find(kRoom); }
  OwnEntry own(Sequence place) {
    return *sync_wait(lotteries_->mine(kRoom, std::to_string(place), {}));
  }

  World world_;
  std::unique_ptr<Lotteries> lotteries_ = world_.start();
};

TEST_F(LotteryService, LivesFromTheCommitmentToTheDraw) {
  EXPECT_EQ(now().state, State::none);
  const auto committed = commit();
  ASSERT_TRUE(committed);
  EXPECT_EQ(committed->state, State::committed);
  EXPECT_EQ(committed->number, 1);
  EXPECT_FALSE(committed->seed);
  world_.join(50);
  world_.clock.advance(Millis(30'000));
  const auto closed = close();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->count, 50U);
  EXPECT_FALSE(closed->seed);
  world_.join(5);  // too late
  world_.clock.advance(Millis(70'000));
  const auto drawn = draw();
  ASSERT_TRUE(drawn);
  EXPECT_EQ(drawn->state, State::drawn);
  EXPECT_EQ(kHashing.sha256(bytes_of(*drawn->seed)), committed->commitment);
  EXPECT_EQ(drawn->root, closed->root);
  EXPECT_EQ(drawn->value, kHashing.sha256(std::string(48, 's')));
  EXPECT_EQ(world_.store.told.size(), 3U);
  EXPECT_EQ(world_.store.told[2].who, "acc_boss");

  // The line is the ranks, and late joiners stand behind in the order they came.
  ASSERT_EQ(world_.pool.waiting.size(), 55U);
  for (std::size_t i = 50; i < 55; ++i) EXPECT_EQ(world_.pool.waiting[i], i + 1);
  const auto page = *sync_wait(lotteries_->entries(kRoom, 0, 1'000));
  ASSERT_EQ(page.entries.size(), 50U);
  const auto order = ranking(kHashing, *drawn->seed, drawn->value, page.entries);
  for (std::size_t rank = 0; rank < 50; ++rank) {
    EXPECT_EQ(world_.pool.waiting[rank], order[rank] + 1);
  }
}

TEST_F(LotteryService, EverybodyCanProveTheirPart) {
  commit();
  world_.join(40);
  const OwnEntry promised = own(7);
  EXPECT_EQ(promised.state, State::committed);
  EXPECT_FALSE(promised.proof);
  close();
  world_.join(1);
  const OwnEntry entered = own(7);
  EXPECT_EQ(entered.entry, promised.entry);
  EXPECT_EQ(entry_of(kHashing, entered.salt, kRoom, 7), entered.entry);
  ASSERT_TRUE(entered.proof);
  EXPECT_EQ(entered.proof->index, 6U);
  EXPECT_FALSE(entered.proof->rank);
  EXPECT_TRUE(included(kHashing, now().root, entered.entry, 6, 40, entered.proof->path));
  EXPECT_FALSE(own(41).proof);  // came after the close
  world_.clock.advance(Millis(200'000));
  draw();
  EXPECT_EQ(world_.pool.waiting[*own(7).proof->rank - 1], 7U);
  EXPECT_FALSE(own(41).proof);
  EXPECT_EQ(sync_wait(lotteries_->mine(kRoom, "", {})).error(), Refusal::place_invalid);
}

TEST_F(LotteryService, RepeatingACallChangesNothing) {
  const auto first = commit();
  EXPECT_EQ(commit(), *first);
  world_.join(10);
  const auto closed = close();
  world_.join(10);
  world_.clock.advance(Millis(200'000));
  EXPECT_EQ(close(), *closed);  // although the round is over by now
  const auto drawn = draw();
  EXPECT_EQ(draw(), *drawn);
  EXPECT_EQ(draw(std::nullopt), *drawn);
  EXPECT_EQ(world_.pool.draws.size(), 1U);
  EXPECT_EQ(world_.store.told.size(), 3U);
}

TEST_F(LotteryService, EveryRefusalHasItsName) {
  const auto why = [](const Lotteries::Changed& changed) { return changed.error().why; };
  const RoomId nowhere = *RoomId::parse("nowhere");
  EXPECT_EQ(why(sync_wait(lotteries_->commit(nowhere, "x"))), Refusal::room_not_found);
  EXPECT_EQ(lotteries_->find(nowhere).error(), Refusal::room_not_found);
  EXPECT_EQ(why(close()), Refusal::not_committed);
  EXPECT_EQ(why(draw()), Refusal::not_closed);
  world_.pool.open = false;
  EXPECT_EQ(why(commit()), Refusal::not_a_pool);
  world_.pool.open = true;
  world_.join(1);
  EXPECT_EQ(why(commit()), Refusal::joining_began);
  world_.pool.waiting.clear();
  commit();
  EXPECT_EQ(why(draw()), Refusal::not_closed);
  EXPECT_EQ(sync_wait(lotteries_->entries(kRoom, 0, 9)).error(), Refusal::not_closed);
  world_.join(3);
  DrandBeacon past = World::beacon();
  past.round = 1;
  EXPECT_EQ(why(close(past)), Refusal::round_not_future);
  EXPECT_EQ(now().state, State::committed);
  close();
  EXPECT_EQ(why(close(past)), Refusal::already_closed);
  EXPECT_EQ(why(commit()), Refusal::already_closed);
  EXPECT_EQ(why(draw()), Refusal::round_not_reached);
  EXPECT_EQ(why(draw(std::nullopt)), Refusal::round_not_reached);
  world_.clock.advance(Millis(200'000));
  EXPECT_EQ(why(draw(std::nullopt)), Refusal::beacon_unavailable);
  DrandRound other = *world_.rounds.round;
  other.round = 12;
  EXPECT_EQ(why(draw(other)), Refusal::wrong_evidence);
  EXPECT_EQ(why(draw(Reveals{})), Refusal::wrong_evidence);
  EXPECT_FALSE(now().seed);
  draw();
  other = *world_.rounds.round;
  other.signature[0] = 'x';
  EXPECT_EQ(why(draw(other)), Refusal::already_drawn);
}

TEST_F(LotteryService, PartiesDecideWhereThereIsNoNetwork) {
  commit();
  world_.join(20);
  PartiesBeacon beacon{.needed = 2, .commitments = {}};
  Reveals reveals;
  for (int i = 1; i <= 3; ++i) {
    const Digest value = digest_of("party " + std::to_string(i));
    reveals.push_back({.party = i, .value = value});
    beacon.commitments.push_back(kHashing.sha256(bytes_of(value)));
  }
  ASSERT_TRUE(close(beacon));
  EXPECT_EQ(draw(std::nullopt).error().why, Refusal::too_few_reveals);
  EXPECT_EQ(draw(Reveals{reveals[0]}).error().why, Refusal::too_few_reveals);
  const auto drawn = draw(Reveals{reveals[2], reveals[0]});
  ASSERT_TRUE(drawn);
  EXPECT_EQ(std::get<Reveals>(*drawn->evidence), (Reveals{reveals[0], reveals[2]}));
  EXPECT_EQ(draw(Reveals{reveals[0], reveals[2]}), *drawn);
  EXPECT_EQ(draw(Reveals{reveals[0], reveals[1]}).error().why, Refusal::already_drawn);
}

TEST_F(LotteryService, IsDrawnByItselfWhenTheRoundCanBeFetched) {
  commit();
  world_.join(20);
  close();
  world_.rounds.on = true;
  sync_wait(lotteries_->tick());
  EXPECT_EQ(world_.rounds.fetched, 0);  // not yet due
  world_.clock.advance(Millis(103'000));
  const auto round = std::exchange(world_.rounds.round, std::nullopt);
  sync_wait(lotteries_->tick());
  EXPECT_EQ(now().state, State::closed);  // not to be had
  world_.rounds.round = round;
  sync_wait(lotteries_->tick());
  EXPECT_EQ(world_.rounds.fetched, 1);  // asked a moment ago
  world_.clock.advance(Millis(10'000));
  sync_wait(lotteries_->tick());
  EXPECT_EQ(now().state, State::drawn);
  EXPECT_EQ(world_.rounds.fetched, 2);
  sync_wait(lotteries_->tick());
  EXPECT_EQ(world_.rounds.fetched, 2);
  EXPECT_EQ(world_.pool.draws.size(), 1U);
}

TEST_F(LotteryService, TwoDrawsAtOnceLineUpOnce) {
  commit();
  world_.join(10);
  close();
  world_.clock.advance(Millis(200'000));
  world_.pool.held.emplace();
  OneShot<Lotteries::Changed> first;
  start(draw_into(first), [](std::exception_ptr) {});
  sync_wait(lotteries_->tick());  // finds it drawn and not in force
  EXPECT_TRUE(draw());
  world_.pool.held->set(true);
  EXPECT_TRUE(sync_wait(first.wait()));
  sync_wait(lotteries_->tick());
  EXPECT_EQ(world_.pool.draws.size(), 1U);
}

TEST_F(LotteryService, ARoomMayHaveOneLotteryAfterTheOther) {
  const auto first = commit();
  world_.join(5);
  close();
  world_.clock.advance(Millis(200'000));
  draw();
  world_.pool.waiting.clear();
  const auto second = commit();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->number, 2);
  EXPECT_NE(second->commitment, first->commitment);
  EXPECT_FALSE(second->seed);
  restart();
  EXPECT_EQ(now(), *second);
}

TEST_F(LotteryService, AnEmptyPoolCanBeDrawn) {
  commit();
  ASSERT_TRUE(close());
  EXPECT_EQ(now().root, digest_of(""));
  world_.clock.advance(Millis(200'000));
  EXPECT_TRUE(draw());
  EXPECT_TRUE(sync_wait(lotteries_->entries(kRoom, 0, 9))->entries.empty());
}

TEST_F(LotteryService, EntriesComeInPages) {
  commit();
  world_.join(25);
  close();
  std::vector<Digest> all;
  for (std::uint64_t from = 0; from < 25; from += 10) {
    const auto page = *sync_wait(lotteries_->entries(kRoom, from, 10));
    EXPECT_EQ(page.first, from);
    EXPECT_EQ(page.count, 25U);
    all.insert(all.end(), page.entries.begin(), page.entries.end());
  }
  EXPECT_EQ(all.size(), 25U);
  EXPECT_EQ(Tree(kHashing, all).root(), now().root);
  EXPECT_TRUE(sync_wait(lotteries_->entries(kRoom, 26, 10))->entries.empty());
  EXPECT_EQ(sync_wait(lotteries_->entries(kRoom, 0, ~0ULL))->entries.size(), 25U);
}

TEST_F(LotteryService, WithoutItsKeyNothingIsDrawnAndNothingInvented) {
  commit();
  world_.join(5);
  close();
  world_.clock.advance(Millis(200'000));
  world_.vault.lost = true;
  EXPECT_THROW(draw(), std::runtime_error);
  EXPECT_EQ(now().state, State::closed);
}

// The process dies before or after each thing that becomes durable, at every point there is; the
// operator repeats what got no answer. Everything promised before holds after.
class LotteryCrash : public testing::TestWithParam<bool> {};

TEST_P(LotteryCrash, AnywhereIsHarmless) {
  int points = 0;
  for (int at = 1; at <= 5; ++at) {
    World world;
    // Four things in the store; the fifth is the room's own.
    if (at < 5) world.store.fate = {.at = at, .after = GetParam()};
    if (at == 5) world.pool.fate = {.at = 1, .after = GetParam()};
    auto lotteries = world.start();
    const auto insist = [&](auto call) {
      try {
        return *sync_wait(call(*lotteries));
      } catch (const Killed&) {
        ++points;
        lotteries = world.start();
        return *sync_wait(call(*lotteries));
      }
    };
    const Lottery committed = insist([](Lotteries& l) { return l.commit(kRoom, "acc_boss"); });
    world.join(30);
    const Lottery closed =
        insist([](Lotteries& l) { return l.close(kRoom, World::beacon(), "acc_boss"); });
    world.join(3);
    world.clock.advance(Millis(200'000));
    std::optional<Evidence> evidence = *world.rounds.round;
    const Lottery drawn = insist([&](Lotteries& l) { return l.draw(kRoom, evidence, "acc_boss"); });
    EXPECT_EQ(world.store.told.size(), 3U) << "each step is told, at point " << at;
    EXPECT_EQ(closed.commitment, committed.commitment);
    EXPECT_EQ(closed.count, 30U);
    EXPECT_EQ(drawn.root, closed.root);
    EXPECT_EQ(kHashing.sha256(bytes_of(*drawn.seed)), committed.commitment);
    const auto page = *sync_wait(lotteries->entries(kRoom, 0, 100));
    EXPECT_EQ(Tree(kHashing, page.entries).root(), closed.root);
    const auto order = ranking(kHashing, *drawn.seed, drawn.value, page.entries);
    ASSERT_EQ(world.pool.waiting.size(), 33U);
    for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(world.pool.waiting[i], order[i] + 1);
    for (std::size_t i = 30; i < 33; ++i) EXPECT_EQ(world.pool.waiting[i], i + 1);
    lotteries = world.start();
    EXPECT_EQ(*lotteries->find(kRoom), drawn);
  }
  EXPECT_EQ(points, 5);
}

INSTANTIATE_TEST_SUITE_P(BeforeAndAfter, LotteryCrash, testing::Bool());

TEST_F(LotteryService, OneThatCantBeLinedUpDoesNotKeepTheServerFromStarting) {
  commit();
  world_.join(3);
  close();
  world_.clock.advance(Millis(200'000));
  world_.pool.fate = {.at = 1};
  EXPECT_THROW(draw(), Killed);
  EXPECT_EQ(sync_wait(lotteries_->abandon(kRoom, "acc_boss")).error().why, Refusal::already_drawn)
      << "it is put in force by itself";
  world_.vault.lost = true;
  restart();
  EXPECT_EQ(now().state, State::drawn);
  const auto given_up = sync_wait(lotteries_->abandon(kRoom, "acc_boss"));
  ASSERT_TRUE(given_up);
  EXPECT_EQ(now().state, State::abandoned);
  EXPECT_EQ(sync_wait(lotteries_->entries(kRoom, 0, 9)).error(), Refusal::abandoned);
  EXPECT_EQ(own(1).state, State::abandoned);
  restart();
  EXPECT_EQ(now().state, State::abandoned);
}

TEST_F(LotteryService, AbandonedAnywhereItIsOverForGood) {
  for (const bool closed : {false, true}) {
    world_.pool.waiting.clear();
    ASSERT_TRUE(commit());
    world_.join(3);
    if (closed) {
      ASSERT_TRUE(close());
    }
    ASSERT_TRUE(sync_wait(lotteries_->abandon(kRoom, "acc_boss")));
    EXPECT_EQ(close().error().why, Refusal::abandoned);
    EXPECT_EQ(draw().error().why, Refusal::abandoned);
    EXPECT_TRUE(world_.pool.draws.empty());
  }
  world_.pool.waiting.clear();
  EXPECT_EQ(commit()->number, 3);
}

TEST_F(LotteryService, ADrawThatWasCutShortIsFinishedByTheNextStart) {
  commit();
  world_.join(30);
  close();
  world_.clock.advance(Millis(200'000));
  world_.pool.fate = {.at = 1};
  EXPECT_THROW(draw(), Killed);
  const auto before = world_.pool.waiting;
  restart();
  EXPECT_NE(world_.pool.waiting, before);
  EXPECT_EQ(now().state, State::drawn);
  EXPECT_EQ(world_.pool.waiting[*own(3).proof->rank - 1], 3U);
}

}  // namespace
}  // namespace onsale::waitroom::lottery

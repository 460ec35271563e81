// The lottery with the real rooms: from the settings to the positions people see, and through a
// death at each point.
#include "waitroom/lottery/lottery_pool.h"

#include <gtest/gtest.h>

#include "waitroom/lottery/lottery_client.h"
#include "waitroom/lottery/lottery_fakes.h"
#include "waitroom/lottery/lottery_service.h"
#include "waitroom/room/fakes.h"

namespace onsale::waitroom::lottery {
namespace {

const CryptoHashing kHashing;
const RoomId kRoom = *RoomId::parse("film-1");
constexpr std::string_view kWho = "acc_boss";

DeviceKey device(std::uint64_t number) {
  DeviceKey key{};
  std::memcpy(key.data(), &number, sizeof number);
  return key;
}

// One life of the process on a disk that stays.
struct Life {
  Life(FakeJournal& disk, FakeStore& store, FakeClock& clock, SeededRandom& random)
      : journal(disk),
        host({clock, random, journal, signer, announcer, audit}),
        pool(host),
        lotteries({clock, random, kHashing, store, vault, pool, rounds, worker}) {
    sync_wait(host.load());
    sync_wait(lotteries.load());
  }
  LifeJournal journal;
  FakeSigner signer;
  FakeAnnouncer announcer;
  FakeAuditLog audit;
  Host host;
  HostPool pool;
  FakeVault vault;
  FakeRounds rounds;
  ImmediateWorker worker;
  Lotteries lotteries;
};

class LotteryRoom : public testing::Test {
 protected:
  LotteryRoom() {
    Settings settings{.mode = Mode::prequeue, .capacity = 10, .admit_per_minute = 600};
    settings.lottery = true;
    sync_wait(life_->host.declare_room(kRoom, "A film", settings));
  }
  std::string join(std::uint64_t number) {
    auto place = sync_wait(life_->host.join(kRoom, device(number)));
    EXPECT_TRUE(place);
    return place->token;
  }
  PlaceView look(const std::string& token) {
    return *life_->host.look(kRoom, {.token = token, .device = {}}, clock_.now());
  }
  void draw() {
    clock_.advance(Millis(100'000));
    const Evidence round =
        DrandRound{.round = 11, .signature = std::string(48, 's'), .randomness = {}};
    ASSERT_TRUE(sync_wait(life_->lotteries.draw(kRoom, round, std::string(kWho))));
  }
  void commit() { ASSERT_TRUE(sync_wait(life_->lotteries.commit(kRoom, std::string(kWho)))); }
  void close() {
    const DrandBeacon beacon{.chain = {.hash = std::string(64, 'a'),
                                       .genesis_s = to_unix_ms(clock_.now()) / 1000,
                                       .period_s = 5},
                             .round = 11,
                             .url = {}};
    ASSERT_TRUE(sync_wait(life_->lotteries.close(kRoom, beacon, std::string(kWho))));
  }
  // No lottery after all: the line opens in the order of joining. Nobody is served yet.
  void change_mind() {
    SettingsPatch off{.capacity = 0};
    off.lottery = false;
    SettingsPatch open{.mode = Mode::queue};
    ASSERT_TRUE(sync_wait(life_->host.configure(kRoom, off, std::string(kWho))));
    ASSERT_TRUE(sync_wait(life_->host.configure(kRoom, open, std::string(kWho))));
  }
  std::uint64_t rank(const std::string& token) {
    const auto own = sync_wait(life_->lotteries.mine(kRoom, token, {}));
    return own && own->proof && own->proof->rank ? *own->proof->rank : 0;
  }
  void restart() {
    life_->journal.die();
    life_ = std::make_unique<Life>(disk_, store_, clock_, random_);
  }

  FakeClock clock_;
  SeededRandom random_{11};
  FakeJournal disk_;
  FakeStore store_;
  std::unique_ptr<Life> life_ = std::make_unique<Life>(disk_, store_, clock_, random_);
};

TEST_F(LotteryRoom, PositionsComeWithTheDrawAndAreTheRanks) {
  commit();
  std::vector<std::string> tokens;
  for (std::uint64_t i = 0; i < 40; ++i) tokens.push_back(join(i));
  for (const std::string& token : tokens) EXPECT_EQ(look(token).position, 0);
  close();
  tokens.push_back(join(100));
  tokens.push_back(join(101));
  draw();
  std::set<std::int64_t> seen;
  std::size_t moved = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    const PlaceView view = look(tokens[i]);
    EXPECT_EQ(view.position, static_cast<std::int64_t>(rank(tokens[i])));
    EXPECT_TRUE(seen.insert(view.position).second);
    moved += view.position != static_cast<std::int64_t>(i + 1);
  }
  EXPECT_GT(moved, 20U);
  EXPECT_EQ(look(tokens[40]).position, 41);
  EXPECT_EQ(look(tokens[41]).position, 42);
  EXPECT_EQ(rank(tokens[40]), 0U);
}

TEST_F(LotteryRoom, WhoLeavesBetweenCloseAndDrawIsPassedOver) {
  commit();
  std::vector<std::string> tokens;
  for (std::uint64_t i = 0; i < 20; ++i) tokens.push_back(join(i));
  close();
  ASSERT_TRUE(sync_wait(life_->host.leave(kRoom, tokens[3], {})));
  draw();
  const auto gone = static_cast<std::int64_t>(rank(tokens[3]));
  EXPECT_GT(gone, 0);
  for (std::size_t i = 0; i < 20; ++i) {
    if (i == 3) continue;
    const auto mine = static_cast<std::int64_t>(rank(tokens[i]));
    EXPECT_EQ(look(tokens[i]).position, mine - (mine > gone ? 1 : 0));
  }
}

TEST_F(LotteryRoom, ADeathAnywhereLeavesTheSameDrawAndTheSameLine) {
  commit();
  restart();
  std::vector<std::string> tokens;
  for (std::uint64_t i = 0; i < 30; ++i) tokens.push_back(join(i));
  restart();
  close();
  restart();
  tokens.push_back(join(100));
  // It dies when the outcome is durable but the line is not: the next start lines people up.
  store_.fate = {.at = 1, .after = true};
  clock_.advance(Millis(100'000));
  const Evidence round =
      DrandRound{.round = 11, .signature = std::string(48, 's'), .randomness = {}};
  EXPECT_THROW(sync_wait(life_->lotteries.draw(kRoom, round, std::string(kWho))), Killed);
  restart();
  std::map<std::string, std::int64_t> positions;
  for (std::size_t i = 0; i < 30; ++i) {
    positions[tokens[i]] = look(tokens[i]).position;
    EXPECT_EQ(positions[tokens[i]], static_cast<std::int64_t>(rank(tokens[i])));
  }
  EXPECT_EQ(look(tokens[30]).position, 31);
  restart();
  for (const auto& [token, position] : positions) EXPECT_EQ(look(token).position, position);
}

TEST_F(LotteryRoom, TheSeedCanBeCommittedToWhileTheRoomIsClosed) {
  SettingsPatch closed;
  closed.mode = Mode::closed;
  ASSERT_TRUE(sync_wait(life_->host.configure(kRoom, closed, std::string(kWho))));
  commit();
  SettingsPatch prequeue;
  prequeue.mode = Mode::prequeue;
  ASSERT_TRUE(sync_wait(life_->host.configure(kRoom, prequeue, std::string(kWho))));
  join(1);
  close();
  draw();
  SettingsPatch queue;
  queue.mode = Mode::queue;
  EXPECT_TRUE(sync_wait(life_->host.configure(kRoom, queue, std::string(kWho))));
  EXPECT_EQ(sync_wait(life_->lotteries.commit(kRoom, std::string(kWho))).error().why,
            Refusal::not_a_pool);
}

TEST_F(LotteryRoom, SwitchedOffAfterTheCloseItIsAbandonedAndMovesNobody) {
  for (const bool by_itself : {false, true}) {
    commit();
    std::vector<std::string> tokens;
    for (std::uint64_t i = 0; i < 8; ++i) tokens.push_back(join(i));
    close();
    change_mind();
    const auto stand = [&] {
      for (std::size_t i = 0; i < 8; ++i) {
        EXPECT_EQ(look(tokens[i]).position, static_cast<std::int64_t>(i + 1));
      }
    };
    stand();
    clock_.advance(Millis(100'000));
    const DrandRound round{.round = 11, .signature = std::string(48, 's'), .randomness = {}};
    if (by_itself) {
      life_->rounds.on = true;
      life_->rounds.round = round;
      sync_wait(life_->lotteries.tick());
    } else {
      EXPECT_FALSE(sync_wait(life_->lotteries.draw(kRoom, Evidence(round), std::string(kWho))));
      stand();
      sync_wait(life_->lotteries.tick());
    }
    stand();
    const Lottery now = *life_->lotteries.find(kRoom);
    EXPECT_EQ(now.state, State::abandoned);
    EXPECT_FALSE(now.seed) << "nothing is told of a draw that never was";
    EXPECT_EQ(store_.told.back().changes[0].after, "abandoned");
    for (const std::string& token : tokens) {
      ASSERT_TRUE(sync_wait(life_->host.leave(kRoom, token, {})));
    }
    SettingsPatch again{.mode = Mode::prequeue, .capacity = 10};
    again.lottery = true;
    SettingsPatch closed{.mode = Mode::closed};
    ASSERT_TRUE(sync_wait(life_->host.configure(kRoom, closed, std::string(kWho))));
    ASSERT_TRUE(sync_wait(life_->host.configure(kRoom, again, std::string(kWho))));
  }
}

TEST_F(LotteryRoom, DecidedButNotInForceWhenItIsSwitchedOffItMovesNobody) {
  commit();
  std::vector<std::string> tokens;
  for (std::uint64_t i = 0; i < 8; ++i) tokens.push_back(join(i));
  close();
  store_.fate = {.at = 1, .after = true};
  clock_.advance(Millis(100'000));
  const Evidence round =
      DrandRound{.round = 11, .signature = std::string(48, 's'), .randomness = {}};
  EXPECT_THROW(sync_wait(life_->lotteries.draw(kRoom, round, std::string(kWho))), Killed);
  change_mind();
  restart();
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(look(tokens[i]).position, static_cast<std::int64_t>(i + 1));
  }
  EXPECT_EQ(life_->lotteries.find(kRoom)->state, State::abandoned);
}

TEST_F(LotteryRoom, RanksAreToldToEntrantsAndAreThePublishedOnes) {
  commit();
  std::vector<std::string> tokens;
  for (std::uint64_t i = 0; i < 20; ++i) tokens.push_back(join(i));
  close();
  tokens.push_back(join(100));
  for (const std::size_t gone : {3U, 11U}) {
    ASSERT_TRUE(sync_wait(life_->host.leave(kRoom, tokens[gone], {})));
  }
  draw();
  const auto told = [&] {
    for (std::size_t i = 0; i < 20; ++i) {
      if (i == 3 || i == 11) continue;
      EXPECT_EQ(look(tokens[i]).draw_rank, static_cast<std::int64_t>(rank(tokens[i])));
      EXPECT_EQ(look(tokens[i]).draw_count, 20);
    }
    EXPECT_EQ(look(tokens[20]).draw_rank, 0) << "came after the close";
  };
  told();
  restart();
  told();
  life_->host.want_snapshot(kRoom);
  sync_wait(life_->host.compact());
  restart();
  told();
}

TEST_F(LotteryRoom, WhoseBeaconNeverComesIsAbandonedAndTheRoomOpens) {
  commit();
  const std::string token = join(1);
  close();
  const auto given_up = sync_wait(life_->lotteries.abandon(kRoom, std::string(kWho)));
  ASSERT_TRUE(given_up);
  EXPECT_EQ(given_up->state, State::abandoned);
  EXPECT_EQ(store_.told.back().who, kWho);
  EXPECT_TRUE(sync_wait(life_->lotteries.abandon(kRoom, std::string(kWho))));
  restart();
  EXPECT_EQ(life_->lotteries.find(kRoom)->state, State::abandoned);
  const auto own = sync_wait(life_->lotteries.mine(kRoom, token, {}));
  EXPECT_TRUE(own && !own->proof);
  change_mind();
  EXPECT_EQ(look(token).position, 1);
}

TEST_F(LotteryRoom, ADrawnOneIsNotAbandoned) {
  commit();
  join(1);
  close();
  draw();
  EXPECT_EQ(sync_wait(life_->lotteries.abandon(kRoom, std::string(kWho))).error().why,
            Refusal::already_drawn);
}

TEST_F(LotteryRoom, NobodyIsAdmittedBeforeTheDraw) {
  commit();
  const std::string token = join(1);
  clock_.advance(Millis(60'000));
  SettingsPatch open;
  open.mode = Mode::queue;
  (void)sync_wait(life_->host.configure(kRoom, open, std::string(kWho)));
  life_->host.tick();
  EXPECT_NE(look(token).state, PlaceState::admitted);
}

}  // namespace
}  // namespace onsale::waitroom::lottery

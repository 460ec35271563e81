// What every InviteBook promises, on the fake, on SQLite and on MariaDB.
#include "waitroom/join/proof_store.h"

#include <gtest/gtest.h>

#include "platform/json/json.h"
#include "tests/contract/databases.h"
#include "waitroom/join/proof_fakes.h"

namespace onsale::waitroom {
namespace {

enum class Kind { fake, sqlite, mysql };

DeviceKey device(std::uint8_t first) {
  DeviceKey key{};
  key[0] = first;
  return key;
}

class InviteBookContract : public testing::TestWithParam<Kind> {
 protected:
  InviteBookContract() {
    if (GetParam() == Kind::fake) {
      book_ = std::make_unique<FakeInviteBook>();
      return;
    }
    database_ = testing_support::fresh_database(GetParam() == Kind::sqlite ? sql::Dialect::sqlite
                                                                           : sql::Dialect::mysql);
    book_ = make_sql_invite_book(*database_);
  }
  std::optional<InviteBatch> add(std::int64_t count, LaneId lane = 1,
                                 std::optional<Timestamp> expires_at = {}) {
    return sync_wait(book_->add(room_, 7,
                                {.count = count,
                                 .lane = lane,
                                 .expires_at = expires_at,
                                 .made_by = "acc_boss",
                                 .made_at = now_},
                                tell_));
  }
  // The first number of each batch that was told of.
  std::vector<std::string> told() {
    std::vector<std::string> firsts;
    if (!database_) {
      for (const RoomChanged& one : static_cast<FakeInviteBook&>(*book_).told) {
        firsts.push_back(one.changes.at(0).after);
      }
      return firsts;
    }
    const auto rows = sync_wait(database_->read([](sql::Tx& tx) {
      return tx.query<std::string, std::string>(
          "SELECT topic, body FROM platform_outbox ORDER BY sequence");
    }));
    for (const auto& [topic, body] : rows) {
      EXPECT_EQ(topic, kChangedTopic);
      firsts.push_back(json::read<RoomChanged>(body)->changes.at(0).after);
    }
    return firsts;
  }
  InviteUse use(std::int64_t number, std::uint8_t by, std::uint32_t epoch = 7) {
    return sync_wait(book_->use(room_, epoch, number, device(by), now_));
  }
  std::vector<InviteBatch> batches() { return sync_wait(book_->batches(room_, 7)); }

  const RoomId room_ = *RoomId::parse("film-1");
  const Timestamp now_ = from_unix_ms(1'800'000'000'123);
  const TellInvites tell_ = [](const InviteBatch& made) {
    return RoomChanged{.room = "film-1",
                       .who = made.made_by,
                       .at = made.made_at,
                       .changes = {{"invites", "", std::to_string(made.first)}}};
  };
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<InviteBook> book_;
};

TEST_P(InviteBookContract, NumbersRiseWithoutGaps) {
  EXPECT_EQ(add(3)->first, 1);
  EXPECT_EQ(add(1'000'000, 2, now_ + Millis(1))->first, 4);
  EXPECT_EQ(add(1)->first, 1'000'004);
  const auto all = batches();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].first, 4);
  EXPECT_EQ(all[1].count, 1'000'000);
  EXPECT_EQ(all[1].lane, 2);
  EXPECT_EQ(all[1].expires_at, now_ + Millis(1));
  EXPECT_EQ(all[1].made_by, "acc_boss");
  EXPECT_EQ(all[1].made_at, now_);
  EXPECT_EQ(all[0].expires_at, std::nullopt);
  EXPECT_EQ(told(), (std::vector<std::string>{"1", "4", "1000004"})) << "each with its numbers";
}

TEST_P(InviteBookContract, ARoomHasOnlySoMany) {
  EXPECT_TRUE(add(kInvitesPerRoom).has_value());
  EXPECT_FALSE(add(1).has_value());
  EXPECT_EQ(batches().size(), 1U);
  EXPECT_EQ(told(), std::vector<std::string>{"1"});
}

TEST_P(InviteBookContract, ANumberBelongsToTheFirstWhoUsesIt) {
  add(2);
  EXPECT_EQ(use(1, 1), InviteUse::taken);
  EXPECT_EQ(use(1, 1), InviteUse::ours_already);
  EXPECT_EQ(use(1, 2), InviteUse::used_by_another);
  EXPECT_EQ(use(2, 2), InviteUse::taken);
  EXPECT_EQ(use(1, 2, 8), InviteUse::taken);  // of an older room of that name
  EXPECT_EQ(batches().at(0).used, 2);
}

TEST_P(InviteBookContract, RoomsAndEpochsHaveBooksOfTheirOwn) {
  add(5);
  EXPECT_TRUE(sync_wait(book_->batches(room_, 8)).empty());
  EXPECT_TRUE(sync_wait(book_->batches(*RoomId::parse("film-2"), 7)).empty());
}

std::string kind_name(const testing::TestParamInfo<Kind>& info) {
  constexpr std::array<std::string_view, 3> kNames{"fake", "sqlite", "mysql"};
  return std::string(kNames[static_cast<std::size_t>(info.param)]);
}
INSTANTIATE_TEST_SUITE_P(, InviteBookContract,
                         testing::Values(Kind::fake, Kind::sqlite, Kind::mysql), kind_name);

class InviteBookOnTables : public testing::TestWithParam<sql::Dialect> {};

// Two who use one invite at the same moment, and two operators who make some: one each.
TEST_P(InviteBookOnTables, OnlyOneWinsAtTheSameMoment) {
  const auto database = testing_support::fresh_database(GetParam());
  const auto book = make_sql_invite_book(*database);
  const RoomId room = *RoomId::parse("film-1");
  std::atomic<int> taken{0};
  std::mutex mutex;
  std::set<std::int64_t> firsts;
  std::vector<std::thread> crowd;
  for (std::uint8_t who = 1; who <= 8; ++who) {
    crowd.emplace_back([&, who] {
      const auto outcome = sync_wait(book->use(room, 1, 1, device(who), from_unix_ms(1)));
      if (outcome == InviteUse::taken) ++taken;
      const TellInvites tell = [](const InviteBatch& batch) {
        return RoomChanged{.room = std::to_string(batch.first)};
      };
      const auto made = sync_wait(book->add(room, 1, {.count = 2, .made_by = "acc_boss"}, tell));
      std::lock_guard lock(mutex);
      firsts.insert(made->first);
    });
  }
  for (auto& one : crowd) one.join();
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(firsts, (std::set<std::int64_t>{1, 3, 5, 7, 9, 11, 13, 15}));
  // Whoever had to try again is told of once, by the numbers they got.
  std::set<std::string> told;
  for (const auto& [body] : sync_wait(database->read([](sql::Tx& tx) {
         return tx.query<std::string>("SELECT body FROM platform_outbox");
       }))) {
    EXPECT_TRUE(told.insert(json::read<RoomChanged>(body)->room).second);
  }
  EXPECT_EQ(told, (std::set<std::string>{"1", "3", "5", "7", "9", "11", "13", "15"}));
}
ONSALE_ON_BOTH_DIALECTS(InviteBookOnTables);

}  // namespace
}  // namespace onsale::waitroom

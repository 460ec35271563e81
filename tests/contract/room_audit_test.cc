// What is done to a room beside its settings is in the audit log once, whatever stops in between.
#include <gtest/gtest.h>

#include <thread>

#include "app/bridges/bridges.h"
#include "base/fakes.h"
#include "ops/sql_store.h"
#include "platform/json/json.h"
#include "platform/sql/outbox.h"
#include "tests/contract/databases.h"
#include "waitroom/events.h"
#include "waitroom/join/invite.h"
#include "waitroom/join/proof_store.h"
#include "waitroom/lottery/lottery_store.h"

namespace onsale {
namespace {

class RoomAuditEntries : public testing::TestWithParam<sql::Dialect> {
 protected:
  waitroom::RoomChanged step(std::string after) {
    const Timestamp at = from_unix_ms(1'800'000'000'000);
    return {.id = waitroom::ChangeId::make(at, random_),
            .room = "film-1",
            .who = "acc_boss",
            .at = at,
            .changes = {{"lottery", "", std::move(after)}}};
  }
  void make_invites() {
    const auto book = waitroom::make_sql_invite_book(*database_);
    waitroom::RoomView room{.id = room_, .name = "A film", .epoch = 3};
    room.settings.mode = waitroom::Mode::prequeue;
    room.settings.lanes = {{.name = "fans"}};
    waitroom::InviteOrder order{.count = 5, .lane = "fans", .made_by = "acc_boss"};
    order.change = step("").id;
    const auto made = sync_wait(
        waitroom::make_invites(*book, room, std::move(order), from_unix_ms(1'800'000'000'000)));
    ASSERT_TRUE(made.has_value());
  }
  // A life of the server: what was told is brought, until nothing is left.
  void live() {
    sql::Outbox outbox(*database_);
    outbox.subscribe("audit", std::string(waitroom::kChangedTopic), [this](sql::Event event) {
      return app::audit_room(log_, *json::read<waitroom::RoomChanged>(event.json));
    });
    outbox.start();
    for (int i = 0; i < 500 && (i == 0 || outbox.statistics().pending > 0); ++i) {
      std::this_thread::sleep_for(Millis(20));
    }
    outbox.stop();
  }
  std::string entries() {
    std::string text;
    for (const ops::AuditEntry& entry : sync_wait(log_.newest({.subject = "film-1"}, 100, {}))) {
      text += entry.who + " " + entry.action + " " + entry.after + "\n";
    }
    return text;
  }

  const waitroom::RoomId room_ = *waitroom::RoomId::parse("film-1");
  std::unique_ptr<sql::Database> database_ = testing_support::fresh_database(GetParam());
  ops::SqlAuditLog log_{*database_};
  SeededRandom random_{5};
};
ONSALE_ON_BOTH_DIALECTS(RoomAuditEntries);

TEST_P(RoomAuditEntries, AKillAfterTheInvitesWereMadeLosesNothing) {
  make_invites();
  EXPECT_EQ(entries(), "") << "the server is killed here";
  live();
  const std::string once = "acc_boss room.configured {\"invites\":\"lane fans, numbers 1-5\"}\n";
  EXPECT_EQ(entries(), once);
  live();
  EXPECT_EQ(entries(), once);
}

TEST_P(RoomAuditEntries, AKillAfterALotterysStepLosesNothing) {
  const auto store = waitroom::lottery::make_sql_store(*database_);
  waitroom::lottery::Stored fresh{
      .lottery = {.room = room_, .number = 1, .state = waitroom::lottery::State::committed}};
  EXPECT_TRUE(sync_wait(store->commit(fresh, step("committed"))));
  EXPECT_FALSE(sync_wait(store->commit(fresh, step("committed"))));
  EXPECT_TRUE(
      sync_wait(store->abandon(room_, 1, waitroom::lottery::State::committed, step("abandoned"))));
  EXPECT_EQ(entries(), "") << "the server is killed here";
  live();
  const std::string all = entries();
  EXPECT_EQ(std::ranges::count(all, '\n'), 2) << all;
  EXPECT_NE(all.find("acc_boss room.configured {\"lottery\":\"committed\"}"), all.npos) << all;
  EXPECT_NE(all.find("acc_boss room.configured {\"lottery\":\"abandoned\"}"), all.npos) << all;
}

// Brought again at every later moment, and by two at once.
TEST_P(RoomAuditEntries, AnEventThatIsBroughtAgainIsOneEntry) {
  const waitroom::RoomChanged first = step("committed");
  sync_wait(app::audit_room(log_, first));
  sync_wait(app::audit_room(log_, step("closed")));
  std::vector<std::jthread> crowd;
  for (int i = 0; i < 4; ++i) {
    crowd.emplace_back([&] { sync_wait(app::audit_room(log_, first)); });
  }
  crowd.clear();
  const std::string all = entries();
  EXPECT_EQ(std::ranges::count(all, '\n'), 2) << all;
}

}  // namespace
}  // namespace onsale
